"""SCALE: capacity first. The candidate grows to what the next step needs before its weight is raised, the
live slot gets back what it may have lost, and neither group may shrink by itself while it may be needed. Before the
first user comes, balancers have the capacity that the plan reserves.
"""

from __future__ import annotations

from dataclasses import replace

from bluegreen.decide.capacity import live_can_carry, needed
from bluegreen.decide.moves import MAKING, SOON, go, go_back, stay
from bluegreen.decide.prewarm import warm
from bluegreen.decide.watch import unwell, watch
from bluegreen.model import (
    Action,
    Decision,
    EnvironmentView,
    HoldScaleIn,
    Observation,
    Phase,
    Rollout,
    SetCapacity,
    Slot,
)
from bluegreen.plan import Plan
from bluegreen.units import show_share


def scale(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    if rollout.exposed and (failed := watch(plan, rollout, seen).failed or unwell(rollout, seen)):
        return go_back(rollout, seen, failed, watch(plan, rollout, seen).judged)
    live, candidate = seen.environment(rollout.live), seen.environment(rollout.candidate)
    if candidate is None or live is None:
        return stay(rollout, "the environments cannot be read")
    share = plan.steps[rollout.step].share
    need = needed(plan, rollout, share)
    asked = (*_holds(rollout, seen), *_grow(rollout.candidate, candidate, need))
    asked += _grow(rollout.live, live, rollout.live_capacity)  # the way back needs all that was there
    warmth, wait = warm(plan, rollout, seen), MAKING
    if candidate.healthy < need:
        why = f"{rollout.candidate} needs {need} healthy instances for {show_share(share)}, has {candidate.healthy}"
    elif live_can_carry(plan, rollout, live.healthy) < 1 - share:
        why = f"{rollout.live} has only {live.healthy} healthy instances for its {show_share(1 - share)}"
    elif warmth.why:
        why = warmth.why
    elif asked:
        why, wait = "neither slot may shrink now", SOON
    else:
        why = f"{candidate.healthy} healthy instances can carry {show_share(share)} (needs {need})"
        return go(replace(rollout, exposed=True), seen, Phase.SHIFT, why)
    return stay(warmth.rollout, why, *asked, *warmth.actions, wait=wait)


def _grow(slot: Slot, view: EnvironmentView, need: int) -> tuple[Action, ...]:
    """A group that has grown by itself may shrink again as soon as its floor lets it: a held floor must carry the need,
    too. What is not held yet will be, at the present size."""
    floor = view.minimum if view.scale_in_held and view.minimum is not None else need
    return (SetCapacity(slot, need),) if min(view.desired, floor) < need else ()


def _holds(rollout: Rollout, seen: Observation) -> tuple[Action, ...]:
    views = [(slot, seen.environment(slot)) for slot in (rollout.live, rollout.candidate)]
    return tuple(HoldScaleIn(slot, held=True) for slot, view in views if view is not None and not view.scale_in_held)
