"""Which of a stack's resources is the slot: its Auto Scaling group, and the balancer that sends users there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bluegreen.aws import balancers
from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments import groups
from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.session import Api
from bluegreen.plan import Template

GROUP = "AWS::AutoScaling::AutoScalingGroup"
APPLICATION = "AWS::ElasticLoadBalancingV2::LoadBalancer"
CLASSIC = "AWS::ElasticLoadBalancing::LoadBalancer"
STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, slots=True)
class Unclear:
    """No place can be named in this stack, and why: for the person who wrote the template."""

    why: str


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource of a stack. `physical` is a name (groups, classic balancers) or an ARN (application balancers)."""

    logical: str
    physical: str
    type: str


def find_place(api: Api, stack: str, template: Template) -> PlaceFacts | Unclear:
    """The group and the balancer in front of it; a template with several of either must be told which is meant."""
    resources = resources_of(api, stack)
    group = _choose([r for r in resources if r.type == GROUP], template.group, "Auto Scaling group", "group")
    if isinstance(group, Unclear):
        return group
    described = groups.find(api, group.physical)
    if described is None:
        return Unclear(f"the stack's group {group.logical} ({group.physical}) does not exist")
    return _with_balancer(api, group, described, resources, template)


def resources_of(api: Api, stack: str) -> list[Resource]:
    """The resources of a stack that exist, those of nested stacks included."""
    listed = api.collect("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=stack)
    found = [
        Resource(entry["LogicalResourceId"], entry["PhysicalResourceId"], entry["ResourceType"])
        for entry in listed
        if entry.get("PhysicalResourceId") and not entry["ResourceStatus"].startswith("DELETE")
    ]
    nested = [inner for r in found if r.type == STACK for inner in resources_of(api, r.physical)]
    return found + nested


def _with_balancer(
    api: Api, group: Resource, described: dict[str, Any], resources: Iterable[Resource], template: Template
) -> PlaceFacts | Unclear:
    """Of all balancers in the stack only those count in which the group registers its instances."""
    candidates = [r for r in resources if r.type in {APPLICATION, CLASSIC}]
    if template.balancer:
        candidates = [r for r in candidates if r.logical == template.balancer]
    if candidates and all(map(_is_of_another_kind, candidates)):
        return Unclear(f"{_names(candidates)}: not an application or classic balancer, which a rollout needs")
    candidates = [r for r in candidates if not _is_of_another_kind(r)]
    if not candidates:
        return Unclear(_none("balancer", "balancer", template.balancer))
    serving = {r.logical: (r, groups_served(api, r, described)) for r in candidates}
    chosen = _choose([r for r, served in serving.values() if served], template.balancer, "balancer", "balancer")
    if isinstance(chosen, Unclear):
        if any(served for _, served in serving.values()):
            return chosen
        return Unclear(_unconnected(group, described, candidates))
    return _place(api, group, chosen, serving[chosen.logical][1])


def _is_of_another_kind(balancer: Resource) -> bool:
    """Network and gateway balancers say so in their ARNs (.../net/<name>/<id>)."""
    return "/net/" in balancer.physical or "/gwy/" in balancer.physical


def _unconnected(group: Resource, described: dict[str, Any], candidates: Iterable[Resource]) -> str:
    """Why no balancer reaches the group, and what to do."""
    text = f"no balancer of the stack ({_names(candidates)}) sends requests to the group {group.logical}: "
    if described.get("TargetGroupARNs"):
        return text + (
            "none of their listeners and rules forwards to the group's target groups (is a listener left out by a"
            " condition of the template?)"
        )
    return text + (
        "give the group the balancer's target group (TargetGroupARNs) or, for a classic one, its name"
        " (LoadBalancerNames)"
    )


def groups_served(api: Api, balancer: Resource, group: dict[str, Any]) -> tuple[str, ...]:
    """Through which target groups (for a classic balancer: by which name) a balancer reaches a group."""
    if balancer.type == CLASSIC:
        return (balancer.physical,) if balancer.physical in group.get("LoadBalancerNames", ()) else ()
    wanted = group.get("TargetGroupARNs", [])
    if not wanted:
        return ()
    found = api.call("elbv2", "describe_target_groups", TargetGroupArns=wanted)["TargetGroups"]
    return tuple(t["TargetGroupArn"] for t in found if balancer.physical in t.get("LoadBalancerArns", ()))


def _place(api: Api, group: Resource, chosen: Resource, served: Sequence[str]) -> PlaceFacts | Unclear:
    balancer = _balancer(api, chosen)
    if balancer is None:
        return Unclear(f"the stack's balancer {chosen.logical} ({chosen.physical}) does not exist")
    if balancer.kind == "classic":
        return PlaceFacts(balancer, group.physical)
    return PlaceFacts(balancer.serving(served), group.physical)


def _balancer(api: Api, resource: Resource) -> Balancer | None:
    if resource.type == CLASSIC:
        return balancers.find_classic(api, resource.physical)
    return balancers.find_application(api, resource.physical.split("/")[-2])  # .../app/<name>/<id>


def _choose(found: Sequence[Resource], logical: str, what: str, key: str) -> Resource | Unclear:
    """The one that is meant: the named one, or the only one."""
    fitting = [resource for resource in found if resource.logical == logical] if logical else list(found)
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        return Unclear(_none(what, key, logical))
    return Unclear(f"the stack has {len(found)} {what}s ({_names(found)}): say which in candidate.template.{key}")


def _none(what: str, key: str, logical: str) -> str:
    named = f" {logical}, which candidate.template.{key} names" if logical else ""
    return f"the stack has no {what}{named}"


def _names(resources: Iterable[Resource]) -> str:
    return ", ".join(resource.logical for resource in resources)
