"""A hold begins when users have followed the weights, not when the weights are set."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bluegreen.decide.moved import followed, realised, slack
from bluegreen.journal.entries import Decided
from bluegreen.model import End, EnvironmentView, Observation, Phase, Point, Presence, Reading, Rollout, Slot, query_of

from .memory import Outside
from .test_engine import PLAN, perform


class Slow(Outside):
    """Users follow the weights only after a while."""

    def __init__(self, takes):
        super().__init__()
        self.takes, self.since, self.before = takes, self.at, dict(self.weights)

    def set(self, weights):
        if dict(weights) != self.weights:
            if self.at - self.since >= self.takes:  # else they are still where they were
                self.before = dict(self.weights)
            self.since = self.at
        super().set(weights)

    def _series(self, query, since, until):
        now = self.weights
        if self.at - self.since < self.takes:
            self.weights = self.before
        try:
            return super()._series(query, since, until)
        finally:
            self.weights = now


def holds(journal):
    """The decisions in the first hold."""
    entries = [entry.decision for entry in journal.entries() if isinstance(entry, Decided)]
    return [each for each in entries if each.rollout.phase is Phase.HOLD and each.rollout.step == 0]


@pytest.mark.parametrize("minutes", [1, 4, 9])
def test_the_hold_lasts_its_time_from_the_moment_at_which_users_have_followed(minutes):
    outside = Slow(timedelta(minutes=minutes))
    rollout, journal = perform(outside, until=lambda it: it.step == 1)
    moved = next(each.rollout.moved for each in holds(journal) if each.rollout.moved)
    in_place = holds(journal)[0].rollout.in_place
    assert timedelta(minutes=minutes) <= moved - in_place <= timedelta(minutes=minutes + 3)
    assert rollout.since - moved >= PLAN.steps[0].hold


def test_stragglers_are_not_waited_for_for_ever():
    _, journal = perform(Slow(timedelta(days=9)), until=lambda it: it.step == 1)
    first = holds(journal)[0].rollout.in_place
    moved = next(each.rollout.moved for each in holds(journal) if each.rollout.moved)
    assert moved - first >= PLAN.moved.within
    assert "0% of the requests follow" in " ".join(each.why for each in holds(journal))


def test_a_plan_can_go_back_when_users_do_not_follow():
    plan = PLAN.model_copy(update={"moved": PLAN.moved.model_copy(update={"if_not": "rollback"})})
    rollout, _ = perform(Slow(timedelta(days=9)), plan)
    assert rollout.end is End.ROLLED_BACK
    assert "users did not follow within 15m" in rollout.cause


def test_only_minutes_that_began_after_the_weights_were_in_place_count():
    outside = Outside(weights={Slot.BLUE: 50, Slot.GREEN: 50})
    _, journal = perform(Outside(), until=lambda it: it.phase is Phase.HOLD and it.looks > 0)
    rollout = replace(journal.entries()[-1].decision.rollout, in_place=outside.at)
    from bluegreen.decide.moved import queries

    def seen(minutes):
        at = outside.at + timedelta(minutes=minutes)
        read = outside.read(queries(), outside.at - timedelta(minutes=9), at)
        return Observation(at, readings=tuple(Reading(query, points) for query, points in read.items()))

    assert realised(PLAN, rollout, seen(1)) is None
    assert realised(PLAN, rollout, seen(3)) == 0.5
    assert followed(PLAN, rollout, seen(1))[1].endswith("no request was counted yet")
    assert followed(PLAN, rollout, seen(3)) == (replace(rollout, moved=seen(3).at, reached=True), "")


def test_more_may_be_missing_where_few_resolvers_make_a_share_lumpy_but_never_half_of_a_step():
    few = PLAN.model_copy(update={"candidate": PLAN.candidate.model_copy(update={"resolvers": 4})})
    canary = {"kind": "canary", "share": 0.5, "hold": timedelta(minutes=5)}
    jump, lumpy = (type(it).model_validate({**it.model_dump(), "strategy": canary}) for it in (PLAN, few))
    assert slack(lumpy, 0) == 0.25 > slack(jump, 0) == PLAN.moved.band + 0.1
    assert slack(jump, 1) == PLAN.moved.band
    assert slack(PLAN, 3) == pytest.approx(0.05)


MINUTE = timedelta(minutes=1)
HALF = Rollout("r", Slot.BLUE, Phase.HOLD, Outside().at, Outside().at, step=4, in_place=Outside().at)
"""A hold of half of the traffic; its weights are in place at the beginning of a minute."""


def told(blue, green):
    """What is seen in that hold, minute by minute: `(requests, healthy)`, each None where it has no point."""
    assert PLAN.steps[HALF.step].share == 0.5
    start = HALF.in_place
    readings = [
        Reading(
            query_of(measure, slot),
            tuple(Point(start + i * MINUTE, value) for i, value in enumerate(values) if value is not None),
        )
        for slot, minutes in ((Slot.BLUE, blue), (Slot.GREEN, green))
        for measure, values in zip(("requests", "healthy_hosts"), zip(*minutes, strict=True), strict=True)
    ]
    return Observation(start + (len(blue) + 2) * MINUTE, readings=tuple(readings))


SILENT, IDLE = (None, None), (None, 10.0)


@pytest.mark.parametrize("requests", [1.0, 30_000.0])
def test_users_have_not_left_a_slot_that_nobody_hears_of(requests):
    seen = told(blue=[SILENT], green=[(requests, 10.0)])
    assert realised(PLAN, HALF, seen) is None
    rollout, why = followed(PLAN, HALF, seen)
    assert rollout.moved is None
    assert why == "50% of the answers name green, and nobody knows how many follow: no monitoring data about blue"


@pytest.mark.parametrize("requests", [1.0, 30_000.0])
def test_no_request_is_counted_of_a_slot_that_is_alive_because_nobody_made_one(requests):
    assert realised(PLAN, HALF, told(blue=[IDLE], green=[(requests, 10.0)])) == 1.0
    assert realised(PLAN, HALF, told(blue=[(requests, 10.0)], green=[IDLE])) == 0.0
    assert followed(PLAN, HALF, told(blue=[IDLE], green=[(requests, 10.0)]))[0].moved is not None


def test_the_newest_minute_that_tells_of_both_counts():
    """Blue's metrics are a minute later than green's, or have stopped."""
    late = told(blue=[(900.0, 10.0), SILENT], green=[(100.0, 10.0), (500.0, 10.0)])
    assert realised(PLAN, HALF, late) == 0.1
    assert followed(PLAN, HALF, late)[1] == "50% of the answers name green, 10% of the requests follow"
    assert realised(PLAN, HALF, told(blue=[SILENT, (500.0, 10.0)], green=[(100.0, 10.0), (500.0, 10.0)])) == 0.5


def test_minutes_in_which_nobody_came_to_either_say_nothing():
    quiet = told(blue=[(1.0, 10.0), IDLE], green=[(1.0, 10.0), IDLE])
    assert realised(PLAN, HALF, quiet) == 0.5
    assert realised(PLAN, HALF, told(blue=[IDLE], green=[IDLE])) is None
    assert followed(PLAN, HALF, told(blue=[IDLE], green=[IDLE]))[1].endswith("no request was counted yet")
    assert followed(PLAN, HALF, told(blue=[SILENT], green=[SILENT]))[1].endswith("no request was counted yet")


SWAP = {"kind": "group_swap"}


def two_groups(share, blue, green, *, requests=600.0):
    """A hold of this share with both groups at one target group, which counts all requests for both of them.
    `blue`, `green`: (registered, healthy) machines there."""
    hold = timedelta(minutes=5)
    strategy = {"kind": "canary", "share": share, "hold": hold} if share < 1 else {"kind": "all_at_once", "hold": hold}
    plan = type(PLAN).model_validate({**PLAN.model_dump(), "traffic": SWAP, "strategy": strategy})
    start = Outside().at
    rollout = Rollout("r", Slot.BLUE, Phase.HOLD, start, start, in_place=start)
    both = (Point(start, requests),) if requests else ()
    machines = {Slot.BLUE: blue, Slot.GREEN: green}
    environments = {
        slot: EnvironmentView(Presence.READY, desired=8, in_service=8, registered=there, healthy=well)
        for slot, (there, well) in machines.items()
    }
    readings = tuple(Reading(query_of("requests", slot), both) for slot in Slot)
    return plan, rollout, Observation(start + 3 * MINUTE, environments=environments, readings=readings)


def test_where_one_target_group_counts_both_slots_machines_tell_the_share_and_not_requests_that_are_counted_twice():
    """Its requests read as half and half, whoever got them."""
    assert realised(*two_groups(1, blue=(0, 8), green=(8, 8))) == 1.0
    assert realised(*two_groups(0.3, blue=(8, 8), green=(0, 8))) == 0.0
    assert realised(*two_groups(0.3, blue=(8, 8), green=(2, 2))) == 0.2
    assert followed(*two_groups(1, blue=(0, 8), green=(8, 8)))[1] == ""
    assert "0% of the requests follow" in followed(*two_groups(0.3, blue=(8, 8), green=(0, 8)))[1]


def test_machines_alone_are_no_proof_while_no_request_was_counted():
    assert realised(*two_groups(1, blue=(0, 8), green=(8, 8), requests=0)) is None


def test_a_slot_that_cannot_be_seen_gives_no_share():
    plan, rollout, seen = two_groups(1, blue=(0, 8), green=(8, 8))
    assert realised(plan, rollout, replace(seen, environments={Slot.GREEN: seen.environments[Slot.GREEN]})) is None
