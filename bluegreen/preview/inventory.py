"""What the rollout makes, changes and removes, by the names that AWS will show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bluegreen.fallback.spec import Fallback
from bluegreen.plan import Plan
from bluegreen.preview.names import made
from bluegreen.registry import kind_of
from bluegreen.traffic.beanstalk_swap import BeanstalkSwap
from bluegreen.traffic.group_swap import GroupSwap
from bluegreen.traffic.target_groups import TargetGroups


@dataclass(frozen=True, slots=True)
class Inventory:
    """One sentence for each thing."""

    makes: tuple[str, ...]
    changes: tuple[str, ...]
    removes: tuple[str, ...]


def inventory_of(plan: Plan, contents: tuple[str, ...] = ()) -> Inventory:
    """For a rollout that succeeds. One that goes back removes what it has made. `contents`: what a template would
    create, if that is known."""
    return Inventory(tuple(_makes(plan, contents)), tuple(_changes(plan)), tuple(_removes(plan)))


def _makes(plan: Plan, contents: tuple[str, ...]) -> Iterator[str]:
    name, candidate = made(plan), plan.candidate
    if candidate.template is not None:
        yield f"stack {name}, with all that {candidate.template.file.name} describes"
        yield from (f"in it: {each}" for each in contents)
    elif candidate.beanstalk is not None:
        yield f"environment {name} of the application {candidate.beanstalk.application}"
    elif candidate.kept is not None:
        pass  # it is there already
    elif candidate.command is not None:
        yield f"whatever `{candidate.command.create}` makes"
    else:
        yield from _copies(plan, name)
    if kind_of(plan.traffic) == "route53":
        yield f"record {plan.service.record} with the identifier {plan.live.slot.other}"
    if plan.fallback is not None:
        yield from _fallback(plan.fallback, plan.service.record)
    if plan.fallback is not None and plan.service.records == "cname":
        yield f"two Route 53 health checks, billed monthly; that of {plan.live.slot.other} stays{_extras(plan)}"


def _fallback(fallback: Fallback, slots: str) -> Iterator[str]:
    """What stands for the next rollout, too."""
    if fallback.page is not None:
        yield f"bucket {fallback.name} with what {fallback.page.name} has in it, for anybody to read; it stays"
    yield f"failover records {fallback.name}, in place of a plain one: {slots}, else the page; they stay"


def _extras(plan: Plan) -> str:
    """What makes a health check dearer."""
    probe = plan.fallback.probe if plan.fallback is not None else None
    if probe is None or not probe.options:
        return ""
    return f" ({probe.options} optional feature{'s' if probe.options > 1 else ''} each)"


def _copies(plan: Plan, name: str) -> Iterator[str]:
    clone = plan.candidate.clone
    if clone is not None and clone.image is not None:
        yield f"launch template {name}: as {plan.live.group} launches now, with {clone.image}"
    yield f"group {name}, like {plan.live.group}, with its hooks and target tracking"
    if isinstance(plan.traffic, GroupSwap):
        return  # it joins the live target group
    if plan.traffic.shared:
        yield f"target group {name} behind {plan.live.balancer}"
    else:
        yield f"balancer {name}, like {plan.live.balancer}, with its listeners, rules and target groups"


def _changes(plan: Plan) -> Iterator[str]:
    live = plan.live.group or plan.live.environment or "the live group"
    yield _moved(plan)
    yield f"the least size of {live} while it may be needed (tag bluegreen:scale-in-held), given back at the end"


def _moved(plan: Plan) -> str:
    """What is changed to move the traffic."""
    match plan.traffic:
        case BeanstalkSwap(cname=cname):
            return f"the environment to which {cname} leads"
        case GroupSwap():
            return f"which groups are attached to the target group of {plan.live.group}"
        case TargetGroups():
            return f"where the listeners and rules of {plan.live.balancer} send requests"
        case _:
            return f"weights of {plan.service.record}"


def _removes(plan: Plan) -> Iterator[str]:
    if kind_of(plan.traffic) == "route53":
        yield f"record {plan.service.record} with the identifier {plan.live.slot}"
    if plan.retire == "remove":
        live = plan.live
        yield from (f"group {live.group}",) if live.group else (f"environment {live.environment}",)
        if live.balancer and not plan.traffic.shared:
            yield f"balancer {live.balancer} and the target groups of {live.group}"
