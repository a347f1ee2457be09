"""Situations of traffic on its way, and of those who do not follow."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from bluegreen.model import End, Phase, query_of
from sim.effects import WeightsChanged
from sim.reached.base import Left, mark

STALE = 0.01
"""The share of users with an old answer from which on they count."""
LONG = timedelta(minutes=5)
ODD = 0.05
"""So far may the true share of requests be from the weights' share before it counts."""


@mark
def promotion_with_stale_clients(left: Left) -> bool:
    """The candidate had everybody by weight, and some users had not heard of it."""
    began = next((entry.at for entry in left.decided if entry.decision.rollout.phase is Phase.BAKE), None)
    return began is not None and left.stale_at(began) > STALE


@mark
def drain_that_met_late_traffic(left: Left) -> bool:
    """Requests were seen on the leaving slot five minutes into its drain."""
    for entry in left.during(Phase.DRAIN):
        rollout = entry.decision.rollout
        if rollout.phase is not Phase.DRAIN or rollout.leaving is None or entry.at - rollout.since < LONG:
            continue
        points = entry.seen.points(query_of("requests", rollout.leaving))
        if points and points[-1].value > 0:
            return True
    return False


@mark
def drain_in_which_silence_was_broken(left: Left) -> bool:
    """Nobody came for a while, and then somebody did."""
    for before, after in pairwise(left.samples):
        rollout = left.rollout_at(after.at)
        if rollout is None or rollout.phase is not Phase.DRAIN or rollout.leaving is None:
            continue
        if not before.slots[rollout.leaving].requests and after.slots[rollout.leaving].requests:
            return True
    return False


@mark
def drain_cut_short_by_its_ceiling(left: Left) -> bool:
    return any("it was left running" in entry.decision.why for entry in left.during(Phase.DRAIN))


@mark
def change_of_weights_that_took_minutes(left: Left) -> bool:
    """All DNS servers answered with it only five minutes later."""
    waiting = (e for e in left.during(Phase.SHIFT) if e.seen.traffic is not None and not e.seen.traffic.in_sync)
    return any(entry.at - entry.decision.rollout.since >= LONG for entry in waiting)


@mark
def weights_that_nobody_asked_for(left: Left) -> bool:
    """Somebody else had set them while users were moving."""
    changed = [effect for effect in left.effects if isinstance(effect, WeightsChanged) and effect.by != "engine"]
    return bool(changed) and any(entry.decision.rollout.phase is Phase.SHIFT for entry in left.decided)


@mark
def record_missing_while_users_were_moving(left: Left) -> bool:
    phases = (Phase.SHIFT, Phase.HOLD, Phase.BAKE)
    seen = [entry.seen.traffic for entry in left.during(*phases)]
    return any(traffic is not None and left.live not in traffic.weights for traffic in seen)


@mark
def step_done_again(left: Left) -> bool:
    """A step that was in place had to be put in place once more."""
    return any(
        before.decision.rollout.phase in (Phase.HOLD, Phase.BAKE, Phase.DRAIN, Phase.RETIRE)
        and after.decision.rollout.phase is Phase.SHIFT
        for before, after in left.steps
    )


@mark
def share_of_requests_far_from_the_weights(left: Left) -> bool:
    """Few large caches: ten percent of the answers is a distribution of requests."""
    for before, after in pairwise(left.samples):
        total = sum(sums.requests for sums in after.slots.values())
        if total < 1000 or before.answers != after.answers or after.stale > STALE:
            continue
        share = after.slots[left.candidate].requests / total
        if abs(share - after.answers.get(left.candidate, 0.0)) > ODD:
            return True
    return False


@mark
def users_on_the_slot_that_lost_at_the_end(left: Left) -> bool:
    """Some of them never ask again."""
    if not left.decided or not left.samples:
        return False
    end = left.decided[-1].decision.rollout.end
    if end not in (End.SUCCEEDED, End.ROLLED_BACK, End.ABORTED):
        return False
    loser = left.live if end is End.SUCCEEDED else left.candidate
    return left.samples[-1].slots[loser].requests > 0
