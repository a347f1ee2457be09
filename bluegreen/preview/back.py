"""The way back: what it takes in each phase, and until when it is cheap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from bluegreen.model import Phase
from bluegreen.plan import Plan
from bluegreen.preview.known import Known
from bluegreen.preview.times import FORWARD
from bluegreen.preview.walk import Walk
from bluegreen.registry import kind_of

SHOWN = (Phase.SHIFT, Phase.HOLD, Phase.BAKE, Phase.DRAIN)
"""Phases in which users are on the candidate and the live slot still stands."""


@dataclass(frozen=True, slots=True)
class WayBack:
    """What going back takes in one phase."""

    phases: tuple[Phase, ...]
    what: str


def ways_back(plan: Plan, known: Known) -> tuple[WayBack, ...]:
    """In the order of the phases."""
    live, candidate = plan.live.slot, plan.live.slot.other
    before = tuple(phase for phase in FORWARD[: FORWARD.index(Phase.SHIFT)])
    left = f"{candidate} is removed" if plan.candidate.kept is None else f"{candidate} stays as it is, unused"
    users = f"{_how(plan)}; users are back after about {_seconds(back_after(plan, known))}"
    if plan.retire == "remove":
        gone = f"a rollout of its own, with {live} made anew: it is being removed"
    else:
        gone = f"by hand or by a rollout of its own: {live} still stands, but {_unused(plan)} and free to shrink"
    return (
        WayBack(before, f"nothing that users notice: {left} (in later steps as below)"),
        WayBack(SHOWN, f"{users}; {live} is kept at its size for that"),
        WayBack((Phase.RETIRE,), gone),
    )


def _how(plan: Plan) -> str:
    """What is changed to go back from all of the traffic."""
    if not plan.traffic.divides:
        return "one swap"
    count = steps_back(plan)
    what = "weights" if plan.traffic.weighs else "targets"
    return f"one change of {what}" if count == 1 else f"{count} changes of {what}"


def _unused(plan: Plan) -> str:
    return "without a record" if kind_of(plan.traffic) == "route53" else "without users"


def steps_back(plan: Plan) -> int:
    """From all of the traffic, to a live slot that is whole."""
    return ceil(1 / plan.rollback.step) if plan.rollback.pace == "stepped" else 1


def back_after(plan: Plan, known: Known) -> timedelta:
    """From the decision to go back until well-behaved users are on a whole live slot. A step waits for `every`, and
    for the one before it to be in place."""
    spread = known.propagation if plan.traffic.by_dns else timedelta(0)
    return (steps_back(plan) - 1) * max(plan.rollback.every, spread) + spread + plan.goes_back_within


def last_cheap(walk: Walk) -> timedelta:
    """How long after the start, as expected, the cheap way back closes: when the old slot begins to go."""
    gone = timedelta(0)
    for visit in walk.visits:
        if visit.phase is Phase.RETIRE:
            break
        gone += visit.length
    return gone


def _seconds(length: timedelta) -> str:
    return f"{length.total_seconds():.0f}s"
