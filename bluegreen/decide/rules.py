"""The rules that hold in every phase, then the phase's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bluegreen.decide.acceptance import hear
from bluegreen.decide.asking import asking
from bluegreen.decide.beside import beside
from bluegreen.decide.capacity import show_weights, weights_for
from bluegreen.decide.databack import answered, data_back, leftover_data, returning
from bluegreen.decide.drain import drain
from bluegreen.decide.hold import bake, hold
from bluegreen.decide.holding import held
from bluegreen.decide.moves import finish, go_back, gone_back
from bluegreen.decide.operators import FORWARD, aborted, hands_off, obey
from bluegreen.decide.prewarm import leftover
from bluegreen.decide.provision import provision
from bluegreen.decide.retire import needed_still, nobody_serves, retire
from bluegreen.decide.rollback import rollback
from bluegreen.decide.scale import scale
from bluegreen.decide.shift import shift
from bluegreen.decide.verify import verify
from bluegreen.decide.watch import remembered
from bluegreen.model import Decision, End, Observation, Phase, Rollout
from bluegreen.model.changed import changed
from bluegreen.plan import Plan
from bluegreen.units import show_duration, show_share

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


def decide(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    """What is next, and why. Pure; deterministic; never called on a finished rollout."""
    assert not rollout.finished, "a finished rollout has nothing left to decide"
    now, answers = obey(changed(rollout, looks=rollout.looks + 1, tallies=remembered(plan, rollout, seen)), seen)
    now, answers = hear(plan, now, seen, answers)
    decision = aborted(now, seen, rollout)
    if decision is None:
        decision = hands_off(plan, now, held(plan, now, seen, _decide(plan, now, seen)))
    elif plan.data is not None:
        decision = data_back(plan, now, seen, decision)
        answers = answered(decision.rollout, answers)
    decision = leftover_data(plan, leftover(plan, rollout, seen, decision))
    decision = beside(plan, rollout, seen, asking(plan, seen, decision))
    if answers or decision.wait > plan.every:
        decision = replace(decision, answers=answers, wait=min(decision.wait, plan.every))
    return decision


def _decide(plan: Plan, rollout: Rollout, seen: Observation) -> Decision:
    for rule in (_too_many_looks, _returning, _lasting_trouble, _deadline):
        decision = rule(plan, rollout, seen)
        if decision is not None:
            return decision
    return PHASES[rollout.phase](plan, replace(rollout, waiting=None) if rollout.waiting else rollout, seen)


def _returning(plan: Plan, rollout: Rollout, seen: Observation) -> Decision | None:
    return returning(rollout, seen)


def _too_many_looks(plan: Plan, rollout: Rollout, seen: Observation) -> Decision | None:
    if rollout.looks <= plan.look_limit:
        return None
    return finish(rollout, seen, End.NEEDS_OPERATOR, f"stopped after {plan.look_limit} looks")


def _lasting_trouble(plan: Plan, rollout: Rollout, seen: Observation) -> Decision | None:
    """What AWS refuses for good is not asked for again and again on the way forward."""
    if not seen.trouble or rollout.phase not in FORWARD:
        return None
    lasting = [trouble for trouble in seen.trouble if trouble.lasting]
    if not lasting:
        return None
    made = rollout.phase is not Phase.PROVISION
    why = "; ".join(f"{trouble.what}: {trouble.error}" for trouble in lasting)
    return go_back(replace(rollout, not_made=not made), seen, why)


def _deadline(plan: Plan, rollout: Rollout, seen: Observation) -> Decision | None:
    limit = plan.deadlines.of(rollout.phase)
    if limit is None or rollout.paused or rollout.waiting or seen.at - rollout.since < limit:
        return None
    why = f"{rollout.phase} took longer than {show_duration(limit)}"
    match rollout.phase:
        case Phase.ROLLBACK:
            return finish(rollout, seen, End.ROLLBACK_FAILED, f"{why}: {_way_back(rollout, seen)}")
        case Phase.RETIRE if rollout.leaving is rollout.live:
            return finish(rollout, seen, End.NEEDS_OPERATOR, f"{why}: {_stuck(plan, rollout, seen)}")
        case Phase.RETIRE if kept := needed_still(rollout, seen):
            return finish(rollout, seen, End.NEEDS_OPERATOR, f"{why}: {kept}; it began because: {rollout.cause}")
        case Phase.RETIRE:
            return gone_back(rollout, seen, f"{why}: {_stuck(plan, rollout, seen)}")
        case _:
            return go_back(rollout, seen, f"{why}: {_stuck(plan, rollout, seen)}")


def _way_back(rollout: Rollout, seen: Observation) -> str:
    """How far it came, for the person who is needed now."""
    live = seen.environment(rollout.live)
    healthy = f"{live.healthy} of {rollout.live_capacity} healthy instances" if live else "instances nobody can see"
    answers = show_share(seen.traffic.share(rollout.live)) if seen.traffic else "nobody knows how many"
    came = f"{rollout.live} has {healthy} and {answers} of the answers"
    trouble = "".join(f" ({trouble.what}: {trouble.error})" for trouble in seen.trouble)
    return f"{came}{trouble}; it began because: {rollout.cause}"


def _stuck(plan: Plan, rollout: Rollout, seen: Observation) -> str:
    """What it was waiting for, as far as one look can tell."""
    if seen.trouble:
        return "; ".join(f"{trouble.what}: {trouble.error}" for trouble in seen.trouble)
    slot = rollout.leaving or rollout.candidate
    view = seen.environment(slot)
    waits = _waits(plan, rollout, seen)
    if view is None:
        return waits or "the environments could not be read"
    return waits or view.detail or f"{view.healthy} of {view.desired} instances of {slot} are healthy"


def _waits(plan: Plan, rollout: Rollout, seen: Observation) -> str:
    """What keeps the phase, or nothing when it can only be the slot that it makes or removes."""
    if rollout.phase is Phase.RETIRE:
        return needed_still(rollout, seen) or nobody_serves(rollout, seen)
    if rollout.phase not in (Phase.SCALE, Phase.SHIFT):
        return ""
    wish = weights_for(rollout.live, plan.steps[rollout.step].share, plan.traffic.finest)
    traffic = seen.traffic
    if rollout.phase is Phase.SHIFT and traffic and dict(traffic.weights) == wish and not traffic.in_sync:
        return f"the change to {show_weights(wish)} is not in sync: not {plan.traffic.everywhere} know it"
    waiting = PHASES[rollout.phase](plan, rollout, seen)
    return waiting.why if waiting.rollout.phase is rollout.phase else ""
