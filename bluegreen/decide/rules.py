"""The rules that hold in every phase, then the phase's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bluegreen.decide.drain import drain
from bluegreen.decide.hold import bake, hold
from bluegreen.decide.moves import finish, go_back, gone_back
from bluegreen.decide.provision import provision
from bluegreen.decide.retire import retire
from bluegreen.decide.rollback import rollback
from bluegreen.decide.scale import scale
from bluegreen.decide.shift import shift
from bluegreen.decide.verify import verify
from bluegreen.model import Decision, End, Observation, Phase, Rollout
from bluegreen.plan import Plan
from bluegreen.units import show_duration

PHASES: dict[Phase, Callable[[Plan, Rollout, Observation], Decision]] = {
    Phase.PROVISION: provision,
    Phase.VERIFY: verify,
    Phase.SCALE: scale,
    Phase.SHIFT: shift,
    Phase.HOLD: hold,
    Phase.BAKE: bake,
    Phase.ROLLBACK: rollback,
    Phase.DRAIN: drain,
    Phase.RETIRE: retire,
}
_FORWARD = {Phase.PROVISION, Phase.VERIFY, Phase.SCALE, Phase.SHIFT, Phase.HOLD, Phase.BAKE}


def decide(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    """What is next, and why. Pure; deterministic; never called on a finished rollout."""
    assert not rollout.finished, "a finished rollout has nothing left to decide"
    decision = _decide(plan, replace(rollout, looks=rollout.looks + 1), seen)
    return replace(decision, wait=min(decision.wait, plan.every))


def _decide(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    for rule in (_too_many_looks, _operator, _lasting_trouble, _deadline):
        decision = rule(plan, rollout, seen)
        if decision is not None:
            return decision
    return PHASES[rollout.phase](plan, rollout, seen)


def _too_many_looks(plan: Plan, rollout: Rollout, seen: Observation) -> Decision | None:
    if rollout.looks <= plan.look_limit:
        return None
    return finish(rollout, seen, End.NEEDS_OPERATOR, f"stopped after {plan.look_limit} looks")


def _operator(plan: Plan, rollout: Rollout, seen: Observation) -> Decision | None:
    """An abort is obeyed as long as there is a live slot to go back to."""
    for command in seen.commands:
        can_go_back = rollout.phase in _FORWARD or (rollout.phase is Phase.DRAIN and rollout.leaving is rollout.live)
        if command.verb == "abort" and can_go_back:
            return go_back(replace(rollout, aborted=True), seen, f"{command.who} aborted: {command.why}")
    return None


def _lasting_trouble(plan: Plan, rollout: Rollout, seen: Observation) -> Decision | None:
    """What AWS refuses for good is not asked for again and again on the way forward."""
    lasting = [trouble for trouble in seen.trouble if trouble.lasting]
    if not lasting or rollout.phase not in _FORWARD:
        return None
    made = rollout.phase is not Phase.PROVISION
    why = "; ".join(f"{trouble.what}: {trouble.error}" for trouble in lasting)
    return go_back(replace(rollout, not_made=not made), seen, why)


def _deadline(plan: Plan, rollout: Rollout, seen: Observation) -> Decision | None:
    limit = _limits(plan).get(rollout.phase)
    if limit is None or seen.at - rollout.since < limit:
        return None
    why = f"{rollout.phase} took longer than {show_duration(limit)}"
    match rollout.phase:
        case Phase.ROLLBACK:
            return finish(rollout, seen, End.ROLLBACK_FAILED, f"{why}; it began because: {rollout.cause}")
        case Phase.RETIRE if rollout.leaving is rollout.live:
            return finish(rollout, seen, End.NEEDS_OPERATOR, f"{why}: {_stuck(rollout, seen)}")
        case Phase.RETIRE:
            return gone_back(rollout, seen, f"{why}: {_stuck(rollout, seen)}")
        case _:
            return go_back(rollout, seen, f"{why}: {_stuck(rollout, seen)}")


def _limits(plan: Plan) -> dict[Phase, timedelta]:
    limits = plan.deadlines
    return {
        Phase.PROVISION: limits.provision,
        Phase.VERIFY: limits.verify,
        Phase.SCALE: limits.scale,
        Phase.SHIFT: limits.shift,
        Phase.ROLLBACK: limits.rollback,
        Phase.RETIRE: limits.retire,
    }


def _stuck(rollout: Rollout, seen: Observation) -> str:
    """What it was waiting for, as far as one look can tell."""
    if seen.trouble:
        return "; ".join(f"{trouble.what}: {trouble.error}" for trouble in seen.trouble)
    view = seen.environment(rollout.leaving or rollout.candidate)
    if view is None:
        return "the environments could not be read"
    return (
        view.detail
        or f"{view.healthy} of {view.desired} instances of {rollout.leaving or rollout.candidate} are healthy"
    )
