"""Application (elbv2) and classic (elb) load balancers, read alike: where they are and how many targets are healthy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from bluegreen.aws.session import Api
from bluegreen.errors import Missing

Kind = Literal["application", "classic", "network", "gateway"]

GONE = frozenset({"draining", "unused"})
"""States of targets that are on their way out, or were never in: they get no new requests."""

DEREGISTERING = "Instance deregistration currently in progress"


@dataclass(frozen=True, slots=True)
class Balancer:
    """A load balancer. Nothing here changes during its life, except `state`."""

    kind: Kind
    name: str
    arn: str  # empty for classic
    dns_name: str
    zone_id: str  # the balancer's own hosted zone, for alias records
    state: Literal["active", "provisioning", "failed", "active_impaired"] = "active"
    target_groups: tuple[str, ...] = ()  # ARNs of those that the slot's group serves; empty for classic
    shared: bool = False  # the other slot stands behind it, too: what it counts by itself is of both

    @property
    def namespace(self) -> str:
        """The CloudWatch namespace of its metrics."""
        return "AWS/ELB" if self.kind == "classic" else "AWS/ApplicationELB"

    @property
    def dimensions(self) -> tuple[tuple[str, str], ...]:
        """The CloudWatch dimensions of its own metrics (ELB User Guides, CloudWatch metrics)."""
        if self.kind == "classic":
            return (("LoadBalancerName", self.name),)
        return (("LoadBalancer", self.arn.partition(":loadbalancer/")[2]),)

    @property
    def target_group_dimensions(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """For each target group the dimensions of metrics like HealthyHostCount; for classic the balancer's own."""
        if self.kind == "classic":
            return (self.dimensions,)
        return tuple((("TargetGroup", arn.rpartition(":")[2]), *self.dimensions) for arn in self.target_groups)

    @property
    def request_dimensions(self) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Those under which the requests to one slot are counted: the balancer's own, or its target groups'."""
        return self.target_group_dimensions if self.shared else (self.dimensions,)

    @property
    def serves(self) -> bool:
        """Whether it takes requests. `active_impaired` serves too, though it lacks room to grow."""
        return self.state.startswith("active")

    def serving(self, target_groups: Sequence[str]) -> Balancer:
        """The same balancer with the target groups that matter for a slot."""
        return replace(self, target_groups=tuple(sorted(target_groups)))


@dataclass(frozen=True, slots=True)
class TargetCount:
    """How many instances a balancer knows, and how many of them it finds healthy."""

    registered: int
    healthy: int


def find(api: Api, name: str) -> Balancer | None:
    """The application or classic balancer with this name, its target groups not yet filled in."""
    return find_application(api, name) or find_classic(api, name)


def find_application(api: Api, name: str) -> Balancer | None:
    """An elbv2 balancer by name; network and gateway balancers show up too, by their `kind`."""
    try:
        found = api.call("elbv2", "describe_load_balancers", Names=[name])["LoadBalancers"]
    except Missing:
        return None
    return application(found[0]) if found else None


def application(described: dict[str, Any]) -> Balancer:
    """From one element of DescribeLoadBalancers (elbv2)."""
    return Balancer(
        kind=described["Type"],
        name=described["LoadBalancerName"],
        arn=described["LoadBalancerArn"],
        dns_name=described["DNSName"],
        zone_id=described["CanonicalHostedZoneId"],
        state=described["State"]["Code"],
    )


def find_classic(api: Api, name: str) -> Balancer | None:
    """A classic balancer by name. It has no state: it is active once it exists."""
    try:
        found = api.call("elb", "describe_load_balancers", LoadBalancerNames=[name])["LoadBalancerDescriptions"]
    except Missing:
        return None
    return classic(found[0]) if found else None


def classic(described: dict[str, Any]) -> Balancer:
    """From one element of DescribeLoadBalancers (elb)."""
    return Balancer(
        kind="classic",
        name=described["LoadBalancerName"],
        arn="",
        dns_name=described["DNSName"],
        zone_id=described.get("CanonicalHostedZoneNameID", ""),
    )


def count_targets(api: Api, balancer: Balancer) -> TargetCount:
    """One call per target group, or one for a classic balancer. An instance in several target groups counts as
    healthy only when it is healthy in each: a request may need any of them, and Route 53 judges the balancer by
    its worst target group (Route 53 API Reference, EvaluateTargetHealth). What drains is no longer registered."""
    if balancer.kind == "classic":
        return _count([_classic_states(api, balancer.name)])
    return _count([target_states(api, arn) for arn in balancer.target_groups])


def _count(groups: Iterable[dict[str, bool]]) -> TargetCount:
    """Each group maps the instances registered with it to their health."""
    known = list(groups)
    registered = set().union(*known)
    healthy = [instance for instance in registered if all(group.get(instance) for group in known)]
    return TargetCount(registered=len(registered), healthy=len(healthy))


def target_states(api: Api, target_group: str) -> dict[str, bool]:
    """Whether each registered instance is healthy; what drains is not registered any more. One call."""
    return {instance: state == "healthy" for instance, state in target_words(api, target_group).items()}


def target_words(api: Api, target_group: str) -> dict[str, str]:
    """The same in the balancer's words: `initial`, `healthy`, `unhealthy`."""
    described = api.call("elbv2", "describe_target_health", TargetGroupArn=target_group)["TargetHealthDescriptions"]
    states = ((target["Target"]["Id"], target["TargetHealth"]["State"]) for target in described)
    return {instance: state for instance, state in states if state not in GONE}


def _classic_states(api: Api, name: str) -> dict[str, bool]:
    described = api.call("elb", "describe_instance_health", LoadBalancerName=name)["InstanceStates"]
    # One that is being deregistered is still "InService" while its connections drain, and gets nothing new (Classic
    # Load Balancers User Guide, connection draining).
    staying = [state for state in described if not str(state.get("Description", "")).startswith(DEREGISTERING)]
    return {state["InstanceId"]: state["State"] == "InService" for state in staying}
