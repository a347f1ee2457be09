"""The loop on an outside made of plain values."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.engine import Engine
from bluegreen.errors import Unreachable
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
    assert outside.weights[Slot.BLUE] == 100 and outside.weights[Slot.GREEN] == 0
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
    assert "somebody else set the weights to blue 20, green 80" in journal.list[-1].decision.why
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
