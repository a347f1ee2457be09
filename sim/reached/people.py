"""Situations that people make."""

from __future__ import annotations

from bluegreen.journal.entries import Decided
from bluegreen.model import Phase, SetCapacity, Verdict
from sim.effects import CapacityChanged, Removed
from sim.reached.base import Left, mark


@mark
def second_abort(left: Left) -> bool:
    """Somebody says it again while it is being done."""
    return any("abort" in _said(entry) for before, entry in left.steps if before.decision.rollout.aborted)


@mark
def abort_before_any_user_was_moved(left: Left) -> bool:
    return any(_aborts(entry) and not entry.decision.rollout.exposed for entry in left.decided)


@mark
def abort_while_a_change_was_on_its_way(left: Left) -> bool:
    return any(_aborts(entry) for entry in left.during(Phase.SHIFT))


@mark
def order_that_made_no_sense(left: Left) -> bool:
    return any(not answer.accepted for entry in left.decided for answer in entry.decision.answers)


@mark
def promotion_on_someones_word(left: Left) -> bool:
    """Evidence was unknown, and the step was taken because somebody said so."""
    return any(
        entry.decision.rollout.promoted and any(j.verdict is Verdict.UNKNOWN for j in entry.decision.judgements)
        for entry in left.decided
    )


@mark
def trouble_while_it_was_paused(left: Left) -> bool:
    """It goes back in spite of the pause."""
    return any(
        before.decision.rollout.paused is not None and after.decision.rollout.phase is Phase.ROLLBACK
        for before, after in left.steps
        if before.decision.rollout.phase is not Phase.ROLLBACK
    )


@mark
def pause_in_the_middle_of_a_shift(left: Left) -> bool:
    return any(entry.decision.rollout.paused for entry in left.during(Phase.SHIFT))


@mark
def pause_in_the_middle_of_a_rollback(left: Left) -> bool:
    return any(command.verb == "pause" for entry in left.during(Phase.ROLLBACK) for command in entry.seen.commands)


@mark
def live_slot_shrunk_by_hand_under_load(left: Left) -> bool:
    return any(
        isinstance(effect, CapacityChanged)
        and effect.by == "operator"
        and effect.slot is left.live
        and effect.after < effect.before
        for effect in left.effects
    )


@mark
def shrunk_slot_grown_again_by_the_engine(left: Left) -> bool:
    shrunk = any(isinstance(e, CapacityChanged) and e.by != "engine" and e.after < e.before for e in left.effects)
    asked = (action for entry in left.during(Phase.ROLLBACK) for action in entry.decision.actions)
    return shrunk and any(isinstance(action, SetCapacity) and action.slot is left.live for action in asked)


@mark
def machines_taken_away_by_hand(left: Left) -> bool:
    return any(isinstance(effect, Removed) and effect.by == "operator" for effect in left.effects) or any(
        struck.fault.__class__.__name__ == "OperatorTerminates" for struck in left.struck
    )


def _said(entry: Decided) -> list[str]:
    return [command.verb for command in entry.seen.commands]


def _aborts(entry: Decided) -> bool:
    return any(answer.accepted and answer.command.verb == "abort" for answer in entry.decision.answers)
