"""What SCALE and RETIRE ask of reserved capacity."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.decide import decide, wants
from bluegreen.errors import Refused
from bluegreen.journal.entries import Decided
from bluegreen.model import Command, End, Phase, ReservationView, Reserve, Slot
from bluegreen.prewarm import Reservation
from tests.engine.memory import START, Outside
from tests.engine.test_engine import PLAN, perform, perform_on

BLUE, GREEN = Slot.BLUE, Slot.GREEN
UNITS = 200
TAKES = timedelta(minutes=5)


def plan_with(**prewarm):
    return PLAN.model_copy(update={"prewarm": Reservation(kind="reservation", units=UNITS, **prewarm)})


class Reserving(Outside):
    """An outside whose reservations take five minutes. `say`: instead of what is, what a look shows. Its own numbers of
    failing actions count here, too."""

    def __init__(self, *, before=None, left=2, say=None, refuse="", **more):
        super().__init__(**more)
        self.units = {BLUE: 0, GREEN: 0, **(before or {})}
        self.due = dict.fromkeys(Slot, START)
        self.left, self.say, self.refuse = left, say, refuse
        self.asked = []

    def look_at(self, slot):
        if slot not in self.desired:
            return ReservationView(0, 0.0, "absent")
        if self.say is not None and (said := self.say(self, slot)):
            return said
        done = self.at >= self.due[slot]
        effective = float(self.units[slot]) if done else 0.0
        return ReservationView(self.units[slot], effective, "provisioned" if done else "pending", "", self.left)

    def reserve(self, slot, units):
        self.asked.append((slot, units))
        if self.refuse:
            raise Refused(self.refuse)
        self._do(f"reserve {slot} {units}", lambda: self._reserve(slot, units))

    def _reserve(self, slot, units):
        if units != self.units[slot]:
            assert self.at >= self.due[slot], "another request is under way"
            self.units[slot], self.due[slot] = units, self.at + TAKES

    @property
    def ports(self):
        port = type("Prewarm", (), {"look": staticmethod(self.look_at), "reserve": staticmethod(self.reserve)})()
        return replace(super().ports, prewarm=port)


def whys(journal):
    return [entry.decision.why for entry in journal.entries() if isinstance(entry, Decided)]


# -- before the first user ----------------------------------------------------------------------------------------


def test_nobody_is_sent_to_the_candidate_before_its_capacity_is_in_force():
    outside = Reserving()
    rollout, journal = perform(outside, plan_with())
    assert rollout.end is End.SUCCEEDED
    asked = outside.done.index(f"reserve green {UNITS}")
    first = next(i for i, done in enumerate(outside.done) if done.startswith("weights"))
    assert asked < first
    assert "green has 0 of 200 capacity units in force: pending" in whys(journal)


def test_machines_and_capacity_are_asked_for_together():
    outside = Reserving()
    _, journal = perform(outside, plan_with(), lambda rollout: rollout.phase is Phase.SHIFT)
    together = [e.decision.actions for e in journal.entries() if isinstance(e, Decided) and e.decision.actions]
    kinds = next(
        {action.kind for action in actions} for actions in together if any(a.kind == "reserve" for a in actions)
    )
    assert kinds == {"hold scale-in", "capacity", "reserve"}


def test_it_is_looked_at_only_before_the_first_user_and_when_it_is_given_back():
    looked = []
    outside = Reserving(say=lambda self, slot: looked.append(self.phase))
    outside.phase = None

    def note(rollout):
        outside.phase = rollout.phase
        return False

    perform(outside, plan_with(), note)
    assert set(looked) == {Phase.SCALE, Phase.RETIRE}


def test_without_prewarm_nothing_is_looked_at():
    outside = Reserving(say=lambda self, slot: pytest.fail("it was looked at"))
    assert perform(outside)[0].end is End.SUCCEEDED
    assert not outside.asked


def test_the_live_balancer_keeps_its_capacity_for_the_way_back_when_asked_to():
    outside = Reserving()
    perform(outside, plan_with(also_live=True), lambda rollout: rollout.phase is Phase.BAKE)
    assert outside.units == {BLUE: UNITS, GREEN: UNITS}


def test_what_is_reserved_already_is_neither_asked_for_nor_taken_away():
    outside = Reserving(before={BLUE: 500})
    rollout, _ = perform(outside, plan_with(also_live=True).model_copy(update={"retire": "keep"}))
    assert rollout.end is End.SUCCEEDED
    assert outside.units == {BLUE: 500, GREEN: 0}


def test_less_than_the_plan_wants_is_raised_and_then_given_back_to_what_it_was():
    outside = Reserving(before={BLUE: 120})
    perform(outside, plan_with(also_live=True).model_copy(update={"retire": "keep"}))
    assert [units for slot, units in outside.asked if slot is BLUE] == [UNITS, 120]


def test_what_aws_refuses_for_good_is_told_and_nobody_is_sent():
    outside = Reserving(refuse="elbv2: CapacityUnitsLimitExceeded: 200; ask AWS for a higher quota")
    rollout, _ = perform(outside, plan_with())
    assert (rollout.end, rollout.exposed) == (End.ROLLED_BACK, False)
    assert "ask AWS for a higher quota" in rollout.cause
    assert len(outside.asked) == 1


def test_one_that_fails_is_asked_for_again_until_the_deadline():
    def failed(self, slot):
        asked = (slot, UNITS) in self.asked
        return ReservationView(UNITS if asked else 0, 0.0, "failed", "no room", 2) if asked else None

    outside = Reserving(say=failed)
    rollout, _ = perform(outside, plan_with())
    assert (rollout.end, rollout.exposed) == (End.ROLLED_BACK, False)
    assert rollout.cause == "scale took longer than 20m: green has 0 of 200 capacity units in force: failed (no room)"
    assert len(outside.asked) > 10


def test_what_is_in_force_in_some_zones_only_is_waited_for():
    def partly(self, slot):
        return ReservationView(UNITS, 100.0, "provisioned", "", 2) if (slot, UNITS) in self.asked else None

    outside = Reserving(say=partly)
    rollout, _ = perform(outside, plan_with())
    assert (rollout.end, rollout.exposed) == (End.ROLLED_BACK, False)
    assert rollout.cause == "scale took longer than 20m: green has 100 of 200 capacity units in force: provisioned"
    assert outside.asked.count((GREEN, UNITS)) == 1


def test_one_that_cannot_be_read_counts_as_not_in_force():
    outside = Reserving()
    rollout, _ = perform(outside, plan_with(), lambda rollout: rollout.phase is Phase.SCALE)
    seen = looked_by(outside, plan_with(), rollout)
    decision = decide(plan_with(), rollout, replace(seen, reserved={}))
    while decision.actions:  # machines first
        assert decision.rollout.phase is Phase.SCALE
        seen = grown(seen, decision.rollout)
        decision = decide(plan_with(), decision.rollout, replace(seen, reserved={}))
    assert decision.why == "the reservation of green cannot be read"


def looked_by(outside, plan, rollout):
    from bluegreen.engine import Engine
    from tests.engine.memory import ListJournal

    return Engine(plan, outside.ports, outside, outside, ListJournal()).look(rollout)


def grown(seen, rollout):
    return replace(
        seen,
        environments={
            slot: replace(view, desired=12, healthy=12, in_service=12, scale_in_held=True, minimum=12)
            for slot, view in seen.environments.items()
        },
    )


# -- when it is over ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("retire", ["keep", "remove"])
@pytest.mark.parametrize("error_rate", [0.0, 0.05])
def test_whatever_was_reserved_is_given_back_before_the_end(error_rate, retire):
    outside = Reserving(error_rate=error_rate)
    rollout, _ = perform(outside, plan_with(also_live=True).model_copy(update={"retire": retire}))
    assert rollout.end is (End.ROLLED_BACK if error_rate else End.SUCCEEDED)
    assert all(not outside.units[slot] for slot in outside.desired)
    assert not rollout.reserved


def test_a_candidate_that_goes_is_not_kept_for_a_reservation_under_way():
    outside = Reserving()
    outside.due[GREEN] = START + timedelta(days=1)
    rollout, _ = perform(outside, plan_with())
    assert rollout.end is End.ROLLED_BACK
    assert set(outside.desired) == {BLUE}
    assert not rollout.reserved


def test_when_no_decrease_is_left_today_the_rollout_succeeds_and_says_what_stays():
    outside = Reserving(left=0)
    rollout, journal = perform(outside, plan_with())
    assert rollout.end is End.SUCCEEDED
    assert outside.units[GREEN] == UNITS
    assert (
        "green's balancer may still have 200 capacity units reserved (AWS allows two decreases a day, and none is left"
        " today); they are billed until you reserve none" in whys(journal)[-1]
    )


def test_a_giving_back_that_is_refused_is_told_and_not_asked_for_again_and_again():
    outside = Reserving()
    rollout, _ = perform(outside, plan_with(), lambda rollout: rollout.phase is Phase.RETIRE)
    outside.refuse = "elbv2: AccessDenied: no"
    rollout, journal = perform_with(outside, rollout)
    assert rollout.end is End.SUCCEEDED
    assert "elbv2: AccessDenied: no" in whys(journal)[-1]
    assert outside.asked.count((GREEN, 0)) == 1


def test_one_that_stays_pending_is_waited_for_and_then_told():
    outside = Reserving()
    rollout, _ = perform(outside, plan_with(), lambda rollout: rollout.phase is Phase.RETIRE)
    began = outside.at
    outside.due[GREEN] = outside.at + timedelta(days=1)
    rollout, journal = perform_with(outside, rollout)
    assert rollout.end is End.SUCCEEDED
    assert outside.at - began < PLAN.deadlines.retire
    assert "it is pending, after 15m" in whys(journal)[-1]


def test_what_somebody_else_has_reserved_meanwhile_is_theirs():
    outside = Reserving()
    rollout, _ = perform(outside, plan_with(), lambda rollout: rollout.phase is Phase.RETIRE)
    outside.units[GREEN] = 700
    rollout, _ = perform_with(outside, rollout)
    assert (rollout.end, outside.units[GREEN]) == (End.SUCCEEDED, 700)


def test_an_end_that_leaves_everything_as_it_is_says_that_capacity_is_reserved():
    outside = Reserving(mute=True)
    rollout, journal = perform(outside, plan_with().model_copy(update={"on_unknown": "ask"}))
    assert rollout.end is End.NEEDS_OPERATOR
    assert "green's balancer may still have 200 capacity units reserved" in whys(journal)[-1]


def perform_with(outside, rollout):
    from tests.engine import test_engine

    before, test_engine.PLAN = test_engine.PLAN, plan_with()
    try:
        return perform_on(outside, rollout)
    finally:
        test_engine.PLAN = before


@settings(deadline=None, max_examples=40)
@given(fail=st.sets(st.integers(1, 45), max_size=12), also_live=st.booleans())
def test_whatever_calls_fail_with_or_without_effect_all_is_in_force_before_and_given_back_after(fail, also_live):
    outside = Reserving(fail=fail)
    rollout, _ = perform(outside, plan_with(also_live=also_live))
    assert rollout.end is End.SUCCEEDED
    assert not outside.units[GREEN]


@pytest.mark.parametrize("error_rate", [0.0, 0.05])
def test_a_crash_after_any_action_leaves_no_reservation(error_rate):
    from bluegreen.engine import Engine
    from tests.engine.memory import ListJournal

    whole = Reserving(error_rate=error_rate)
    end, _ = perform(whole, plan_with(also_live=True))
    for crash in range(1, len(whole.done) + 1):
        outside, journal = Reserving(error_rate=error_rate), ListJournal()
        engine = Engine(plan_with(also_live=True), outside.ports, outside, outside, journal)
        rollout, crashed = engine.start("shop-1"), False
        while not rollout.finished:
            if len(outside.done) >= crash and not crashed:
                engine = Engine(plan_with(also_live=True), outside.ports, outside, outside, journal)
                rollout, crashed = engine.resume("crash"), True
            rollout, wait = engine.step(rollout)
            outside.sleep(wait)
        assert rollout.end is end.end
        assert all(not outside.units[slot] for slot in outside.desired)


def test_an_abort_while_it_waits_removes_the_candidate_and_gives_the_lives_back():
    outside = Reserving()
    plan = plan_with(also_live=True)

    def abort(rollout):
        if rollout.reserved and not outside.commands and not rollout.aborted:
            outside.commands.append(Command("abort", "ann", "wrong image"))
        return False

    rollout, _ = perform(outside, plan, abort)
    assert rollout.end is End.ABORTED
    assert (outside.units[BLUE], set(outside.desired)) == (0, {BLUE})


def test_a_look_wants_no_reservation_that_was_never_asked_for():
    outside = Reserving()
    rollout, _ = perform(outside, plan_with(), lambda rollout: rollout.phase is Phase.SCALE)
    assert wants(plan_with(), rollout).reserved == (GREEN,)
    assert wants(plan_with(also_live=True), rollout).reserved == (GREEN, BLUE)
    assert wants(plan_with(), replace(rollout, phase=Phase.RETIRE)).reserved == ()
    assert wants(plan_with(), replace(rollout, exposed=True)).reserved == ()
    assert Reserve(GREEN, UNITS).kind == "reserve"
