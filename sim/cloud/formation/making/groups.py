"""The Auto Scaling group: its machines are the fleet of the candidate's place."""

from __future__ import annotations

from typing import Any

from sim.cloud.formation.making.zones import check_zones
from sim.cloud.formation.nodes import Open, text
from sim.cloud.formation.reading import invalid
from sim.cloud.formation.workshop import Made, Properties, Workshop, text_or

SIZES = ("MinSize", "MaxSize", "DesiredCapacity")
LAUNCH_FROM = ("LaunchTemplate", "LaunchConfigurationName", "MixedInstancesPolicy", "InstanceId")
KEPT = (*SIZES, "HealthCheckType", "HealthCheckGracePeriod", "TargetGroupARNs", "LoadBalancerNames", "Cooldown")

REHEARSED = frozenset({*KEPT, *LAUNCH_FROM, "AutoScalingGroupName", "VPCZoneIdentifier", "AvailabilityZones", "Tags"})


def group(shop: Workshop, logical: str, properties: Properties) -> Made:
    name = text_or(properties.get("AutoScalingGroupName"), shop.name(logical))
    if shop.chosen.group != logical:
        shop.note(f"the group {logical} is passed over: the rehearsal's machines are those of {shop.chosen.group}")
        return Made(name, {"AutoScalingGroupARN": Open(name)})
    if left := [key for key in properties if key not in REHEARSED]:
        shop.note(f"{logical}: {', '.join(left)} are left out: they play no part in a rehearsal")
    params = shop.fit("autoscaling", "CreateAutoScalingGroup", properties, KEPT)
    arns = params.get("TargetGroupARNs", [])
    if any(isinstance(arn, Open) for arn in arns):
        shop.note(f"{logical}: target groups of other stacks are left out")
        params["TargetGroupARNs"] = [arn for arn in arns if not isinstance(arn, Open)]
    shop.act(
        "autoscaling",
        "CreateAutoScalingGroup",
        AutoScalingGroupName=name,
        **params,
        **_launched_from(shop, properties),
        **_placed(shop, properties),
        Tags=_group_tags(shop, logical, name, properties),
    )

    def undo() -> None:
        operation = "DeleteAutoScalingGroup"
        shop.act("autoscaling", operation, AutoScalingGroupName=name, ForceDelete=True)

    return Made(name, {"AutoScalingGroupARN": Open(name)}, undo)


def _launched_from(shop: Workshop, properties: Properties) -> dict[str, Any]:
    given = [key for key in LAUNCH_FROM if key in properties]
    if len(given) != 1:
        raise invalid(
            "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or"
            " MixedInstancesPolicy parameter."
        )
    match given[0]:
        case "LaunchConfigurationName":
            name = text(properties["LaunchConfigurationName"])
            known = shop.moto("autoscaling", "describe_launch_configurations", LaunchConfigurationNames=[name])
            if known["LaunchConfigurations"]:
                return {"LaunchConfigurationName": name}
            return {"LaunchTemplate": shop.standins.launch_template({"LaunchTemplateName": name})}
        case "MixedInstancesPolicy":
            source = properties["MixedInstancesPolicy"].get("LaunchTemplate", {}).get("LaunchTemplateSpecification", {})
            return {"LaunchTemplate": shop.standins.launch_template(source)}
        case "InstanceId":
            return {"LaunchTemplate": shop.standins.launch_template({"LaunchTemplateName": properties["InstanceId"]})}
        case _:
            return {"LaunchTemplate": shop.standins.launch_template(properties["LaunchTemplate"])}


def _placed(shop: Workshop, properties: Properties) -> dict[str, Any]:
    """Subnets say it all; zones alone mean the default subnets."""
    if properties.get("VPCZoneIdentifier"):
        given = properties["VPCZoneIdentifier"]
        ids = given if isinstance(given, list) else given.split(",")
        return {"VPCZoneIdentifier": ",".join(shop.standins.subnets(ids))}
    zones = [text(zone) for zone in properties.get("AvailabilityZones") or ()]
    if not zones:
        raise invalid("At least one Availability Zone or VPC Subnet is required.")
    return {"AvailabilityZones": check_zones(shop, zones)}


def _group_tags(shop: Workshop, logical: str, name: str, properties: Properties) -> list[dict[str, Any]]:
    whole = {"ResourceId": name, "ResourceType": "auto-scaling-group", "PropagateAtLaunch": True}
    return [{**tag, **whole} for tag in shop.all_tags(logical, properties)]
