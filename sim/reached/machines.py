"""Situations of machines that go, or do not come."""

from __future__ import annotations

from itertools import pairwise

from bluegreen.model import Phase, Slot
from bluegreen.registry import kind_of
from sim.reached.base import Left, mark

WITH_USERS = (Phase.SHIFT, Phase.HOLD, Phase.BAKE)


@mark
def candidate_lost_machines_under_load(left: Left) -> bool:
    """Between two looks."""
    for before, after in left.steps:
        was, now = before.seen.environment(left.candidate), after.seen.environment(left.candidate)
        if before.decision.rollout.phase in WITH_USERS and was and now and now.healthy < was.healthy:
            return True
    return False


@mark
def nobody_healthy_anywhere(left: Left) -> bool:
    return any(
        all((view := entry.seen.environment(slot)) is not None and not view.healthy for slot in Slot)
        for entry in left.decided
        if entry.decision.rollout.exposed
    )


@mark
def zone_lost_while_users_were_moving(left: Left) -> bool:
    lost = [struck.at for struck in left.struck if kind_of(struck.fault) == "az_loss" and struck.change == "strikes"]
    return any(left.phase_at(at) in WITH_USERS for at in lost)


@mark
def capacity_that_never_came(left: Left) -> bool:
    """It went back from a step for which there were no machines."""
    return (Phase.SCALE, Phase.ROLLBACK) in pairwise(left.phases()) and not any(
        entry.decision.rollout.aborted for entry in left.decided
    )


@mark
def candidate_healthy_and_then_not_before_any_user(left: Left) -> bool:
    """It was being verified."""
    return any(
        before.decision.rollout.healthy_since is not None and after.decision.rollout.healthy_since is None
        for before, after in left.steps
        if after.decision.rollout.phase is Phase.VERIFY
    )


@mark
def fault_that_healed_in_the_rollback(left: Left) -> bool:
    return any(struck.change == "heals" and left.phase_at(struck.at) is Phase.ROLLBACK for struck in left.struck)


@mark
def faults_that_overlapped(left: Left) -> bool:
    at_work = 0
    for struck in left.struck:
        at_work += {"strikes": 1, "heals": -1}.get(struck.change, 0)
        if at_work > 1:
            return True
    return False
