"""The steps as users and machines will see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bluegreen.decide.capacity import needed, upper_share, weights_for
from bluegreen.model import Phase, Rollout, Slot
from bluegreen.plan import Plan
from bluegreen.preview.ideal import START
from bluegreen.preview.known import NOMINAL
from bluegreen.traffic.group_swap import realised as by_machines


@dataclass(frozen=True, slots=True)
class StepView:
    """One step."""

    share: float
    weights: Mapping[Slot, int]
    """Empty where a share follows the number of machines."""
    realised: float
    """The share that these weights, or the machines, give."""
    upper: float
    """What it may become by chance (two standard deviations)."""
    machines: int
    """Of the candidate; of a live slot with `NOMINAL` machines when nobody knows how many it has."""
    hold: timedelta


def steps_of(plan: Plan, live: int) -> tuple[StepView, ...]:
    """All steps of a plan whose live slot has `live` healthy machines."""
    rollout = Rollout("preview", plan.live.slot, Phase.SCALE, START, START, live_capacity=live)
    by_chance = plan.traffic.by_dns
    return tuple(
        StepView(
            share=step.share,
            weights=weights_for(plan.live.slot, step.share, plan.traffic.finest) if plan.traffic.weighs else {},
            realised=realised(plan, step.share, live),
            upper=upper_share(step.share, plan.candidate.resolvers) if by_chance else step.share,
            machines=needed(plan, rollout, step.share),
            hold=step.hold,
        )
        for step in plan.steps
    )


def realised(plan: Plan, share: float, live: int) -> float:
    """The share that a step really gives, with `live` healthy machines on the live slot."""
    if not plan.traffic.weighs:
        rollout = Rollout("preview", plan.live.slot, Phase.SCALE, START, START, live_capacity=live)
        return by_machines(live, needed(plan, rollout, share)) if share < 1 else 1.0
    weights = weights_for(plan.live.slot, share, plan.traffic.finest)
    return weights[plan.live.slot.other] / sum(weights.values())


def machines_at(live: int | None, plan: Plan) -> int:
    """How many machines to reckon with for the live slot."""
    return live or plan.candidate.instances or NOMINAL
