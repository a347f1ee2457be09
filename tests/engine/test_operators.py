"""What operators say to a rollout: it is obeyed, or answered."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.decide.operators import obey
from bluegreen.engine import Engine
from bluegreen.journal.entries import Decided
from bluegreen.model import Command, End, Observation, Pause, Phase, Rollout, Slot

from .memory import MINUTE, START, ListJournal, Outside
from .test_engine import PLAN, perform

VERBS = ["pause", "resume", "promote", "retry", "abort"]


def saying(outside, verb, when, plan=PLAN, until=lambda rollout: False):
    """Say `verb` once, at the first look at which `when` holds."""
    said = []

    def look(rollout):
        if not said and when(rollout):
            said.append(verb)
            outside.commands.append(Command(verb, "ann", "because"))
        return until(rollout)

    rollout, journal = perform(outside, plan, look)
    answers = [each for entry in journal.entries() if isinstance(entry, Decided) for each in entry.decision.answers]
    return rollout, answers, journal


def at(phase, step=0):
    return lambda rollout: rollout.phase is phase and rollout.step >= step


def long_after(rollout, outside, length=timedelta(hours=3)):
    return rollout.paused is not None and outside.at - rollout.paused.at > length


@pytest.mark.parametrize("phase", [Phase.PROVISION, Phase.VERIFY, Phase.SCALE, Phase.SHIFT, Phase.HOLD, Phase.BAKE])
def test_a_paused_rollout_changes_nothing_and_no_deadline_runs(phase):
    outside = Outside()
    rollout, answers, _ = saying(outside, "pause", at(phase), until=lambda it: long_after(it, outside))
    assert [answer.accepted for answer in answers] == [True]
    assert (rollout.phase, rollout.end) == (phase, None)
    done, journal = len(outside.done), None
    outside.commands.append(Command("resume", "ann", "go on"))
    engine_end, journal = go_on(outside, rollout)
    assert engine_end.end is End.SUCCEEDED
    assert len(outside.done) > done or phase is Phase.BAKE
    assert "pause of 3h" in next(a.why for e in journal for a in e.decision.answers)


def go_on(outside, rollout):
    journal = ListJournal()
    engine = Engine(PLAN, outside.ports, outside, outside, journal)
    while not rollout.finished:
        rollout, wait = engine.step(rollout)
        outside.sleep(wait)
    return rollout, journal.entries()


def test_a_paused_rollout_goes_back_when_a_gate_fails():
    outside = Outside()

    def go_bad(rollout):
        if long_after(rollout, outside, timedelta(minutes=30)):
            outside.error_rate = 0.5
        return False

    rollout, _, _ = saying(outside, "pause", at(Phase.HOLD, 1), until=go_bad)
    assert rollout.end is End.ROLLED_BACK
    assert "error_rate" in rollout.cause


def test_a_promoted_hold_needs_no_more_time_nor_evidence():
    slow, fast = Outside(), Outside()
    perform(slow)
    saying(fast, "promote", at(Phase.HOLD))
    assert fast.at < slow.at
    mute = Outside(mute=True)
    rollout, answers, journal = saying(mute, "promote", at(Phase.HOLD))
    shares = [e.decision.rollout.step for e in journal.entries() if isinstance(e, Decided)]
    assert answers[0].accepted
    assert max(shares) == 1, "the word was for one step, not for the next ones"
    assert rollout.end is End.ROLLED_BACK


@pytest.mark.parametrize(
    ("outside", "known"),
    [(Outside(mute=True), "without evidence (error_rate: "), (Outside(), "all gates pass")],
    ids=["mute", "well"],
)
def test_whose_word_a_promoted_hold_went_on_by_is_written_down(outside, known):
    _, _, journal = saying(outside, "promote", lambda it: at(Phase.HOLD)(it) and outside.at > it.since + 5 * MINUTE)
    whys = [entry.decision.why for entry in journal.entries() if isinstance(entry, Decided)]
    told = next(why for why in whys if "promoted by ann: because; " in why)
    assert told.partition("because; ")[2].startswith(known)


def test_a_promoted_hold_still_goes_back_when_a_gate_fails():
    outside = Outside(error_rate=0.5)
    rollout, _, _ = saying(outside, "promote", at(Phase.HOLD))
    assert rollout.end is End.ROLLED_BACK


def test_a_question_is_answered_by_promote_and_not_by_silence():
    plan = PLAN.model_copy(update={"on_unknown": "ask"})
    silent = Outside(mute=True)
    rollout, _ = perform(silent, plan)
    assert rollout.end is End.NEEDS_OPERATOR
    assert silent.weights == {Slot.BLUE: 90, Slot.GREEN: 10}, "both slots stay as they are"
    asked = Outside(mute=True)
    rollout, answers, _ = saying(asked, "promote", lambda it: it.asked is not None, plan, until=at(Phase.HOLD, 1))
    assert (answers[0].accepted, rollout.step, rollout.asked) == (True, 1, None)


def test_evidence_that_comes_while_the_question_waits_is_heeded():
    plan = PLAN.model_copy(update={"on_unknown": "ask"})
    outside = Outside(mute=True)

    def speak_up(rollout):
        outside.mute = outside.mute and rollout.asked is None
        return False

    rollout, _ = perform(outside, plan, speak_up)
    assert rollout.end is End.SUCCEEDED


def test_a_retried_phase_has_its_whole_time_again():
    outside = Outside(in_sync=False)
    half = PLAN.deadlines.shift / 2
    began = []

    def half_way(rollout):
        if rollout.phase is Phase.SHIFT and not began:
            began.append(outside.at)
        return rollout.phase is Phase.SHIFT and outside.at - began[0] > half

    _, answers, _ = saying(outside, "retry", half_way)
    assert answers[0].accepted
    assert outside.at - began[0] > PLAN.deadlines.shift * 1.4


@pytest.mark.parametrize(
    ("verb", "phase", "words"),
    [
        ("resume", Phase.HOLD, "not paused"),
        ("promote", Phase.VERIFY, "only a watch"),
        ("pause", Phase.ROLLBACK, "never paused"),
        ("retry", Phase.ROLLBACK, "only a way forward"),
        ("abort", Phase.ROLLBACK, "going back already"),
        ("promote", Phase.DRAIN, "only a watch"),
    ],
)
def test_what_makes_no_sense_now_is_answered_and_changes_nothing(verb, phase, words):
    bad = phase is Phase.ROLLBACK
    plain, told = Outside(error_rate=0.5 if bad else 0.0), Outside(error_rate=0.5 if bad else 0.0)
    without, _ = perform(plain)
    with_it, answers, _ = saying(told, verb, at(phase))
    assert [(answer.accepted, words in answer.why) for answer in answers] == [(False, True)]
    assert (with_it.end, told.done) == (without.end, plain.done)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 120), st.sampled_from(VERBS)), max_size=6), st.booleans())
def test_whatever_operators_say_every_command_is_answered_and_the_rollout_ends(said, bad):
    outside = Outside(error_rate=0.5 if bad else 0.0)
    due, looks = sorted(said), [0]

    def speak(rollout):
        looks[0] += 1
        while due and due[0][0] <= looks[0]:
            outside.commands.append(Command(due.pop(0)[1], "ann", "because"))
        if rollout.paused is not None and not due and not outside.commands:
            outside.commands.append(Command("resume", "ann", "enough"))
        return False

    rollout, journal = perform(outside, PLAN, speak)
    decided = [entry for entry in journal.entries() if isinstance(entry, Decided)]
    taken = [command for entry in decided for command in entry.seen.commands]
    answered = [answer.command for entry in decided for answer in entry.decision.answers]
    assert answered == taken
    assert rollout.end is not None
    obeyed = {a.command.verb for e in decided for a in e.decision.answers if a.accepted}
    assert (rollout.end is End.SUCCEEDED) == (not bad and "abort" not in obeyed)


def asked_and_silent():
    """A plan that asks, and an outside in which a question stands."""
    plan = PLAN.model_copy(update={"on_unknown": "ask"})
    outside = Outside(mute=True)
    rollout, _ = perform(outside, plan, until=lambda it: it.asked is not None)
    return plan, outside, rollout


def step_on(plan, outside, rollout, until):
    engine = Engine(plan, outside.ports, outside, outside, ListJournal())
    while not until(rollout):
        rollout, wait = engine.step(rollout)
        outside.sleep(wait)
    return rollout


def test_a_retried_hold_has_its_whole_time_again_before_the_question_comes_back():
    plan, outside, rollout = asked_and_silent()
    outside.commands.append(Command("retry", "ann", "the metrics are being mended"))
    at = outside.at
    rollout = step_on(plan, outside, rollout, until=lambda it: it.asked is None)
    step_on(plan, outside, rollout, until=lambda it: it.asked is not None)
    assert outside.at - at > plan.steps[0].hold + min(gate.max_wait for gate in plan.gates)


def test_a_question_does_not_run_out_while_the_rollout_is_paused():
    plan, outside, rollout = asked_and_silent()
    began, paused = outside.at, 5 * plan.ask_for
    outside.commands.append(Command("pause", "ann", "lunch"))
    rollout = step_on(plan, outside, rollout, until=lambda it: outside.at - began > paused)
    assert (rollout.end, rollout.paused is not None) == (None, True)
    outside.commands.append(Command("resume", "ann", "back"))
    rollout = step_on(plan, outside, rollout, until=lambda it: it.finished)
    assert rollout.end is End.NEEDS_OPERATOR
    assert plan.ask_for <= outside.at - began - paused < 2 * plan.ask_for


def test_a_pause_in_the_midst_of_a_wait_lengthens_neither_the_wait_nor_the_phase():
    """Both began before it; what stood still is left out of both."""
    paused = Rollout("shop-1", Slot.BLUE, Phase.SCALE, START, since=START + MINUTE, waiting=START + 2 * MINUTE)
    paused = replace(paused, paused=Pause(START + 5 * MINUTE, "ann", "lunch"))
    seen = Observation(START + 65 * MINUTE, commands=(Command("resume", "ann", "back"),))
    resumed, answers = obey(paused, seen)
    assert [answer.accepted for answer in answers] == [True]
    assert (resumed.paused, resumed.since, resumed.waiting) == (None, START + 61 * MINUTE, START + 62 * MINUTE)
