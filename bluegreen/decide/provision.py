"""PROVISION: make the candidate's environment. Nothing that users can feel happens here."""

from __future__ import annotations

from dataclasses import replace

from bluegreen.decide.moves import MAKING, finish, go, go_back, stay
from bluegreen.model import CreateEnvironment, Decision, End, Observation, Phase, Presence, Rollout
from bluegreen.plan import Plan

HOW_TO_SHIP = "To ship the fix all the same, move all at once (strategy all_at_once), and say candidate.instances"


def provision(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    live, candidate = seen.environment(rollout.live), seen.environment(rollout.candidate)
    if not rollout.live_capacity:
        if live is None:
            return stay(rollout, f"{rollout.live} cannot be read yet")
        if live.healthy == 0 and not _ships_the_fix(plan):
            why = f"{rollout.live} is live but has no healthy instance. {HOW_TO_SHIP}"
            return finish(rollout, seen, End.NEEDS_OPERATOR, why)
        rollout = replace(rollout, live_capacity=live.healthy or plan.candidate.instances or 0)
    if candidate is None:
        return stay(rollout, f"{rollout.candidate} cannot be read yet")
    match candidate.presence:
        case Presence.READY:
            return go(rollout, seen, Phase.VERIFY, f"{rollout.candidate} is there; is it healthy?")
        case Presence.FAILED:
            why = f"{rollout.candidate} could not be made: {candidate.detail}"
            return go_back(replace(rollout, not_made=True), seen, why)
        case Presence.REMOVING:
            return stay(rollout, f"an earlier {rollout.candidate} is still being removed", wait=MAKING)
        case _:
            what = candidate.detail or f"making {rollout.candidate} beside {rollout.live}"
            return stay(rollout, what, CreateEnvironment(rollout.candidate), wait=MAKING)


def _ships_the_fix(plan: Plan) -> bool:
    """With a live slot that is down there is nothing to share traffic with, and nothing to learn the capacity from."""
    return plan.steps[0].share == 1.0 and plan.candidate.instances is not None
