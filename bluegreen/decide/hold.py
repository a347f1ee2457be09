"""HOLD and BAKE: watch. A hold is over when its time is and every gate passes; UNKNOWN is waited out for a while,
and never promotes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bluegreen.decide.capacity import live_can_carry, weights_for
from bluegreen.decide.moves import finish, go, go_back, stay
from bluegreen.decide.watch import Watch, unwell, watch
from bluegreen.model import Action, Decision, End, Observation, Phase, Rollout, SetCapacity, Verdict
from bluegreen.plan import Plan
from bluegreen.units import show_about, show_duration, show_share


def hold(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    step = plan.steps[rollout.step]
    watched = watch(plan, rollout, seen)
    early = _not_yet(plan, rollout, seen, watched, (rollout.in_place or rollout.since) + step.hold)
    if early is not None:
        return early
    passed = f"{show_share(step.share)} held for {show_about(seen.at - (rollout.in_place or rollout.since))}"
    if rollout.step + 1 < len(plan.steps):
        next_step = replace(rollout, step=rollout.step + 1)
        return go(next_step, seen, Phase.SCALE, f"{passed}, all gates pass", judged=watched.judged)
    return go(rollout, seen, Phase.BAKE, f"{passed}, all gates pass", judged=watched.judged)


def bake(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    watched = watch(plan, rollout, seen)
    early = _not_yet(plan, rollout, seen, watched, rollout.since + plan.bake)
    if early is not None:
        return early
    why = f"baked for {show_about(seen.at - rollout.since)}, all gates pass; {rollout.live} may go when nobody uses it"
    return go(replace(rollout, leaving=rollout.live), seen, Phase.DRAIN, why, judged=watched.judged)


def _not_yet(plan: Plan, rollout: Rollout, seen: Observation, watched: Watch, until: datetime) -> Decision | None:
    """What keeps this watch from being over, or nothing."""
    judged = watched.judged
    if bad := watched.failed or unwell(rollout, seen):
        return go_back(rollout, seen, bad, judged)
    share = plan.steps[rollout.step].share
    wish = weights_for(rollout.live, share)
    if seen.traffic is not None and dict(seen.traffic.weights) != wish:
        found = ", ".join(f"{slot} {weight}" for slot, weight in sorted(seen.traffic.weights.items()))
        return go(rollout, seen, Phase.SHIFT, f"somebody else set the weights to {found}; putting them back")
    left = until - seen.at
    if left > timedelta(0):
        why, restore = _live_lost(plan, rollout, seen, 1 - share)
        why = why or f"watching {show_share(share)}"
        return stay(rollout, why, *restore, wait=min(plan.every, left), judged=judged)
    if watched.unknown:
        return _unknown(plan, rollout, seen, watched, until)
    if seen.traffic is None:
        return stay(rollout, "the weights cannot be read, so nothing is promoted", judged=judged)
    return None


def _live_lost(plan: Plan, rollout: Rollout, seen: Observation, share: float) -> tuple[str, tuple[Action, ...]]:
    """What the live slot lost of the capacity that its share needs, and the action that brings it back."""
    live = seen.environment(rollout.live)
    if live is None or live.desired >= rollout.live_capacity or live_can_carry(plan, rollout, live.healthy) >= share:
        return "", ()
    why = f"{rollout.live} has only {live.healthy} healthy instances for its {show_share(share)}"
    return why, (SetCapacity(rollout.live, rollout.live_capacity),)


def _unknown(plan: Plan, rollout: Rollout, seen: Observation, watched: Watch, until: datetime) -> Decision:
    verdicts = zip(plan.gates, watched.judged, strict=True)
    patience = min(gate.max_wait for gate, judged in verdicts if judged.verdict is Verdict.UNKNOWN)
    if seen.at < until + patience:
        return stay(rollout, f"not enough evidence yet: {watched.unknown}", wait=plan.every, judged=watched.judged)
    why = f"no evidence after waiting {show_duration(patience)} more: {watched.unknown}"
    if plan.on_unknown == "ask":
        return finish(rollout, seen, End.NEEDS_OPERATOR, why)
    return go_back(rollout, seen, why, watched.judged)
