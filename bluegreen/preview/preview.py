"""All that `bluegreen plan` tells, as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bluegreen.plan import Plan
from bluegreen.preview.back import WayBack, back_after, last_cheap, ways_back
from bluegreen.preview.calls import QUOTAS, Quota
from bluegreen.preview.calm import taken_to_pass
from bluegreen.preview.cost import NO_PRICES, Cost, Prices, cost_of
from bluegreen.preview.inventory import Inventory, inventory_of
from bluegreen.preview.known import Known
from bluegreen.preview.steps import StepView, machines_at, steps_of
from bluegreen.preview.times import Times, times_of
from bluegreen.preview.walk import Walk, walk


@dataclass(frozen=True, slots=True)
class Calls:
    """How often AWS is asked."""

    total: int
    by_service: Mapping[str, int]
    busiest: Mapping[str, int]
    """The most between two looks."""
    quotas: tuple[Quota, ...] = QUOTAS


@dataclass(frozen=True, slots=True)
class Preview:
    """A rollout before it happens."""

    plan: Plan
    known: Known
    walk: Walk
    steps: tuple[StepView, ...]
    times: tuple[Times, ...]
    calls: Calls
    cost: Cost
    back: tuple[WayBack, ...]
    inventory: Inventory
    taken_to_pass: tuple[str, ...]

    @property
    def expected(self) -> timedelta:
        return self.walk.length

    @property
    def worst(self) -> timedelta:
        return sum((each.worst for each in self.times), timedelta(0))

    @property
    def last_cheap(self) -> timedelta:
        return last_cheap(self.walk)


def preview(plan: Plan, known: Known, prices: Prices = NO_PRICES) -> Preview:
    """Everything about a plan. Asks nobody."""
    walked = walk(plan, known)
    steps = steps_of(plan, machines_at(known.instances, plan))
    times = times_of(plan, walked)
    most, longest = max(step.machines for step in steps), sum((each.worst for each in times), timedelta(0))
    return Preview(
        plan=plan,
        known=known,
        walk=walked,
        steps=steps,
        times=times,
        calls=_calls(walked),
        cost=cost_of(plan, known, walked, most=most, longest=longest, prices=prices),
        back=ways_back(plan, known),
        inventory=inventory_of(plan, known.contents),
        taken_to_pass=tuple(taken_to_pass(plan)),
    )


def _calls(walked: Walk) -> Calls:
    services: Counter[str] = Counter()
    for call, count in walked.calls.items():
        services[call.partition(":")[0]] += count
    return Calls(sum(services.values()), dict(services.most_common()), dict(walked.busiest))


def as_json(seen: Preview) -> dict[str, Any]:
    """For machines. Lengths of time are seconds, shares fractions."""
    plan = seen.plan
    return {
        "service": plan.service.name,
        "record": plan.service.record,
        "live": str(plan.live.slot),
        "candidate": str(plan.live.slot.other),
        "ends": str(seen.walk.end or ""),
        "why": seen.walk.why,
        "steps": [_step(step, counted=seen.cost.counted) for step in seen.steps],
        "phases": [
            {
                "phase": str(each.phase),
                "expected": each.expected.total_seconds(),
                "worst": each.worst.total_seconds(),
                "limits": each.limits,
            }
            for each in seen.times
        ],
        "expected": seen.expected.total_seconds(),
        "worst": seen.worst.total_seconds(),
        "looks": seen.walk.looks,
        "calls": {
            "total": seen.calls.total,
            "by_service": dict(seen.calls.by_service),
            "most_between_two_looks": dict(seen.calls.busiest),
        },
        "cost": _cost(seen.cost),
        "way_back": {
            "cheap_until": seen.last_cheap.total_seconds(),
            "users_back_after": back_after(plan, seen.known).total_seconds(),
            "phases": [{"phases": [str(p) for p in each.phases], "what": each.what} for each in seen.back],
        },
        "data": list(plan.data.told(plan)) if plan.data is not None else [],
        "makes": list(seen.inventory.makes),
        "changes": list(seen.inventory.changes),
        "removes": list(seen.inventory.removes),
        "taken_to_pass": list(seen.taken_to_pass),
    }


def _step(step: StepView, *, counted: bool) -> dict[str, Any]:
    return {
        "share": step.share,
        "weights": {str(slot): weight for slot, weight in sorted(step.weights.items())},
        "realised": step.realised,
        "upper": step.upper,
        "machines": step.machines if counted else None,
        "hold": step.hold.total_seconds(),
    }


def _cost(cost: Cost) -> dict[str, Any]:
    return {
        "unit": "machine hours" if cost.counted else "hours of the live fleet",
        "expected": cost.expected,
        "worst": cost.worst,
        "price": cost.price,
        "expected_money": cost.money(cost.expected),
        "worst_money": cost.money(cost.worst),
        "reserved_unit_hours": cost.reserved,
        "reserved_unit_hours_worst": cost.reserved_worst,
        "unit_price": cost.unit_price,
    }
