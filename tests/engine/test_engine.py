"""The loop on an outside made of plain values."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.decide.capacity import needed
from bluegreen.decide.wants import Wants
from bluegreen.engine import Engine
from bluegreen.errors import Unreachable
from bluegreen.journal.entries import Decided, Resumed, Started
from bluegreen.journal.fold import fold
from bluegreen.model import Command, End, Phase, Slot
from bluegreen.plan import load_plan

from .memory import ListJournal, Outside

PLAN = load_plan(Path(__file__).resolve().parents[2] / "scenarios/rollouts/shop.rollout.yaml")


def perform(outside, plan=PLAN, until=lambda rollout: False):
    journal = ListJournal()
    engine = Engine(plan, outside.ports, outside, outside, journal)
    rollout = engine.start("shop-1")
    while not rollout.finished and not until(rollout):
        rollout, wait = engine.step(rollout)
        outside.sleep(wait)
        assert fold(journal.entries()) == rollout
    return rollout, journal


def perform_on(outside, rollout, until=lambda rollout: False):
    journal = ListJournal()
    engine = Engine(PLAN, outside.ports, outside, outside, journal)
    while not rollout.finished and not until(rollout):
        rollout, wait = engine.step(rollout)
        outside.sleep(wait)
    return rollout, journal


class Frozen(ListJournal):
    """Clock and journal of a process that stands still for an hour, once: while it writes down a decision (of an end,
    if so asked), or while it sleeps."""

    def __init__(self, outside, by):
        super().__init__()
        self.outside, self.by, self.thawed = outside, by, False
        self.now = outside.now

    def append(self, entry):
        super().append(entry)
        if isinstance(entry, Decided) and (self.by == "journal" or (self.by == "end" and entry.decision.rollout.end)):
            self._freeze()

    def sleep(self, length):
        self.outside.sleep(length)
        if self.by == "sleep":
            self._freeze()

    def _freeze(self):
        if not self.thawed:
            self.outside.sleep(timedelta(hours=1))
        self.thawed = True


def weights_set(outside):
    return [done for done in outside.done if done.startswith("weights")]


def test_a_good_release_walks_every_step_and_ends_with_green_alone():
    outside = Outside()
    rollout, _ = perform(outside)
    assert rollout.end is End.SUCCEEDED
    assert [
        f"weights {{<Slot.BLUE: 'blue'>: {100 - p}, <Slot.GREEN: 'green'>: {p}}}" for p in range(10, 101, 10)
    ] == weights_set(outside)
    assert outside.weights == {Slot.GREEN: 100}
    assert set(outside.desired) == {Slot.GREEN}


def test_capacity_is_asked_for_before_the_weight_it_is_needed_for():
    outside = Outside()
    perform(outside)
    first_weight = outside.done.index(weights_set(outside)[0])
    assert "resize green 2" in outside.done[:first_weight]
    assert "hold blue True" in outside.done[:first_weight]


def test_the_live_slots_own_scaling_is_given_back_to_the_winner_at_the_end():
    outside = Outside()
    perform(outside)
    assert outside.held == {Slot.BLUE: True, Slot.GREEN: False}


def test_a_bad_release_goes_back_at_the_first_step_and_green_is_removed():
    outside = Outside(error_rate=0.05)
    rollout, _journal = perform(outside)
    assert rollout.end is End.ROLLED_BACK
    assert "error_rate was 5%" in rollout.cause
    assert outside.weights == {Slot.BLUE: 100}
    assert set(outside.desired) == {Slot.BLUE}
    assert len(weights_set(outside)) == 2


def test_without_metrics_nothing_is_promoted_and_nothing_is_removed():
    outside = Outside(mute=True)
    rollout, _ = perform(outside)
    assert rollout.end is End.ROLLED_BACK
    assert "no evidence" in rollout.cause
    assert outside.weights == {Slot.BLUE: 100}
    assert "remove green" not in outside.done, "nobody knows whether green is still used"


def test_asking_instead_of_rolling_back_on_unknown_leaves_everything_as_it_is():
    outside = Outside(mute=True)
    rollout, _ = perform(outside, PLAN.model_copy(update={"on_unknown": "ask"}))
    assert rollout.end is End.NEEDS_OPERATOR
    assert outside.weights == {Slot.BLUE: 90, Slot.GREEN: 10}


def test_an_abort_before_any_user_was_sent_removes_only_green():
    outside = Outside()
    outside.commands.append(Command("abort", "ann", "wrong image"))
    rollout, _ = perform(outside)
    assert rollout.end is End.ABORTED
    assert rollout.cause == "ann aborted: wrong image"
    assert not weights_set(outside)


def test_an_abort_in_the_bake_goes_back_to_blue():
    outside = Outside()
    plan = PLAN
    journal = ListJournal()
    engine = Engine(plan, outside.ports, outside, outside, journal)
    rollout = engine.start("shop-1")
    while not rollout.finished:
        rollout, wait = engine.step(rollout)
        if rollout.phase is Phase.BAKE:
            outside.commands = [Command("abort", "ann", "customers call")]
        outside.sleep(wait)
    assert rollout.end is End.ABORTED
    assert outside.weights == {Slot.BLUE: 100}


def test_blue_gets_only_what_it_can_carry_while_its_capacity_comes_back():
    outside = Outside()
    rollout, _ = perform(outside, until=lambda rollout: rollout.phase is Phase.BAKE)
    outside.desired[Slot.BLUE] = 3
    looks = []
    grow = outside.resize
    outside.resize = lambda slot, n: looks.append(n)  # capacity is asked for, and does not come yet
    outside.commands = [Command("abort", "ann", "")]
    journal = ListJournal()
    engine = Engine(PLAN, outside.ports, outside, outside, journal)
    for _ in range(6):
        rollout, wait = engine.step(rollout)
        outside.sleep(wait)
    assert outside.weights == {Slot.BLUE: 33, Slot.GREEN: 67}  # 3 of the 9 that all traffic needs
    assert looks and set(looks) == {10}
    outside.resize = grow
    while not rollout.finished:
        rollout, wait = engine.step(rollout)
        outside.sleep(wait)
    assert rollout.end is End.ABORTED
    assert outside.weights == {Slot.BLUE: 100}


def test_weights_moved_by_hand_are_put_back_and_the_step_is_watched_anew():
    outside = Outside()
    rollout, _ = perform(outside, until=lambda r: r.phase is Phase.HOLD and r.step == 2)
    outside.weights = {Slot.BLUE: 20, Slot.GREEN: 80}
    journal = ListJournal()
    engine = Engine(PLAN, outside.ports, outside, outside, journal)
    rollout, _ = engine.step(rollout)
    assert rollout.phase is Phase.SHIFT
    assert "somebody else set the weights to blue 20, green 80" in journal.list[0].decision.why
    while not rollout.finished:
        rollout, wait = engine.step(rollout)
        outside.sleep(wait)
    assert rollout.end is End.SUCCEEDED


def test_a_rollback_that_never_gets_through_ends_as_failed_with_its_cause():
    outside = Outside(error_rate=0.5)

    original = outside.set

    def throttled(weights):
        if weights[Slot.BLUE] == 100:
            outside.fail.add(len(outside.done) + 1)
            outside._do("weights throttled", lambda: None)
        else:
            original(weights)

    outside.set = throttled
    rollout, _ = perform(outside)
    assert rollout.end is End.ROLLBACK_FAILED
    assert "error_rate was 50%" in rollout.cause


@settings(deadline=None, max_examples=60)
@given(fail=st.sets(st.integers(1, 40), max_size=12))
def test_whatever_calls_fail_with_or_without_effect_a_good_release_still_succeeds(fail):
    outside = Outside(fail=fail)
    rollout, _ = perform(outside)
    assert rollout.end is End.SUCCEEDED
    assert outside.weights == {Slot.GREEN: 100}


@pytest.mark.parametrize("error_rate", [0.0, 0.05])
def test_a_crash_after_any_action_and_a_resume_end_the_same_way(error_rate):
    whole = Outside(error_rate=error_rate)
    end, _ = perform(whole)
    for crash in range(1, len(whole.done) + 1):
        outside = Outside(error_rate=error_rate)
        journal = ListJournal()
        engine = Engine(PLAN, outside.ports, outside, outside, journal)
        rollout = engine.start("shop-1")
        crashed = False
        while not rollout.finished:
            if len(outside.done) >= crash and not crashed:
                engine = Engine(PLAN, outside.ports, outside, outside, journal)
                rollout, crashed = engine.resume("crash"), True
            rollout, wait = engine.step(rollout)
            outside.sleep(wait)
        assert (rollout.end, outside.weights, outside.desired) == (end.end, whole.weights, whole.desired)


def test_a_floor_rises_with_the_need_also_when_the_group_has_grown_by_itself():
    """Else its own scaling may take back what the next steps count on."""
    outside = Outside()
    rollout, _ = perform(outside, until=lambda r: r.phase is Phase.HOLD and r.step == 4)
    outside.desired[Slot.GREEN] = 18
    rollout, _ = perform_on(outside, rollout, until=lambda r: r.phase is Phase.BAKE)
    assert rollout.phase is Phase.BAKE
    assert outside.floor[Slot.GREEN] == needed(PLAN, rollout, 1.0) == 12
    assert outside.desired[Slot.GREEN] == 18


def test_the_only_slot_that_can_serve_is_kept_and_a_person_asked():
    outside = Outside()
    rollout, _ = perform(outside, until=lambda rollout: rollout.phase is Phase.SCALE)
    outside.dead = {Slot.BLUE}
    rollout, journal = perform_on(outside, rollout)
    assert rollout.end is End.NEEDS_OPERATOR
    assert rollout.cause == "scale took longer than 20m: blue has only 0 healthy instances for its 90%"
    assert "green, the only slot that can serve, is kept" in journal.list[-1].decision.why
    assert set(outside.desired) == {Slot.BLUE, Slot.GREEN}


def test_a_live_slot_that_recovers_lets_the_candidate_go():
    outside = Outside()
    outside.commands.append(Command("abort", "ann", "wrong image"))
    rollout, _ = perform(outside, until=lambda rollout: rollout.phase is Phase.RETIRE)
    outside.desired[Slot.GREEN] = 1
    outside.dead = {Slot.BLUE}
    rollout, _ = perform_on(outside, rollout, until=lambda rollout: rollout.looks > 10)
    assert rollout.phase is Phase.RETIRE and Slot.GREEN in outside.desired
    outside.dead = set()
    rollout, _ = perform_on(outside, rollout)
    assert rollout.end is End.ABORTED
    assert set(outside.desired) == {Slot.BLUE}


@pytest.fixture
def dead_in_the_end():
    """Blue is gone, and then all machines of green die."""
    outside = Outside()
    retiring, _ = perform(outside, until=lambda rollout: rollout.phase is Phase.RETIRE)
    alone, _ = perform_on(outside, retiring, until=lambda rollout: Slot.BLUE not in outside.desired)
    outside.dead = {Slot.GREEN}
    return outside, alone


def test_a_candidate_that_is_alone_and_dead_is_no_success(dead_in_the_end):
    outside, alone = dead_in_the_end
    rollout, journal = perform_on(outside, alone)
    assert rollout.end is End.NEEDS_OPERATOR
    assert "took longer than 30m: green serves alone, and has no healthy instance" in journal.list[-1].decision.why


def test_it_is_one_when_its_machines_come_again(dead_in_the_end):
    outside, alone = dead_in_the_end
    looks = alone.looks + 3
    waiting, _ = perform_on(outside, alone, until=lambda rollout: rollout.looks > looks)
    assert waiting.phase is Phase.RETIRE
    outside.dead = set()
    rollout, _ = perform_on(outside, waiting)
    assert rollout.end is End.SUCCEEDED


def test_a_rollback_that_fails_says_how_far_it_came():
    outside = Outside()
    rollout, _ = perform(outside, until=lambda r: r.phase is Phase.HOLD and r.step == 4)
    outside.dead = {Slot.BLUE}
    outside.commands.append(Command("abort", "ann", "wrong image"))
    rollout, journal = perform_on(outside, rollout)
    assert rollout.end is End.ROLLBACK_FAILED
    assert journal.list[-1].decision.why == (
        "rollback took longer than 30m: blue has 0 of 10 healthy instances and 50% of the answers;"
        " it began because: ann aborted: wrong image"
    )


def test_a_change_that_is_not_in_sync_is_named_when_the_time_is_up():
    outside = Outside()
    rollout, _ = perform(outside, until=lambda r: r.phase is Phase.SHIFT and r.step == 3)
    outside.in_sync = False
    rollout, _ = perform_on(outside, rollout, until=lambda r: r.phase is Phase.ROLLBACK)
    assert "shift took longer than 10m: the change to blue 60, green 40 is not in sync" in rollout.cause


def test_evidence_that_is_missing_is_named_when_the_time_is_up():
    outside = Outside()
    rollout, _ = perform(outside, until=lambda r: r.phase is Phase.SCALE and r.step == 3)
    outside.mute = True
    rollout, _ = perform_on(outside, rollout, until=lambda r: r.phase is Phase.ROLLBACK)
    assert "shift took longer than 10m: no step up without evidence" in rollout.cause


PAUSED = [Phase.PROVISION, Phase.VERIFY, Phase.SCALE, Phase.SHIFT, Phase.HOLD, Phase.BAKE, Phase.DRAIN, Phase.RETIRE]


@pytest.mark.parametrize("phase", PAUSED)
@pytest.mark.parametrize("where", ["between a decision and its deed", "asleep"])
def test_an_engine_that_stood_still_looks_again_before_it_acts_and_its_deadline_begins_anew(where, phase):
    outside = Outside()
    rollout, _ = perform(outside, until=lambda rollout: rollout.phase is phase)
    journal = Frozen(outside, by="journal" if where != "asleep" else "sleep")
    journal.append(Started(outside.at, "", rollout))
    done = len(outside.done)
    engine = Engine(PLAN, outside.ports, outside, journal, journal)
    rollout = engine.run(rollout, go_on=lambda rollout: not journal.thawed)
    assert where == "asleep" or len(outside.done) == done
    assert isinstance(journal.list[-1], Resumed)
    assert journal.list[-1].why == "the engine had stood still for 1h"
    assert rollout == journal.list[-1].rollout == fold(journal.entries())
    assert rollout.since == outside.at
    assert Engine(PLAN, outside.ports, outside, outside, journal).run(rollout).end is End.SUCCEEDED


def test_a_rollout_that_has_ended_is_not_taken_up_again():
    outside = Outside()
    rollout, _ = perform(outside, until=lambda rollout: rollout.phase is Phase.RETIRE)
    journal = Frozen(outside, by="end")
    journal.append(Started(outside.at, "", rollout))
    assert Engine(PLAN, outside.ports, outside, journal, journal).run(rollout).end is End.SUCCEEDED
    assert journal.thawed and isinstance(journal.list[-1], Decided)


def test_a_hold_does_not_end_on_weights_that_could_not_be_read():
    outside = Outside()
    rollout, journal = perform(outside, until=lambda rollout: rollout.phase is Phase.HOLD)
    engine = Engine(PLAN, outside.ports, outside, outside, journal)

    def unreadable():
        raise Unreachable("no answer")

    engine.ports = replace(engine.ports, traffic=SimpleNamespace(read=unreadable))
    for _ in range(30):
        rollout, wait = engine.step(rollout)
        outside.sleep(wait)
    assert (rollout.phase, rollout.step) == (Phase.HOLD, 0)


def test_a_live_slot_that_is_down_is_left_only_all_at_once_with_a_stated_capacity():
    """There is nothing to share traffic with, and nothing to learn the capacity from."""
    rollout, journal = perform(Outside(dead={Slot.BLUE}))
    assert rollout.end is End.NEEDS_OPERATOR
    assert "all_at_once" in journal.entries()[-1].decision.why
    fix = {"strategy": {"kind": "all_at_once", "hold": timedelta(minutes=5)}}
    fix["candidate"] = {**PLAN.candidate.model_dump(exclude_none=True), "instances": 10}
    rollout, _ = perform(Outside(dead={Slot.BLUE}), type(PLAN).model_validate({**PLAN.model_dump(), **fix}))
    assert rollout.end is End.SUCCEEDED


@pytest.mark.parametrize(
    ("port", "method", "named"),
    [
        ("environments", "built", "read the configuration"),
        ("fallback", "look", "look at the fallback"),
        ("metrics", "alarms", "read alarms"),
        ("traffic", "read", "read the weights"),
        ("prewarm", "look", ""),
    ],
)
def test_whatever_cannot_be_read_is_named_in_the_look(monkeypatch, port, method, named):
    def silent(*_):
        raise Unreachable("no answer")

    outside = Outside()
    everything = Wants(alarms=("a",), built=True, fallback=True, reserved=(Slot.BLUE,))
    monkeypatch.setattr("bluegreen.engine.wants", lambda plan, rollout: everything)
    read = SimpleNamespace(built=lambda slot: {}, look=lambda *_: None, read=outside.read, alarms=outside.alarms)
    parts = {
        name: SimpleNamespace(**vars(read)) for name in ("environments", "fallback", "metrics", "traffic", "prewarm")
    }
    setattr(parts[port], method, silent)
    engine = Engine(PLAN, replace(outside.ports, **parts), outside, outside, ListJournal())
    (trouble,) = engine.look(engine.start("shop-1")).trouble
    assert trouble.error == "no answer"
    assert named in trouble.what
