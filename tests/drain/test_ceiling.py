"""The drain's ceiling asks; it never removes. And what was held for the watch is given back, whatever the end."""

from datetime import timedelta

import pytest

from bluegreen.errors import Unreachable
from bluegreen.journal.entries import Decided
from bluegreen.model import Command, End, Phase, Point, Slot
from tests.engine.memory import MINUTE, Outside
from tests.engine.test_engine import PLAN, perform, perform_on

BLUE, GREEN = Slot.BLUE, Slot.GREEN
HOUR = timedelta(hours=1)


class Used(Outside):
    """An outside in which the slot that lost still gets requests, until told otherwise."""

    def __init__(self, slot, **more):
        super().__init__(**more)
        self.used = slot

    def _series(self, query, since, until):
        points = super()._series(query, since, until)
        if query.measure == "requests" and query.slot is self.used and not points and not self.mute:
            first = since.replace(second=0, microsecond=0)
            minutes = [first + MINUTE * i for i in range(int((until - first) / MINUTE) - 1)]
            return tuple(Point(at, 500.0) for at in minutes if at >= since)
        return points


def plan_with(**changes):
    return PLAN.model_copy(update=changes)


def whys(journal):
    return [entry.decision.why for entry in journal.entries() if isinstance(entry, Decided)]


def asked_since(journal):
    return next(e.at for e in journal.entries() if isinstance(e, Decided) and e.decision.rollout.asked)


def drain_began(journal):
    return next(e.at for e in journal.entries() if isinstance(e, Decided) and e.decision.rollout.phase is Phase.DRAIN)


def over(rollout, outside):
    return rollout.phase is Phase.DRAIN and outside.at - rollout.since >= PLAN.drain.ceiling


def asks(rollout):
    return rollout.phase is Phase.DRAIN and rollout.asked is not None


def test_an_old_slot_that_is_still_used_is_asked_about_and_never_removed():
    outside = Used(BLUE)
    rollout, journal = perform(outside)
    assert rollout.end is End.NEEDS_OPERATOR
    assert asked_since(journal) - drain_began(journal) >= PLAN.drain.ceiling
    assert set(outside.desired) == {BLUE, GREEN}
    assert "nobody answered for 1h: blue still got 500 requests in a minute" in whys(journal)[-1]


def test_the_end_says_that_the_record_of_weight_zero_is_still_a_fallback():
    outside = Used(BLUE)
    _, journal = perform(outside)
    assert outside.weights == {BLUE: 0, GREEN: 100}
    assert "its record of weight 0 with it: users are sent there when nobody else is healthy" in whys(journal)[-1]


def test_what_was_held_is_held_while_it_asks_and_given_back_before_the_end():
    outside = Used(BLUE)
    perform(outside, until=asks)
    assert outside.held == {BLUE: True, GREEN: True}
    outside = Used(BLUE)
    perform(outside)
    assert outside.held == {BLUE: False, GREEN: False}


def test_it_ends_all_the_same_when_that_cannot_be_given_back():
    outside = Used(BLUE)
    outside.hold_scale_in = lambda slot, held: Used.hold_scale_in(outside, slot, held) if held else None
    rollout, journal = perform(outside)
    assert rollout.end is End.NEEDS_OPERATOR
    assert "it was left running" in whys(journal)[-1]
    told = "giving back took longer than 10m: what keeps blue from shrinking; what keeps green from shrinking"
    assert told in whys(journal)[-1]


def test_as_soon_as_nobody_uses_it_that_is_the_answer():
    outside = Used(BLUE)

    def mended(rollout):
        if asks(rollout):
            outside.used = None
        return False

    rollout, journal = perform(outside, until=mended)
    assert rollout.end is End.SUCCEEDED
    assert asked_since(journal)
    assert set(outside.desired) == {GREEN}


@pytest.mark.parametrize(("verb", "end"), [("retry", End.NEEDS_OPERATOR), ("abort", End.ABORTED)])
def test_an_operator_may_wait_as_long_again_or_take_users_back(verb, end):
    outside, said = Used(BLUE), []

    def answer(rollout):
        if asks(rollout) and not said:
            said.append(outside.at)
            outside.commands.append(Command(verb, "ann", "because"))
            if verb == "abort":
                outside.used = None
        return False

    rollout, _ = perform(outside, until=answer)
    assert rollout.end is end
    assert BLUE in outside.desired
    if verb == "retry":
        assert outside.at - said[0] >= PLAN.drain.ceiling + PLAN.ask_for


def test_trouble_on_the_candidate_while_it_asks_takes_users_back():
    outside = Used(BLUE)

    def breaks(rollout):
        if asks(rollout):
            outside.error_rate, outside.used = 0.05, None
        return False

    rollout, _ = perform(outside, until=breaks)
    assert rollout.end is End.ROLLED_BACK
    assert outside.weights == {BLUE: 100}


def test_monitoring_that_is_gone_is_no_evidence_and_asked_about_too():
    outside = Used(None)
    plan = plan_with(gates=(PLAN.gates[0].model_copy(update={"max_age": timedelta(days=2)}),))

    def blind(rollout):
        outside.mute = outside.mute or rollout.phase is Phase.DRAIN
        return False

    rollout, journal = perform(outside, plan, blind)
    assert rollout.end is End.NEEDS_OPERATOR
    assert "no monitoring data about blue: nobody knows whether it is used" in whys(journal)[-1]
    assert set(outside.desired) == {BLUE, GREEN}


def test_a_candidate_that_lost_and_is_used_is_left_without_a_record_and_nothing_is_held():
    outside = Used(GREEN, error_rate=0.05)
    rollout, journal = perform(outside)
    assert rollout.end is End.ROLLED_BACK
    assert set(outside.desired) == {BLUE, GREEN}
    assert outside.weights == {BLUE: 100}
    assert outside.held == {BLUE: False, GREEN: False}
    assert "it was left running" in whys(journal)[-1]


def test_the_last_slot_that_can_serve_keeps_its_record():
    outside = Used(GREEN, error_rate=0.05)

    def dies(rollout):
        left = PLAN.drain.ceiling - MINUTE
        if rollout.phase is Phase.DRAIN and outside.at - rollout.since > left and not outside.dead:
            outside.dead = {BLUE}
        return rollout.looks > 2000

    perform(outside, until=dies)
    assert GREEN in outside.weights and GREEN in outside.desired


# -- a slot that is kept ------------------------------------------------------------------------------------------


def test_a_kept_slot_has_no_record_and_may_shrink_again():
    outside = Outside()
    rollout, _ = perform(outside, plan_with(retire="keep"))
    assert rollout.end is End.SUCCEEDED
    assert outside.weights == {GREEN: 100}
    assert set(outside.desired) == {BLUE, GREEN}
    assert outside.held == {BLUE: False, GREEN: False}
    assert outside.floor == {BLUE: 1, GREEN: 1}


def test_a_kept_slots_record_goes_before_anything_else_is_let_go():
    outside = Outside()
    perform(outside, plan_with(retire="keep"))
    record = outside.done.index("remove record blue")
    assert all(outside.done.index(f"hold {slot} False") > record for slot in (BLUE, GREEN))


@pytest.mark.parametrize("retire", ["keep", "remove"])
def test_nothing_is_let_go_before_the_answers_may_have_run_out(retire):
    outside = Outside()
    _, journal = perform(outside, plan_with(retire=retire))
    left = [e for e in journal.entries() if isinstance(e, Decided) and e.decision.rollout.phase is Phase.RETIRE]
    in_place = left[0].decision.rollout.in_place
    assert left[0].at - in_place >= PLAN.answers_live_for
    assert left[0].at - drain_began(journal) >= timedelta(0)


def test_scaling_in_is_held_from_the_first_step_to_the_end_of_the_drain():
    outside, seen = Outside(), []

    def note(rollout):
        seen.append((rollout.phase, outside.held.get(BLUE, False)))
        return False

    perform(outside, plan_with(retire="keep"), note)
    watched = {held for phase, held in seen if phase in (Phase.HOLD, Phase.BAKE, Phase.DRAIN)}
    assert watched == {True}


class Unseen(Used):
    """Once the drain's ceiling is reached, so many looks at green and at the weights fail."""

    def __init__(self, looks, **more):
        super().__init__(GREEN, error_rate=0.05, **more)
        self.looks, self.late = looks, False

    def look(self, slot):
        if self.late and slot is GREEN and self.looks > 0:
            raise Unreachable("no answer")
        return super().look(slot)

    def read(self, queries=None, since=None, until=None):
        if self.late and queries is None and self.looks > 0:
            self.looks -= 1
            raise Unreachable("no answer")
        return super().read(queries, since, until)

    def ceiling(self, rollout):
        self.late = over(rollout, self)
        return False


def test_what_cannot_be_seen_at_the_ceiling_is_given_back_when_it_can():
    outside = Unseen(looks=3)
    rollout, journal = perform(outside, until=outside.ceiling)
    assert rollout.end is End.ROLLED_BACK and outside.looks == 0
    assert outside.held == {BLUE: False, GREEN: False}
    assert outside.weights == {BLUE: 100}
    assert [why for why in whys(journal) if why.startswith("letting go")]


def test_what_cannot_be_seen_for_long_keeps_nobody_from_the_end():
    outside = Unseen(looks=10_000)
    rollout, journal = perform(outside, until=outside.ceiling)
    assert rollout.end is End.ROLLED_BACK
    assert "giving back took longer than 10m: nobody can see what is left" in whys(journal)[-1]
    assert outside.held == {BLUE: False, GREEN: True}


@pytest.mark.parametrize("paused", [timedelta(minutes=1), HOUR])
def test_who_looks_late_at_the_ceiling_gives_back_all_the_same(paused):
    """An engine that is late, or a drain that had to wait beyond its ceiling."""
    outside = Used(GREEN, error_rate=0.05)
    rollout, _ = perform(outside, until=lambda rollout: rollout.phase is Phase.DRAIN)
    outside.at = rollout.since + PLAN.drain.ceiling + paused
    rollout, _ = perform_on(outside, rollout)
    assert rollout.end is End.ROLLED_BACK
    assert outside.held == {BLUE: False, GREEN: False} and outside.weights == {BLUE: 100}


class Unvisited(Outside):
    """Users are sent to green, and nobody has come there yet."""

    def _series(self, query, since, until):
        nobody = query.measure == "requests" and query.slot is GREEN
        return () if nobody else super()._series(query, since, until)


@pytest.mark.parametrize("confirms", [True, False])
def test_where_nobody_confirms_a_change_silence_before_the_first_user_is_not_quiet(confirms, monkeypatch):
    monkeypatch.setattr(type(PLAN.traffic), "confirms", confirms)
    outside = Unvisited()
    rollout, journal = perform(outside)
    assert rollout.end is End.ROLLED_BACK
    assert (GREEN in outside.desired) is not confirms
    left = "nobody was seen on green yet: servers may still be learning of it, after 3h; it was left running"
    assert (left in whys(journal)[-1]) is not confirms


def test_it_is_quiet_once_users_have_come_and_gone(monkeypatch):
    monkeypatch.setattr(type(PLAN.traffic), "confirms", False)
    outside = Used(GREEN, error_rate=0.05)

    def leave(rollout):
        if rollout.phase is Phase.DRAIN and outside.at - rollout.since > timedelta(minutes=5):
            outside.used = None
        return False

    rollout, _ = perform(outside, until=leave)
    assert rollout.end is End.ROLLED_BACK and GREEN not in outside.desired
