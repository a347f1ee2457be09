"""A clone's classic load balancer: like the live one, step by step, each step safe to repeat."""

from __future__ import annotations

from typing import Any

from bluegreen.aws import balancers
from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments.base import Stamp
from bluegreen.aws.session import Api
from bluegreen.errors import Refused


def ensure(api: Api, live: Balancer, stamp: Stamp) -> Balancer:
    """The balancer with listeners, health check and attributes like the live one's."""
    found = balancers.find_classic(api, stamp.name)
    described = _described(api, live.name)
    if found is not None and not stamp.marks(tags_of(api, stamp.name)):
        raise Refused(f"a classic balancer {stamp.name} is there, and not from this rollout")
    if found is None:
        api.call("elb", "create_load_balancer", LoadBalancerName=stamp.name, Tags=_tags(stamp), **_like(described))
    api.call("elb", "configure_health_check", LoadBalancerName=stamp.name, HealthCheck=described["HealthCheck"])
    attributes = api.call("elb", "describe_load_balancer_attributes", LoadBalancerName=live.name)
    api.call(
        "elb",
        "modify_load_balancer_attributes",
        LoadBalancerName=stamp.name,
        LoadBalancerAttributes=attributes["LoadBalancerAttributes"],
    )
    return found or balancers.classic(_described(api, stamp.name))


def tags_of(api: Api, name: str) -> dict[str, str]:
    """The tags of a classic balancer."""
    described = api.call("elb", "describe_tags", LoadBalancerNames=[name])["TagDescriptions"]
    return {tag["Key"]: tag.get("Value", "") for entry in described for tag in entry["Tags"]}


def problems(api: Api, live: Balancer) -> list[str]:
    """What cannot be copied, as sentences."""
    policies = _described(api, live.name).get("Policies", {})
    sticky = [kind for kind in ("AppCookieStickinessPolicies", "LBCookieStickinessPolicies") if policies.get(kind)]
    if not sticky:
        return []
    return [
        f"candidate.clone: the live balancer {live.name} keeps users on one machine by a cookie ({', '.join(sticky)}),"
        " which a clone does not copy; give candidate.template"
    ]


def _described(api: Api, name: str) -> dict[str, Any]:
    found = api.call("elb", "describe_load_balancers", LoadBalancerNames=[name])["LoadBalancerDescriptions"]
    described: dict[str, Any] = found[0]
    return described


def _like(described: dict[str, Any]) -> dict[str, Any]:
    settings: dict[str, Any] = {"Listeners": [entry["Listener"] for entry in described["ListenerDescriptions"]]}
    for key in ("Subnets", "SecurityGroups"):
        if described.get(key):
            settings[key] = described[key]
    if "Subnets" not in settings:
        settings["AvailabilityZones"] = described["AvailabilityZones"]
    if described.get("Scheme") == "internal":
        settings["Scheme"] = "internal"
    return settings


def _tags(stamp: Stamp) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in stamp.tags.items()]
