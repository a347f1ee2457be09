"""ROLLBACK: all traffic to the safe slot, as fast as that slot can carry it.

The safe slot is computed from what is seen. Going back to the live slot is right as long as it can serve; when it
had shrunk, its capacity is asked for first and it is given what it can carry meanwhile. Weights are never all zero.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bluegreen.decide.capacity import live_can_carry, weights_for
from bluegreen.decide.moves import finish, go, stay
from bluegreen.model import (
    Action,
    Decision,
    End,
    EnvironmentView,
    HoldScaleIn,
    Observation,
    Phase,
    Presence,
    Rollout,
    SetCapacity,
    SetWeights,
)
from bluegreen.plan import Plan
from bluegreen.units import show_share

BLIND = timedelta(seconds=60)
"""How long to wait for a look at the live slot before going back to it unseen: the candidate is known to be bad."""

FINE = 0.005
"""Weights give a share no better than this."""


def rollback(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    live = seen.environment(rollout.live)
    if live is not None and live.presence in (Presence.ABSENT, Presence.REMOVING):
        return finish(rollout, seen, End.NEEDS_OPERATOR, f"{rollout.live} is gone: there is nothing to go back to")
    if seen.traffic is None:
        return stay(rollout, "the weights cannot be read")
    if live is None and seen.at - rollout.since < BLIND:
        return stay(rollout, f"{rollout.live} cannot be read; can it carry the traffic?")
    restore = _restore(rollout, live)
    carries = _carries(plan, rollout, seen, live)
    has = seen.traffic.share(rollout.live)
    if _steps(plan, rollout, seen, carries - has):
        if rollout.stepped and (asked := min(carries, rollout.stepped_to)) > has + FINE:
            wish = weights_for(rollout.live, 1 - asked, plan.traffic.finest)
            return stay(rollout, f"{show_share(asked)} of the answers to {rollout.live}", *restore, SetWeights(wish))
        if rollout.stepped and not (seen.traffic.in_sync and seen.at - rollout.stepped >= plan.rollback.every):
            why = f"{rollout.live} has {show_share(has)} again; the next step back follows"
            # As below: a crash or a lost reply may have taken the change's id with it.
            again = () if seen.traffic.in_sync else (SetWeights(seen.traffic.weights),)
            return stay(rollout, why, *restore, *again)
        carries = min(carries, has + plan.rollback.step)
        rollout = replace(rollout, stepped=seen.at, stepped_to=carries)
    wish = weights_for(rollout.live, 1 - carries, plan.traffic.finest)
    if carries == 1.0 and dict(seen.traffic.weights) == wish:
        if not seen.traffic.in_sync:
            # Asked again, since a crash or a lost reply may have taken the change's id with it: safe to repeat.
            why = f"waiting until {plan.traffic.everywhere} send everybody to {rollout.live}"
            return stay(rollout, why, *restore, SetWeights(wish))
        if live is not None and live_can_carry(plan, rollout, live.healthy) < 1.0:
            why = f"{rollout.live} has all answers and {live.healthy} of {rollout.live_capacity} healthy instances"
            return stay(rollout, f"{why}; they must come back", *restore)
        why = f"all answers name {rollout.live} again"
        return go(replace(rollout, in_place=seen.at), seen, Phase.DRAIN, why, *restore)
    if carries > has or carries == 1.0:
        return stay(rollout, f"{show_share(carries)} of the answers to {rollout.live}", *restore, SetWeights(wish))
    return stay(rollout, f"{rollout.live} carries {show_share(has)}; more when its capacity is back", *restore)


def _restore(rollout: Rollout, live: EnvironmentView | None) -> tuple[Action, ...]:
    """Bring the live slot's capacity back, and keep it from shrinking meanwhile."""
    if live is None:
        return ()
    grow: tuple[Action, ...] = ()
    if live.desired < rollout.live_capacity:
        grow = (SetCapacity(rollout.live, rollout.live_capacity),)
    return grow if live.scale_in_held else (HoldScaleIn(rollout.live, held=True), *grow)


def _carries(plan: Plan, rollout: Rollout, seen: Observation, live: EnvironmentView | None) -> float:
    """The share that the live slot should have now."""
    if live is None or plan.rollback.pace == "at_once" or (_nowhere_else(rollout, seen) and live.healthy > 0):
        return 1.0
    carries = live_can_carry(plan, rollout, live.healthy)
    return carries if plan.traffic.divides else float(int(carries))


def _nowhere_else(rollout: Rollout, seen: Observation) -> bool:
    """The candidate serves nobody any more."""
    candidate = seen.environment(rollout.candidate)
    return candidate is not None and candidate.healthy == 0


def _steps(plan: Plan, rollout: Rollout, seen: Observation, more: float) -> bool:
    """Whether so much more for the live slot has to come in steps: as long as users are served where they are."""
    patient = plan.rollback.pace == "stepped" and seen.environment(rollout.live) is not None
    return patient and more > 0 and plan.traffic.divides and not _nowhere_else(rollout, seen)
