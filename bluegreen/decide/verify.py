"""VERIFY: the candidate must be healthy for some time before any user sees it."""

from __future__ import annotations

from dataclasses import replace

from bluegreen.decide.moves import go, go_back, stay
from bluegreen.model import Decision, Observation, Phase, Presence, Rollout
from bluegreen.plan import Plan
from bluegreen.units import show_about, show_duration


def verify(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    candidate = seen.environment(rollout.candidate)
    if candidate is None:
        return stay(rollout, f"{rollout.candidate} cannot be read")
    if candidate.presence in (Presence.FAILED, Presence.ABSENT):
        return go_back(rollout, seen, f"{rollout.candidate} is {candidate.presence}: {candidate.detail}")
    if candidate.healthy < max(1, candidate.desired):
        why = f"{candidate.healthy} of {candidate.desired} instances of {rollout.candidate} are healthy"
        return stay(replace(rollout, healthy_since=None), why)
    since = rollout.healthy_since or seen.at
    rollout = replace(rollout, healthy_since=since)
    if seen.at - since < plan.verify.healthy_for:
        return stay(
            rollout, f"{rollout.candidate} is healthy; it must stay so for {show_duration(plan.verify.healthy_for)}"
        )
    return go(rollout, seen, Phase.SCALE, f"{rollout.candidate} has been healthy for {show_about(seen.at - since)}")
