"""A clone's application load balancer: like the live one, with target groups of its own.

Each function makes what is missing and leaves alone what is there, so that a crash between any two calls is only a
pause. Whoever comes back calls all of them again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bluegreen.aws import balancers
from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments.base import Stamp
from bluegreen.aws.environments.listener_copy import ensure_listeners
from bluegreen.aws.session import Api
from bluegreen.errors import Missing, Refused

TARGET_GROUP = (
    "HealthCheckEnabled",
    "HealthCheckIntervalSeconds",
    "HealthCheckPath",
    "HealthCheckPort",
    "HealthCheckProtocol",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "IpAddressType",
    "Matcher",
    "Port",
    "Protocol",
    "ProtocolVersion",
    "TargetType",
    "UnhealthyThresholdCount",
    "VpcId",
)
BALANCER = ("CustomerOwnedIpv4Pool", "IpAddressType", "Scheme", "SecurityGroups", "Type")
PROTECTION = "deletion_protection.enabled"


def ensure(api: Api, live: Balancer, stamp: Stamp) -> Balancer:
    """The balancer with target groups, attributes, listeners and rules like the live one's."""
    twins = {arn: ensure_target_group(api, arn, name, stamp) for arn, name in twin_names(live, stamp)}
    copy = _ensure_balancer(api, live, stamp)
    ensure_listeners(api, live.arn, copy.arn, twins)
    return copy.serving(list(twins.values()))


def twin_names(live: Balancer, stamp: Stamp) -> Iterator[tuple[str, str]]:
    """Each live target group's ARN and the name of its copy."""
    only = len(live.target_groups) == 1
    return ((arn, stamp.name if only else stamp.name_of(arn)) for arn in live.target_groups)


def ensure_target_group(api: Api, live_arn: str, name: str, stamp: Stamp) -> str:
    """The copy's ARN. Attributes are compared each time: a crash may have come before they were set."""
    found = find_target_group(api, name)
    if found is None:
        live = api.call("elbv2", "describe_target_groups", TargetGroupArns=[live_arn])["TargetGroups"][0]
        settings = {key: live[key] for key in TARGET_GROUP if live.get(key) not in (None, "", {})}
        answer = api.call("elbv2", "create_target_group", Name=name, Tags=tag_list(stamp), **settings)
        found = answer["TargetGroups"][0]["TargetGroupArn"]
    else:
        check_ours(api, found, stamp)
    _align(api, "target_group_attributes", "TargetGroupArn", live_arn, str(found))
    return str(found)


def find_target_group(api: Api, name: str) -> str | None:
    """The ARN of the target group with this name."""
    try:
        groups = api.call("elbv2", "describe_target_groups", Names=[name])["TargetGroups"]
    except Missing:
        return None
    return str(groups[0]["TargetGroupArn"]) if groups else None


def tags_of(api: Api, arn: str) -> dict[str, str]:
    """The tags of a balancer or target group."""
    described = api.call("elbv2", "describe_tags", ResourceArns=[arn])["TagDescriptions"]
    return {tag["Key"]: tag.get("Value", "") for entry in described for tag in entry["Tags"]}


def check_ours(api: Api, arn: str, stamp: Stamp) -> None:
    """Raises Refused when something with our name is not from this rollout."""
    if not stamp.marks(tags_of(api, arn)):
        raise Refused(f"{arn} is there, and not from this rollout")


def tag_list(stamp: Stamp) -> list[dict[str, str]]:
    """The stamp's tags as AWS takes them."""
    return [{"Key": key, "Value": value} for key, value in stamp.tags.items()]


def _ensure_balancer(api: Api, live: Balancer, stamp: Stamp) -> Balancer:
    found = balancers.find_application(api, stamp.name)
    if found is None:
        described = api.call("elbv2", "describe_load_balancers", LoadBalancerArns=[live.arn])["LoadBalancers"][0]
        answer = api.call("elbv2", "create_load_balancer", Name=stamp.name, Tags=tag_list(stamp), **_like(described))
        found = balancers.application(answer["LoadBalancers"][0])
    else:
        check_ours(api, found.arn, stamp)
    _align(api, "load_balancer_attributes", "LoadBalancerArn", live.arn, found.arn)
    return found


def _like(described: Mapping[str, Any]) -> dict[str, Any]:
    settings = {key: described[key] for key in BALANCER if described.get(key) not in (None, "", [])}
    return {**settings, "Subnets": [zone["SubnetId"] for zone in described["AvailabilityZones"]]}


def _align(api: Api, attributes: str, key: str, live: str, copy: str) -> None:
    """Give the copy those attributes that differ: AWS describes some (empty ones) that it would not take. A copy must
    be removable, so it is not protected from deletion."""
    wanted, there = (api.call("elbv2", f"describe_{attributes}", **{key: arn})["Attributes"] for arn in (live, copy))
    differing = [each for each in wanted if each not in there and each["Key"] != PROTECTION]
    if differing:
        api.call("elbv2", f"modify_{attributes}", **{key: copy}, Attributes=differing)
