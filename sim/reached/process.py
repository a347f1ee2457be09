"""Situations of the engine's own process."""

from __future__ import annotations

from itertools import pairwise

from bluegreen.journal.entries import Decided, Failed, Resumed
from bluegreen.model import Phase, SetWeights
from sim.reached.base import Left, mark


@mark
def crash_between_intent_and_action(left: Left) -> bool:
    """Written down, and then the engine died before it was done, or before it could know that it was."""
    return any(
        isinstance(before, Decided) and before.decision.actions and _died(after)
        for before, after in pairwise(left.entries)
    )


@mark
def crash_with_a_weight_change_under_way(left: Left) -> bool:
    return any(
        isinstance(before, Decided) and any(isinstance(a, SetWeights) for a in before.decision.actions) and _died(after)
        for before, after in pairwise(left.entries)
    )


@mark
def crash_after_a_failed_action(left: Left) -> bool:
    return any(isinstance(before, Failed) and _died(after) for before, after in pairwise(left.entries))


@mark
def crash_during_rollback(left: Left) -> bool:
    return _resumed_in(left, Phase.ROLLBACK)


@mark
def crash_during_shift(left: Left) -> bool:
    return _resumed_in(left, Phase.SHIFT)


@mark
def crash_during_retire(left: Left) -> bool:
    return _resumed_in(left, Phase.RETIRE)


@mark
def crash_while_it_was_paused(left: Left) -> bool:
    return any(resumed.rollout is not None and resumed.rollout.paused is not None for resumed in left.resumed)


@mark
def two_crashes(left: Left) -> bool:
    return sum(map(_died, left.resumed)) > 1


@mark
def engine_that_stood_still_while_users_were_moving(left: Left) -> bool:
    return any(
        "stood still" in resumed.why and resumed.rollout is not None and resumed.rollout.exposed
        for resumed in left.resumed
    )


def _died(entry: object) -> bool:
    return isinstance(entry, Resumed) and "died" in entry.why


def _resumed_in(left: Left, phase: Phase) -> bool:
    return any(_died(resumed) and resumed.rollout and resumed.rollout.phase is phase for resumed in left.resumed)
