"""Situations of the way back."""

from __future__ import annotations

from bluegreen.journal.entries import Decided
from bluegreen.model import Phase, RemoveEnvironment, SetWeights
from sim.reached.base import Left, mark


@mark
def rollback_from_the_first_step(left: Left) -> bool:
    return any(before.decision.rollout.step == 0 for before, _ in _turns(left))


@mark
def rollback_from_scale(left: Left) -> bool:
    """Users are on the candidate, and capacity for more of them was being made."""
    return _from(left, Phase.SCALE)


@mark
def rollback_from_bake(left: Left) -> bool:
    """All users were on the candidate."""
    return _from(left, Phase.BAKE)


@mark
def rollback_from_the_drain_of_the_live_slot(left: Left) -> bool:
    """The last moment at which there is a way back."""
    return any(
        before.decision.rollout.phase is Phase.DRAIN and before.decision.rollout.leaving is left.live
        for before, _ in _turns(left)
    )


@mark
def rollback_during_propagation(left: Left) -> bool:
    """The change before it was not known to all DNS servers yet."""
    return any(after.seen.traffic is not None and not after.seen.traffic.in_sync for _, after in _turns(left))


@mark
def rollback_with_the_live_slot_shrunk(left: Left) -> bool:
    """It has fewer healthy machines than before the rollout."""
    for _, after in _turns(left):
        view = after.seen.environment(left.live)
        if view is not None and view.healthy < after.decision.rollout.live_capacity:
            return True
    return False


@mark
def rollback_in_steps(left: Left) -> bool:
    """The live slot could not take everybody at once."""
    return any(entry.decision.rollout.stepped for entry in left.decided)


@mark
def rollback_without_seeing_the_live_slot(left: Left) -> bool:
    return any(entry.seen.environment(left.live) is None for entry in left.during(Phase.ROLLBACK))


@mark
def nobody_healthy_on_the_live_slot_in_the_rollback(left: Left) -> bool:
    views = [entry.seen.environment(left.live) for entry in left.during(Phase.ROLLBACK)]
    return any(view is not None and not view.healthy for view in views)


@mark
def nobody_healthy_on_the_candidate_in_the_rollback(left: Left) -> bool:
    views = [entry.seen.environment(left.candidate) for entry in left.during(Phase.ROLLBACK)]
    return any(view is not None and not view.healthy for view in views)


@mark
def weights_set_more_than_once_in_the_rollback(left: Left) -> bool:
    changes = [
        entry
        for entry in left.decided
        if entry.decision.rollout.phase is Phase.ROLLBACK
        and any(isinstance(action, SetWeights) for action in entry.decision.actions)
    ]
    return len(changes) > 1


@mark
def rollback_begun_twice(left: Left) -> bool:
    """It had to come back from the drain of the candidate."""
    return len(_turns(left)) > 1


@mark
def candidate_removed_before_any_user_saw_it(left: Left) -> bool:
    return any(
        not entry.decision.rollout.exposed
        and any(isinstance(action, RemoveEnvironment) for action in entry.decision.actions)
        for entry in left.decided
    )


def _turns(left: Left) -> list[tuple[Decided, Decided]]:
    """Decisions to go back, each with the one before."""
    return [
        (before, after)
        for before, after in left.steps
        if after.decision.rollout.phase is Phase.ROLLBACK and before.decision.rollout.phase is not Phase.ROLLBACK
    ]


def _from(left: Left, phase: Phase) -> bool:
    return any(before.decision.rollout.phase is phase for before, _ in _turns(left))
