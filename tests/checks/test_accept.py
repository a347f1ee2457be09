"""Manual acceptance: who counts, how many, and what silence means."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bluegreen.checks.accept import Accept
from bluegreen.decide.acceptance import hear
from bluegreen.decide.checking import progress
from bluegreen.decide.operators import obey
from bluegreen.journal.entries import ENTRY, Started
from bluegreen.model import CheckRun, Command, Observation, Pause, Phase, Rollout, Slot
from bluegreen.plan import Plan

from ..tiers.conftest import PLAN

START = datetime(2030, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
TWO = {"kind": "accept", "roles": {"release": ["ann", "bob"], "support": ["cleo"]}, "count": 2, "timeout": "4h"}


def plan_with(check):
    return Plan.model_validate({**PLAN, "verify": {"checks": [check]}})


def asked(plan):
    """A rollout that has just asked for acceptance."""
    rollout = Rollout("shop-1", Slot.BLUE, Phase.VERIFY, START, START)
    return progress("verify", plan.verify.checks[0], rollout, Observation(START), {}).rollout


def answer(plan, rollout, verb, who, at=START + HOUR):
    """What becomes of one answer."""
    seen = Observation(at, commands=(Command(verb, who, "because"),))
    heard, answers = hear(plan, rollout, seen, ())
    return progress("verify", plan.verify.checks[0], heard, seen, {}), answers[0]


def test_one_of_each_role_must_accept():
    plan = plan_with(TWO)
    one, _ = answer(plan, asked(plan), "accept", "ann")
    assert (one.state, one.why) == ("running", "waits for support (cleo) and 1 more of bob, cleo to accept")
    twice, _ = answer(plan, one.rollout, "accept", "ann")
    assert twice.state == "running", "nobody counts twice"
    same, _ = answer(plan, one.rollout, "accept", "bob")
    assert same.state == "running", "two of one role are not one of each"
    both, _ = answer(plan, one.rollout, "accept", "cleo")
    assert (both.state, both.why) == ("passed", "accepted by ann, cleo")


def test_one_refusal_is_enough_and_says_who_and_why():
    plan = plan_with(TWO)
    one, _ = answer(plan, asked(plan), "accept", "ann")
    no, said = answer(plan, one.rollout, "refuse", "cleo")
    assert (no.state, no.why, said.accepted) == ("failed", "cleo refused: because", True)


def test_a_stranger_is_told_who_may_answer_and_is_not_counted():
    plan = plan_with(TWO)
    step, said = answer(plan, asked(plan), "refuse", "mallory")
    assert step.state == "running"
    assert not said.accepted and said.why == "mallory is not asked; ann, bob, cleo may answer"


def test_an_answer_that_nobody_waits_for_and_one_during_a_pause_are_not_lost_silently():
    plan = plan_with(TWO)
    idle = Rollout("shop-1", Slot.BLUE, Phase.HOLD, START, START)
    assert "nobody is asked to accept anything in hold" in answer(plan, idle, "accept", "ann")[1].why
    paused = replace(asked(plan), paused=Pause(START, "dan", "lunch"))
    assert answer(plan, paused, "accept", "ann")[1].why == "it is paused; resume it first"


@pytest.mark.parametrize(("at_limit", "state"), [("refuse", "failed"), ("accept", "passed"), ("ask", "unknown")])
def test_silence_means_what_the_file_says(at_limit, state):
    plan = plan_with({"kind": "accept", "who": ["ann"], "timeout": "4h", "at_limit": at_limit})
    rollout, check = asked(plan), plan.verify.checks[0]
    before = progress("verify", check, rollout, Observation(START + 4 * HOUR - timedelta(seconds=1)), {})
    after = progress("verify", check, rollout, Observation(START + 4 * HOUR), {})
    assert (before.state, after.state) == ("running", state)
    assert "after 4h still without ann" in after.why


@pytest.mark.parametrize("said", [{"at_limit": "ask"}, {"on_unknown": "ask"}])
def test_to_ask_when_nobody_answers_can_be_said_in_either_way(said):
    plan = plan_with({**TWO, **said})
    step = progress("verify", plan.verify.checks[0], asked(plan), Observation(START + 4 * HOUR), {})
    assert (step.state, plan.verify.checks[0].on_unknown) == ("unknown", "ask")


def test_to_ask_and_not_to_ask_at_the_limit_is_refused():
    with pytest.raises(ValidationError, match="say different things of the same moment"):
        plan_with({**TWO, "at_limit": "ask", "on_unknown": "rollback"})


def test_people_have_as_long_to_answer_as_without_a_pause():
    plan = plan_with(TWO)
    paused = replace(asked(plan), paused=Pause(START + HOUR, "dan", "lunch"))
    late = Observation(START + 10 * HOUR, commands=(Command("resume", "dan", "back"),))
    assert progress("verify", plan.verify.checks[0], paused, late, {}).state == "running"
    resumed, _ = obey(paused, late)
    for after, state in ((timedelta(hours=3, seconds=-1), "running"), (timedelta(hours=3), "failed")):
        step = progress("verify", plan.verify.checks[0], resumed, Observation(START + 10 * HOUR + after), {})
        assert step.state == state


def test_who_has_accepted_survives_the_journal():
    plan = plan_with(TWO)
    one, _ = answer(plan, asked(plan), "accept", "ann")
    line = ENTRY.dump_json(Started(START, "x", one.rollout))
    again = ENTRY.validate_json(line).rollout
    assert again.runs["verify/accept"] == CheckRun(START, accepted=("ann",))
    assert answer(plan, again, "accept", "cleo")[0].state == "passed"


PEOPLE = st.sampled_from(["ann", "bob", "cleo", "dan", "mallory"])
ANSWERS = st.lists(st.tuples(st.sampled_from(["accept", "refuse"]), PEOPLE), max_size=8)


@given(ANSWERS, st.integers(1, 3))
def test_it_passes_when_enough_of_the_right_people_have_accepted_before_anyone_of_them_refused(answers, count):
    plan = plan_with({**TWO, "count": count})
    rollout, state = asked(plan), "running"
    for verb, who in answers:
        step, _ = answer(plan, rollout, verb, who)
        rollout, state = step.rollout, step.state
        if state != "running":
            break
    said, expected = set(), "running"
    for verb, who in answers:
        if who in {"ann", "bob", "cleo"}:
            if verb == "refuse":
                expected = "failed"
                break
            said.add(who)
            if len(said) >= count and said & {"ann", "bob"} and "cleo" in said:
                expected = "passed"
                break
    assert state == expected


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "say who may accept"),
        ({"who": ["ann"], "count": 2}, "2 people must accept, but only 1 may"),
        ({"who": ["ann"], "retries": 1}, "people are asked once"),
    ],
)
def test_what_nobody_could_fulfil_is_refused(wrong, said):
    with pytest.raises(ValidationError, match=said):
        Accept.model_validate({"kind": "accept", **wrong})
