"""What is held, and what goes on beside: single decisions."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bluegreen.decide.beside import beside
from bluegreen.decide.holding import held
from bluegreen.decide.moves import go, go_back, stay
from bluegreen.engine import Engine
from bluegreen.model import (
    CreateEnvironment,
    EnvironmentView,
    Notice,
    Observation,
    Phase,
    Presence,
    Rollout,
    RunCheck,
    SetWeights,
    Slot,
    TrafficView,
)
from bluegreen.plan import Plan
from bluegreen.ports import Ports

from ..engine.memory import ListJournal, Outside
from ..tiers.conftest import PLAN

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MORNINGS = {"open": [{"days": ["mon", "tue"], "from": "09:00", "to": "12:00"}]}
CLOSED = Plan.model_validate({**PLAN, "windows": MORNINGS})
OPEN = Plan.model_validate(PLAN)


def rollout(phase, **more):
    return Rollout("shop-1", Slot.BLUE, phase, NOON, NOON, **more)


def seen(green=0, at=NOON, presence=Presence.READY):
    traffic = TrafficView({Slot.BLUE: 100 - green, Slot.GREEN: green}, in_sync=True)
    views = {Slot.BLUE: EnvironmentView(Presence.READY, 10, 10, 10, 10), Slot.GREEN: EnvironmentView(presence)}
    return Observation(at, traffic=traffic, environments=views)


@pytest.mark.parametrize(
    ("old", "new"), [(Phase.VERIFY, Phase.SCALE), (Phase.HOLD, Phase.SCALE), (Phase.SCALE, Phase.SHIFT)]
)
def test_outside_the_window_no_step_up_is_even_prepared(old, new):
    before = rollout(old)
    step = go(before, seen(), new, "on it goes")
    assert held(OPEN, before, seen(), step) == step
    waits = held(CLOSED, before, seen(), step)
    assert (waits.rollout.phase, waits.rollout.waiting, waits.actions) == (old, NOON, ())
    assert waits.why == "outside the deployment windows; it opens Mon 2030-01-07 09:00 in UTC"
    assert held(CLOSED, before, seen(at=NOON + MINUTE), step).why == waits.why, "a long wait is told once"


def test_a_window_that_closes_just_before_the_weights_are_set_keeps_them():
    before = rollout(Phase.SHIFT, exposed=True)
    raises = stay(before, "20%", SetWeights({Slot.BLUE: 80, Slot.GREEN: 20}))
    assert held(CLOSED, before, seen(10), raises).actions == ()
    assert held(CLOSED, before, seen(20), raises) == raises, "asking again for what stands raises nothing"
    assert held(CLOSED, before, seen(30), raises) == raises, "lowering is always allowed"


@pytest.mark.parametrize(
    ("presence", "waits"), [(Presence.ABSENT, True), (Presence.CREATING, False), (Presence.READY, False)]
)
def test_what_has_begun_to_be_made_is_made(presence, waits):
    before = rollout(Phase.PROVISION)
    makes = stay(before, "making green", CreateEnvironment(Slot.GREEN))
    assert (held(CLOSED, before, seen(presence=presence), makes) != makes) is waits


def test_the_old_slot_goes_at_any_time_unless_the_file_says_inside():
    before = rollout(Phase.DRAIN, exposed=True, leaving=Slot.BLUE)
    retires = go(before, seen(100), Phase.RETIRE, "quiet")
    inside = Plan.model_validate({**PLAN, "windows": {**MORNINGS, "retire": "inside"}})
    assert held(CLOSED, before, seen(100), retires) == retires
    assert held(inside, before, seen(100), retires).rollout.phase is Phase.DRAIN


@pytest.mark.parametrize("phase", [Phase.SCALE, Phase.HOLD, Phase.BAKE])
def test_going_back_is_never_held(phase):
    before = rollout(phase, exposed=True)
    back = go_back(before, seen(20), "errors")
    assert held(CLOSED, before, seen(20), back) == back


def test_time_spent_waiting_moves_the_beginning_of_a_phase_that_has_a_deadline():
    waited = rollout(Phase.SCALE, waiting=NOON + MINUTE)
    later = seen(at=NOON + 11 * MINUTE)
    waits = beside(OPEN, waited, later, stay(replace(waited, waiting=later.at), "still waiting"))
    assert (waits.rollout.since, waits.rollout.waiting) == (NOON, NOON + MINUTE)
    over = beside(OPEN, waited, later, stay(replace(waited, waiting=None), "back to work"))
    assert (over.rollout.since, over.rollout.waiting) == (NOON + 10 * MINUTE, None)
    leaves = beside(OPEN, waited, later, go(waited, later, Phase.SHIFT, "on it goes"))
    assert (leaves.rollout.since, leaves.rollout.waiting) == (later.at, None)


def test_a_hold_is_not_made_longer_by_waiting():
    waited = rollout(Phase.HOLD, waiting=NOON + MINUTE)
    over = beside(OPEN, waited, seen(at=NOON + 11 * MINUTE), stay(replace(waited, waiting=None), "watching"))
    assert over.rollout.since == NOON


class Told:
    """Remembers messages."""

    def __init__(self):
        self.got = []

    def send(self, notice):
        self.got.append(notice)

    def failures(self):
        return ()


def test_an_engine_that_takes_over_sends_the_last_message_again_since_nobody_knows_whether_it_was_sent():
    outside, told = Outside(), Told()
    ports = Ports(*(getattr(outside.ports, name) for name in ("traffic", "environments", "metrics")), notices=told)
    engine = Engine(OPEN, ports, outside, outside, ListJournal())
    notice = Notice("step", NOON, "shop-1", "shop", "www.example.com", Phase.HOLD, 0.2, "20%")
    started = engine.start("shop-1")
    engine.journal.list[-1] = replace(engine.journal.list[-1], rollout=replace(started, notices=(notice,)))
    engine.resume("it had died")
    assert told.got == [notice]


def test_nothing_is_made_before_the_hook_that_comes_first_has_passed():
    backup = {"at": "before-provision", "check": {"kind": "command", "name": "backup", "run": ["backup"]}}
    hooked = Plan.model_validate({**PLAN, "hooks": [backup]})
    before = rollout(Phase.PROVISION)
    makes = stay(before, "making green", CreateEnvironment(Slot.GREEN))
    waits = held(hooked, before, seen(presence=Presence.ABSENT), makes)
    assert [type(action) for action in waits.actions] == [RunCheck]
    assert "backup (before-provision)" in waits.why
