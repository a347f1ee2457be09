"""A clone's Auto Scaling group: the live one's settings, hooks and target tracking, on its own balancer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments import groups, launches
from bluegreen.aws.environments.base import Stamp
from bluegreen.aws.environments.launches import Spec
from bluegreen.aws.session import Api
from bluegreen.errors import Busy, Refused

SETTINGS = (
    "CapacityRebalance",
    "CapacityReservationSpecification",
    "DefaultCooldown",
    "DefaultInstanceWarmup",
    "DesiredCapacityType",
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "HealthCheckGracePeriod",
    "HealthCheckType",
    "InstanceMaintenancePolicy",
    "MaxInstanceLifetime",
    "NewInstancesProtectedFromScaleIn",
    "PlacementGroup",
    "ServiceLinkedRoleARN",
    "TerminationPolicies",
    "VPCZoneIdentifier",
)
HOOK = (
    "DefaultResult",
    "HeartbeatTimeout",
    "LifecycleHookName",
    "LifecycleTransition",
    "NotificationMetadata",
    "NotificationTargetARN",
    "RoleARN",
)
POLICY = ("EstimatedInstanceWarmup", "Enabled", "PolicyName", "PolicyType", "TargetTrackingConfiguration")
UNCOPIED = ("SimpleScaling", "StepScaling")
"""Kinds of policies that do nothing without alarms of their own, which a clone does not copy."""
NOT_YET = re.compile(
    r"^(?!.*image id).*(launch template|target group|load balancer).*(not exist|not found|not be valid)", re.IGNORECASE
)
"""How CreateAutoScalingGroup (a ValidationError) says that it has not heard yet of what was made a moment ago."""
PER_TARGET = "ALBRequestCountPerTarget"


def create(api: Api, live: dict[str, Any], spec: Spec, stamp: Stamp, balancer: Balancer) -> None:
    """The group, with one call: it exists whole or not at all. It starts at the live group's minimum, at least one."""
    minimum = groups.minimum(live)
    wanted = {
        "AutoScalingGroupName": stamp.name,
        "MinSize": minimum,
        "MaxSize": max(1, live["MaxSize"]),
        "DesiredCapacity": max(1, minimum),
        "Tags": _tags(live, stamp),
        **launches.for_group(live, spec),
        **_behind(balancer),
        **_settings(live),
        **_hooks(api, live),
    }
    try:
        api.call("autoscaling", "create_auto_scaling_group", **wanted)
    except Refused as refused:
        if NOT_YET.search(str(refused)):
            raise Busy(str(refused)) from refused
        raise


def ensure_policies(api: Api, live: Mapping[str, Any], name: str, balancer: Balancer) -> None:
    """Give the clone those target-tracking policies of the live group that it does not have yet."""
    for policy in missing_policies(api, str(live["AutoScalingGroupName"]), name):
        wanted = {key: policy[key] for key in POLICY if key in policy}
        wanted["TargetTrackingConfiguration"] = _tracking(policy["TargetTrackingConfiguration"], balancer)
        api.call("autoscaling", "put_scaling_policy", AutoScalingGroupName=name, **wanted)


def problems(api: Api, live: str) -> list[str]:
    """What cannot be copied, as sentences: the clone would serve everybody and no longer grow with the load."""
    lost = [policy["PolicyName"] for policy in _policies(api, live) if policy["PolicyType"] in UNCOPIED]
    if not lost:
        return []
    return [
        f"candidate.clone: the scaling policies {', '.join(sorted(lost))} of {live} depend on alarms, which a clone"
        " does not copy; use target tracking, or give candidate.template"
    ]


def missing_policies(api: Api, live: str, name: str) -> list[dict[str, Any]]:
    """Target-tracking policies that the live group has and the clone has not."""
    wanted = [policy for policy in _policies(api, live) if policy["PolicyType"] == "TargetTrackingScaling"]
    if not wanted:
        return []
    there = {policy["PolicyName"] for policy in _policies(api, name)}
    return [policy for policy in wanted if policy["PolicyName"] not in there]


def _policies(api: Api, group: str) -> list[dict[str, Any]]:
    return api.collect("autoscaling", "describe_policies", "ScalingPolicies", AutoScalingGroupName=group)


def _tracking(configuration: dict[str, Any], balancer: Balancer) -> dict[str, Any]:
    """The same target, measured on the clone's own balancer where the metric names one."""
    metric = configuration.get("PredefinedMetricSpecification", {})
    if metric.get("PredefinedMetricType") != PER_TARGET or not balancer.target_groups:
        return configuration
    label = "/".join(
        (dict(balancer.dimensions)["LoadBalancer"], dict(balancer.target_group_dimensions[0])["TargetGroup"])
    )
    return {**configuration, "PredefinedMetricSpecification": {**metric, "ResourceLabel": label}}


def _behind(balancer: Balancer) -> dict[str, Any]:
    if balancer.kind == "classic":
        return {"LoadBalancerNames": [balancer.name]}
    return {"TargetGroupARNs": list(balancer.target_groups)} if balancer.target_groups else {}


def _settings(live: dict[str, Any]) -> dict[str, Any]:
    settings = {key: live[key] for key in SETTINGS if live.get(key) not in (None, "", [], {})}
    if "VPCZoneIdentifier" not in settings:
        settings["AvailabilityZones"] = live["AvailabilityZones"]
    return settings


def _hooks(api: Api, live: dict[str, Any]) -> dict[str, Any]:
    name = live["AutoScalingGroupName"]
    hooks = api.call("autoscaling", "describe_lifecycle_hooks", AutoScalingGroupName=name)["LifecycleHooks"]
    copies = [{key: hook[key] for key in HOOK if hook.get(key)} for hook in hooks]
    return {"LifecycleHookSpecificationList": copies} if copies else {}


def _tags(live: dict[str, Any], stamp: Stamp) -> list[dict[str, Any]]:
    """The live group's own tags, and ours; AWS keeps `aws:` to itself."""
    kept = [tag for tag in live.get("Tags", ()) if not tag["Key"].startswith(("aws:", "bluegreen:"))]
    tags = [{key: tag[key] for key in ("Key", "Value", "PropagateAtLaunch") if key in tag} for tag in kept]
    return tags + [{"Key": key, "Value": value, "PropagateAtLaunch": True} for key, value in stamp.tags.items()]
