"""How a slot is configured, for checks that compare it with what was designed: its group's launch template (image,
instance type), sizes and zones, and the parameters of the stack that it came from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bluegreen.aws.environments import groups, launches
from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.environments.stacks import stack_of
from bluegreen.aws.session import Api


def built(api: Api, facts: PlaceFacts | None) -> Mapping[str, str]:
    """By names that the check `config` knows; empty while there is no group. Raises OperatingError."""
    group = groups.find(api, facts.group) if facts is not None else None
    if group is None:
        return {}
    given = stack_of(api, group).get("Parameters", ())
    parameters = {f"parameter {each['ParameterKey']}": str(each.get("ParameterValue", "")) for each in given}
    return {**_sizes(group), **_launches(api, group), **parameters}


def _sizes(group: dict[str, Any]) -> dict[str, str]:
    serving = {str(each["AvailabilityZone"]) for each in group.get("Instances", ()) if groups.in_service(each)}
    return {
        "minimum": str(groups.minimum(group)),
        "maximum": str(group["MaxSize"]),
        "health check": str(group["HealthCheckType"]),
        "zones": str(len(group["AvailabilityZones"])),
        "zones in service": str(len(serving)),
    }


def _launches(api: Api, group: dict[str, Any]) -> dict[str, str]:
    if "LaunchConfigurationName" in group:
        return {"launch configuration": str(group["LaunchConfigurationName"])}
    version = launches.version_of(api, group)
    data = version["LaunchTemplateData"]
    found = {
        "launch template": version.get("LaunchTemplateName"),
        "image": data.get("ImageId"),
        "instance type": data.get("InstanceType"),
    }
    return {name: str(value) for name, value in found.items() if value}
