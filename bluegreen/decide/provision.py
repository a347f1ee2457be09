"""PROVISION: make the candidate's environment. Nothing that users can feel happens here."""

from __future__ import annotations

from dataclasses import replace

from bluegreen.decide.moves import finish, go, go_back, stay
from bluegreen.model import CreateEnvironment, Decision, End, Observation, Phase, Presence, Rollout
from bluegreen.plan import Plan


def provision(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    live, candidate = seen.environment(rollout.live), seen.environment(rollout.candidate)
    if live is None or candidate is None:
        return stay(rollout, "the environments cannot be read yet")
    if not rollout.live_capacity:
        if live.healthy == 0:
            return finish(rollout, seen, End.NEEDS_OPERATOR, f"{rollout.live} is live but has no healthy instance")
        rollout = replace(rollout, live_capacity=live.healthy)
    match candidate.presence:
        case Presence.READY:
            return go(rollout, seen, Phase.VERIFY, f"{rollout.candidate} is there; is it healthy?")
        case Presence.FAILED:
            return go_back(rollout, seen, f"{rollout.candidate} could not be made: {candidate.detail}")
        case Presence.REMOVING:
            return stay(rollout, f"an earlier {rollout.candidate} is still being removed")
        case _:
            what = candidate.detail or f"making {rollout.candidate} beside {rollout.live}"
            return stay(rollout, what, CreateEnvironment(rollout.candidate))
