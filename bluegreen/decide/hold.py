"""HOLD and BAKE: watch. A hold begins when users have followed the weights, and is over when its time is and every gate
passes; UNKNOWN is waited out for a while, and never promotes.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bluegreen.decide.capacity import live_can_carry, show_weights, weights_for
from bluegreen.decide.moved import followed, late
from bluegreen.decide.moves import finish, go, go_back, stay
from bluegreen.decide.watch import Watch, unwell, watch
from bluegreen.model import Action, Decision, End, Observation, Phase, Question, Rollout, SetCapacity, Verdict
from bluegreen.plan import Plan
from bluegreen.units import show_about, show_duration, show_share


def hold(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    step = plan.steps[rollout.step]
    watched = watch(plan, rollout, seen)
    rollout, missing = followed(plan, rollout, seen)
    if missing and (too_late := late(plan, rollout, seen)):
        if plan.moved.if_not == "rollback":
            return go_back(rollout, seen, f"{too_late}: {missing}", watched.judged)
        rollout, missing = replace(rollout, moved=seen.at), ""
    began = rollout.moved or seen.at
    early = _not_yet(plan, rollout, seen, watched, began + step.hold)
    if early is not None:
        return replace(early, why=missing) if missing and early.rollout.phase is Phase.HOLD else early
    passed = f"{show_share(step.share)} held for {show_about(seen.at - began)}"
    if rollout.step + 1 < len(plan.steps):
        next_step = replace(rollout, step=rollout.step + 1)
        return go(next_step, seen, Phase.SCALE, f"{passed}, {_by(rollout, watched)}", judged=watched.judged)
    return go(rollout, seen, Phase.BAKE, f"{passed}, {_by(rollout, watched)}", judged=watched.judged)


def bake(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    watched = watch(plan, rollout, seen)
    early = _not_yet(plan, rollout, seen, watched, rollout.since + plan.bake)
    if early is not None:
        return early
    baked = f"baked for {show_about(seen.at - rollout.since)}, {_by(rollout, watched)}"
    why = f"{baked}; {rollout.live} may go when nobody uses it"
    return go(replace(rollout, leaving=rollout.live), seen, Phase.DRAIN, why, judged=watched.judged)


def _by(rollout: Rollout, watched: Watch) -> str:
    """On whose word it goes on: the gates', or that of a person who did not wait for them."""
    if not rollout.promoted:
        return "all gates pass"
    known = f"without evidence ({watched.unknown})" if watched.unknown else "all gates pass"
    return f"promoted by {rollout.promoted}; {known}"


def _not_yet(plan: Plan, rollout: Rollout, seen: Observation, watched: Watch, until: datetime) -> Decision | None:
    """What keeps this watch from being over, or nothing."""
    judged = watched.judged
    if bad := watched.failed or unwell(rollout, seen):
        return go_back(rollout, seen, bad, judged)
    share = plan.steps[rollout.step].share
    wish = weights_for(rollout.live, share, plan.traffic.finest)
    if seen.traffic is not None and dict(seen.traffic.weights) != wish:
        found = show_weights(seen.traffic.weights)
        return go(rollout, seen, Phase.SHIFT, f"somebody else set the weights to {found}; putting them back")
    left = until - seen.at
    if left > timedelta(0) and not rollout.promoted and not watched.given_up:
        why, restore = _live_lost(plan, rollout, seen, 1 - share)
        why = why or f"watching {show_share(share)}"
        return stay(rollout, why, *restore, wait=min(plan.every, left), judged=judged)
    if watched.unknown and not rollout.promoted:
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
    patience = min(gate.max_wait for gate, said in verdicts if said.verdict is Verdict.UNKNOWN and said.decides)
    if seen.at < until + patience and not watched.given_up:
        return stay(rollout, f"not enough evidence yet: {watched.unknown}", wait=plan.every, judged=watched.judged)
    waited = "" if watched.given_up else f" after waiting {show_duration(patience)} more"
    why = f"no evidence{waited}: {watched.unknown}"
    if plan.on_unknown == "ask":
        return _ask(plan, rollout, seen, why, watched)
    return go_back(rollout, seen, why, watched.judged)


def _ask(plan: Plan, rollout: Rollout, seen: Observation, why: str, watched: Watch) -> Decision:
    """Somebody has to say what to do: promote, retry or abort. Evidence that comes meanwhile counts."""
    asked = rollout.asked or Question(seen.at, why)
    if seen.at - asked.at >= plan.ask_for:
        return finish(rollout, seen, End.NEEDS_OPERATOR, f"nobody answered for {show_duration(plan.ask_for)}: {why}")
    question = f"promote, retry or abort? {why}"
    return stay(replace(rollout, asked=asked), question, wait=plan.every, judged=watched.judged)
