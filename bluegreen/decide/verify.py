"""VERIFY: before any user sees the candidate it must be healthy for some time, the gates' alarms must be fit to watch
it, and every check must pass, one after the other: nobody is asked to accept what a smoke test has refused.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bluegreen.decide.checking import progress
from bluegreen.decide.facts import facts_of
from bluegreen.decide.fallback import prepared
from bluegreen.decide.moves import MAKING, finish, go, go_back, stay
from bluegreen.decide.selftest import drilled, tested, untested
from bluegreen.model import Action, Decision, End, Observation, Phase, Presence, Rollout, SetCapacity
from bluegreen.plan import Plan
from bluegreen.units import show_about, show_duration


def verify(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    candidate = seen.environment(rollout.candidate)
    if candidate is None:
        return stay(rollout, f"{rollout.candidate} cannot be read")
    if candidate.presence in (Presence.FAILED, Presence.ABSENT):
        return go_back(rollout, seen, f"{rollout.candidate} is {candidate.presence}: {candidate.detail}")
    if candidate.desired == 0:  # a kept slot, or a template's group, that has no machines: there is nothing to verify
        why = f"{rollout.candidate} has no instance; one is asked for"
        return stay(replace(rollout, healthy_since=None), why, SetCapacity(rollout.candidate, 1), wait=MAKING)
    if candidate.healthy < max(1, candidate.desired):
        why = f"{candidate.healthy} of {candidate.desired} instances of {rollout.candidate} are healthy"
        return stay(replace(rollout, healthy_since=None), why, wait=MAKING)
    since = rollout.healthy_since or seen.at
    rollout = replace(rollout, healthy_since=since)
    if (preparing := prepared(plan, rollout, seen)) is not None:
        return preparing
    left = since + plan.verify.healthy_for - seen.at
    if left > timedelta(0):
        why = f"{rollout.candidate} is healthy; it must stay so for {show_duration(plan.verify.healthy_for)}"
        return stay(rollout, why, wait=min(MAKING, left))
    if untested(plan, rollout):
        if (unfit := tested(plan, rollout, seen)) is not None:
            return unfit
        rollout = replace(rollout, tested=(*rollout.tested, rollout.phase))
    if (drilling := drilled(plan, rollout, seen)) is not None:
        return drilling
    if plan.selftest.drill:
        rollout = replace(rollout, drilled=True)
    return _checked(plan, rollout, seen)


def _checked(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    """The checks, in the file's order. While one runs no deadline counts: each has a time limit of its own."""
    actions: tuple[Action, ...] = ()
    healthy = show_about(seen.at - (rollout.healthy_since or seen.at))
    passed = [f"{rollout.candidate} has been healthy for {healthy}"]
    for check in plan.verify.checks:
        step = progress("verify", check, rollout, seen, facts_of(plan, rollout))
        rollout, actions = step.rollout, (*actions, *step.actions)
        why = f"{check.name}: {step.why}"
        if step.state == "running":
            return stay(replace(rollout, waiting=seen.at), why, *actions)
        if step.state == "unknown" and check.on_unknown == "ask":
            return finish(rollout, seen, End.NEEDS_OPERATOR, f"{why}; nobody was sent to {rollout.candidate}")
        if step.state != "passed":
            return go_back(rollout, seen, why)
        passed.append(why)
    return go(rollout, seen, Phase.SCALE, "; ".join(passed), *actions)
