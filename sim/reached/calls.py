"""Situations of calls to AWS that go wrong at a bad moment."""

from __future__ import annotations

from itertools import pairwise

from bluegreen.journal.entries import Decided, Failed
from bluegreen.model import Phase, RemoveEnvironment, RemoveRecord, SetCapacity, SetWeights
from sim.reached.base import Left, mark

UNSURE = ("Timeout", "no answer")


@mark
def lost_reply_of_a_weight_change(left: Left) -> bool:
    """The engine was told that it failed, and the next look that could see shows that it had not."""
    for failed in left.failed:
        if isinstance(failed.action, SetWeights) and any(word in failed.trouble.error for word in UNSURE):
            later = (entry.seen.traffic for entry in left.decided if entry.at > failed.at and entry.seen.traffic)
            traffic = next(later, None)
            if traffic is not None and dict(traffic.weights) == dict(failed.action.weights):
                return True
    return False


@mark
def throttle_during_rollback(left: Left) -> bool:
    said = [trouble.error for entry in left.during(Phase.ROLLBACK) for trouble in entry.seen.trouble]
    return any("Throttl" in error for error in said)


@mark
def weight_change_refused_in_the_rollback(left: Left) -> bool:
    return Phase.ROLLBACK in _phases_of_refused_weights(left)


@mark
def weight_change_refused_in_the_shift(left: Left) -> bool:
    return Phase.SHIFT in _phases_of_refused_weights(left)


@mark
def capacity_refused(left: Left) -> bool:
    return any(isinstance(failed.action, SetCapacity) for failed in left.failed)


@mark
def removal_refused(left: Left) -> bool:
    return any(isinstance(failed.action, RemoveEnvironment | RemoveRecord) for failed in left.failed)


@mark
def same_action_failed_twice_in_a_row(left: Left) -> bool:
    return any(before.action == after.action for before, after in pairwise(left.failed))


@mark
def more_than_one_action_and_the_first_failed(left: Left) -> bool:
    """The others of that decision were not done."""
    return any(
        isinstance(before, Decided)
        and isinstance(after, Failed)
        and len(before.decision.actions) > 1
        and after.action == before.decision.actions[0]
        for before, after in pairwise(left.entries)
    )


def _phases_of_refused_weights(left: Left) -> list[Phase | None]:
    return [left.phase_at(failed.at) for failed in left.failed if isinstance(failed.action, SetWeights)]
