"""What a clone's group launches: a launch template that the plan names, or a copy of the live one with another image.

A copy, not a new version of the live template: a live group on `$Latest` would launch the new image, too.
"""

from __future__ import annotations

from typing import Any

from bluegreen.aws.environments.base import Stamp
from bluegreen.aws.session import Api
from bluegreen.errors import Missing, Refused
from bluegreen.plan import Clone

Spec = dict[str, str]
"""LaunchTemplateSpecification: LaunchTemplateId or LaunchTemplateName, and Version."""

_ONLY_READ = {"MetadataOptions": ("State",), "Operator": ("Managed", "HiddenByDefault")}
"""What DescribeLaunchTemplateVersions tells and CreateLaunchTemplate does not take."""


def ensure(api: Api, clone: Clone, live_group: dict[str, Any], stamp: Stamp) -> Spec:
    """The launch template for the clone's group; the copy is made when it is missing."""
    if clone.launch_template is not None:
        return {**_named(clone.launch_template), "Version": clone.version}
    found = find(api, stamp.name)
    if found is None:
        found = _copy(api, str(clone.image), spec_of(live_group), stamp)
    elif not stamp.marks(_tags(found)):
        raise Refused(f"a launch template {stamp.name} is there, and not from this rollout")
    return {"LaunchTemplateId": found["LaunchTemplateId"], "Version": "1"}


def find(api: Api, name: str) -> dict[str, Any] | None:
    """The launch template by its name (or id), as DescribeLaunchTemplates tells it."""
    key = "LaunchTemplateIds" if name.startswith("lt-") else "LaunchTemplateNames"
    try:
        templates: list[dict[str, Any]] = api.call("ec2", "describe_launch_templates", **{key: [name]})[
            "LaunchTemplates"
        ]
    except Missing:
        return None
    return templates[0] if templates else None


def remove(api: Api, stamp: Stamp) -> None:
    """Delete this rollout's copy, if there is one."""
    found = find(api, stamp.name)
    if found is not None and stamp.marks(_tags(found)):
        api.call("ec2", "delete_launch_template", LaunchTemplateId=found["LaunchTemplateId"])


def spec_of(group: dict[str, Any]) -> Spec:
    """What a group launches now. Raises Refused for a launch configuration, which has no template to copy."""
    spec = group.get("LaunchTemplate") or _mixed(group).get("LaunchTemplateSpecification")
    if spec is None:
        raise Refused(
            f"the group {group['AutoScalingGroupName']} uses a launch configuration, which cannot be copied with"
            " another image: give candidate.clone.launch_template"
        )
    return dict(spec)


def data_of(api: Api, group: dict[str, Any]) -> dict[str, Any]:
    """LaunchTemplateData of what a group launches; empty for a launch configuration."""
    if "LaunchConfigurationName" in group:
        return {}
    return dict(version_of(api, group)["LaunchTemplateData"])


def version_of(api: Api, group: dict[str, Any]) -> dict[str, Any]:
    """The version of the launch template that a group launches."""
    spec = spec_of(group)
    key = "LaunchTemplateId" if "LaunchTemplateId" in spec else "LaunchTemplateName"
    wanted = {key: spec[key], "Versions": [spec.get("Version", "$Default")]}
    return dict(api.call("ec2", "describe_launch_template_versions", **wanted)["LaunchTemplateVersions"][0])


def for_group(group: dict[str, Any], spec: Spec) -> dict[str, Any]:
    """The parameters of CreateAutoScalingGroup that launch `spec` in the way the live group does (one type, or
    several with on-demand and spot shares)."""
    policy = group.get("MixedInstancesPolicy")
    if not policy:
        return {"LaunchTemplate": spec}
    template = {**policy["LaunchTemplate"], "LaunchTemplateSpecification": spec}
    return {"MixedInstancesPolicy": {**policy, "LaunchTemplate": template}}


def problems(api: Api, clone: Clone, live_group: dict[str, Any]) -> list[str]:
    """What would stop `ensure`, as sentences for the person who wrote the rollout file."""
    if clone.launch_template is not None:
        there = find(api, clone.launch_template) is not None
        return (
            [] if there else [f"candidate.clone.launch_template: there is no launch template {clone.launch_template}"]
        )
    try:
        spec_of(live_group)
    except Refused as refused:
        return [f"candidate.clone.image: {refused}"]
    if any("LaunchTemplateSpecification" in override for override in _mixed(live_group).get("Overrides", ())):
        return [
            "candidate.clone.image: the live group has overrides with launch templates of their own, which would keep"
            " the old image; give candidate.template"
        ]
    return []


def _copy(api: Api, image: str, source: Spec, stamp: Stamp) -> dict[str, Any]:
    wanted = {key: source[key] for key in ("LaunchTemplateId",) if key in source} or {
        "LaunchTemplateName": source["LaunchTemplateName"]
    }
    version = source.get("Version", "$Default")
    answer = api.call("ec2", "describe_launch_template_versions", **wanted, Versions=[version])
    tags = [{"Key": key, "Value": value} for key, value in stamp.tags.items()]
    made = api.call(
        "ec2",
        "create_launch_template",
        LaunchTemplateName=stamp.name,
        LaunchTemplateData={**_takeable(answer["LaunchTemplateVersions"][0]["LaunchTemplateData"]), "ImageId": image},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags}],
    )
    template: dict[str, Any] = made["LaunchTemplate"]
    return template


def _takeable(data: dict[str, Any]) -> dict[str, Any]:
    """The described data without what cannot be asked for."""
    pruned = {
        key: {name: part for name, part in value.items() if name not in _ONLY_READ[key]} if key in _ONLY_READ else value
        for key, value in data.items()
    }
    return {key: value for key, value in pruned.items() if value != {}}


def _mixed(group: dict[str, Any]) -> dict[str, Any]:
    template: dict[str, Any] = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {})
    return template


def _named(template: str) -> Spec:
    return {"LaunchTemplateId" if template.startswith("lt-") else "LaunchTemplateName": template}


def _tags(template: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag.get("Value", "") for tag in template.get("Tags", ())}
