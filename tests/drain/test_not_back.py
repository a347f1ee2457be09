"""The way back is over when users are back, not when DNS says so."""

from datetime import timedelta

import pytest

from bluegreen.model import End, Phase, Slot
from tests.drain.test_ceiling import Used, drain_began, plan_with, whys
from tests.engine.test_engine import PLAN, perform

BLUE, GREEN = Slot.BLUE, Slot.GREEN


class Stuck(Used):
    """So many requests in a minute still reach green, beside the 60,000 of blue."""

    def __init__(self, requests, **more):
        super().__init__(GREEN, error_rate=0.05, **more)
        self.requests = requests

    def _series(self, query, since, until):
        points = super()._series(query, since, until)
        used = query.measure == "requests" and query.slot is GREEN and not self.weights.get(GREEN)
        return tuple(type(point)(point.at, self.requests) for point in points) if used else points


def test_users_who_stay_on_a_bad_candidate_make_the_way_back_fail_by_its_deadline():
    outside = Stuck(30_000.0)
    rollout, journal = perform(outside)
    assert rollout.end is End.ROLLBACK_FAILED
    assert outside.at - drain_began(journal) == PLAN.deadlines.rollback
    told = "users did not go back within 30m: 33.33% of the requests still reach green, though all answers name blue"
    assert whys(journal)[-1].startswith(told)
    assert set(outside.desired) == {BLUE, GREEN}


@pytest.mark.parametrize("requests", [30_000.0, 500.0])
def test_a_ceiling_before_that_deadline_ends_only_a_tail(requests):
    early = PLAN.drain.model_copy(update={"ceiling": timedelta(minutes=10)})
    rollout, _ = perform(Stuck(requests), plan_with(drain=early))
    assert rollout.end is (End.ROLLBACK_FAILED if requests > 500 else End.ROLLED_BACK)


def test_half_of_what_went_to_a_small_step_are_many_too():
    """At 1 % of the traffic: 500 of 60,500 requests are more than half of it."""
    said = {name: getattr(PLAN, name) for name in PLAN.model_fields_set}
    small = type(PLAN)(**{**said, "strategy": {"kind": "linear", "step": "1%", "hold": "10m"}})
    rollout, _ = perform(Stuck(500.0), small)
    assert rollout.end is End.ROLLBACK_FAILED


def test_users_who_come_back_late_are_waited_for():
    outside = Stuck(30_000.0)

    def later(rollout):
        if rollout.phase is Phase.DRAIN and outside.at - rollout.since > timedelta(minutes=25):
            outside.used = None
        return False

    rollout, _ = perform(outside, until=later)
    assert rollout.end is End.ROLLED_BACK
    assert set(outside.desired) == {BLUE}


def test_when_nobody_can_tell_where_users_are_nothing_is_said_to_have_failed():
    outside = Stuck(30_000.0)

    def blind(rollout):
        outside.mute = outside.mute or rollout.phase is Phase.DRAIN
        return False

    rollout, journal = perform(outside, until=blind)
    assert rollout.end is End.ROLLED_BACK
    assert "nobody knows whether it is used" in whys(journal)[-1]


class Deaf(Stuck):
    """Nobody counts blue's requests once all answers name it again, and nothing is heard of its machines either,
    unless they are `heard`."""

    def __init__(self, heard):
        super().__init__(500.0)
        self.heard = heard

    def _series(self, query, since, until):
        gone = self.weights.get(GREEN) == 0 or GREEN not in self.weights
        hidden = query.slot is BLUE and (query.measure == "requests" or not self.heard)
        return () if gone and hidden else super()._series(query, since, until)


@pytest.mark.parametrize(("heard", "end"), [(False, End.ROLLED_BACK), (True, End.ROLLBACK_FAILED)])
def test_no_count_of_the_live_slot_means_nobody_only_beside_a_sign_of_its_life(heard, end):
    outside = Deaf(heard)
    rollout, _ = perform(outside)
    assert rollout.end is end
    if not heard:
        assert outside.weights == {BLUE: 100} and outside.held == {BLUE: False, GREEN: False}
