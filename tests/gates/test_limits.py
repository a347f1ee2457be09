"""What all gates have in common: samples, delays, and how many bad minutes are borne."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.decide.watch import remembered, watch
from bluegreen.gates.alarm import Alarm
from bluegreen.gates.counts import Counts, Limits, tallied
from bluegreen.gates.sequential import Sequential
from bluegreen.gates.threshold import Threshold
from bluegreen.gates.wanted import wanted_by
from bluegreen.model import Observation, Phase, Rollout, Slot, Verdict

from ..engine.memory import MINUTE, START
from .evidence import evidence

FAIL, PASS, UNKNOWN = Verdict.FAIL, Verdict.PASS, Verdict.UNKNOWN
QUICK = {"measure": "error_rate", "below": "1%", "periods": 1, "failures": 1}


def said(gate, **what):
    return gate.judge(evidence(**what))


def test_a_sample_is_what_was_observed_in_this_step():
    gate = Threshold(**QUICK, min_sample=5000)
    few = said(gate, requests=[500] * 9)
    assert few.verdict is UNKNOWN and few.why.startswith("4500 of 5000 requests seen, too few to say: error_rate was")
    assert said(gate, requests=[600] * 9).verdict is PASS
    assert said(gate, requests=[600] * 9, since=START + 3 * MINUTE).verdict is UNKNOWN


def test_what_went_wrong_just_before_a_step_is_not_hidden_by_its_sample():
    gate = Threshold(**QUICK, min_sample=3000)
    assert said(gate, requests=[600] * 9, errors=[600] * 9, since=START + 9 * MINUTE).verdict is FAIL


def test_an_alarm_that_is_ok_because_nobody_came_is_no_evidence():
    gate = Alarm(alarm="shop", min_sample=100)
    assert gate.queries(Slot.BLUE, Slot.GREEN)
    assert said(gate, alarms={"shop": "OK"}).verdict is UNKNOWN
    assert said(gate, alarms={"shop": "OK"}, requests=[20] * 9).verdict is PASS


def test_nothing_is_judged_before_the_initial_delay_is_over():
    gate = Threshold(**QUICK, initial_delay="10m")
    assert said(gate, requests=[600] * 9, errors=[600] * 9, at=START + 9 * MINUTE).verdict is UNKNOWN
    assert said(gate, requests=[600] * 9, errors=[600] * 9, at=START + 10 * MINUTE).verdict is FAIL


def test_the_minutes_of_the_warm_up_do_not_count():
    gate = Threshold(measure="error_rate", below="1%", warm_up="3m")
    cold = [300] * 3 + [0] * 6
    assert said(gate, requests=[600] * 5, errors=cold[:5]).verdict is UNKNOWN
    assert said(gate, requests=[600] * 9, errors=cold).verdict is PASS
    assert said(Sequential(below="1%", warm_up="3m"), requests=[6000] * 9, errors=cold).verdict is PASS
    assert said(Sequential(below="1%"), requests=[6000] * 9, errors=cold).verdict is not PASS


@pytest.mark.parametrize(
    ("limits", "errors", "verdict"),
    [
        ({"failures": 3}, [9, 0, 9, 0, 0, 0], PASS),
        ({"failures": 3}, [9, 0, 9, 0, 0, 9], FAIL),
        ({"failures": 3}, [0, 0, 9, 0, 0, 9], UNKNOWN),
        ({"consecutive": 2}, [9, 0, 9, 0, 0, 9], UNKNOWN),
        ({"consecutive": 2}, [9, 0, 9, 0, 9, 9], FAIL),
        ({"failures": 4, "consecutive": 3}, [9, 9, 0, 9, 0, 9], FAIL),
        ({"failures": 5, "consecutive": 3}, [9, 9, 0, 9, 0, 9], UNKNOWN),
    ],
)
def test_so_many_bad_minutes_are_borne_in_a_step(limits, errors, verdict):
    """Of a hundred requests each; whether the engine looked every minute or not makes no difference."""
    gate = Threshold(**QUICK, limits=limits)
    assert said(gate, requests=[100] * 6, errors=errors, at=START + 6 * MINUTE).verdict is verdict


def test_bad_minutes_of_the_step_before_are_not_counted_in_this_one():
    gate = Threshold(**QUICK, limits={"failures": 3})
    what = {"requests": [100] * 9, "errors": [9, 9, 9, 0, 0, 0, 0, 0, 0]}
    assert said(gate, **what).verdict is FAIL
    assert said(gate, **what, since=START + 3 * MINUTE).verdict is PASS


def test_what_is_borne_is_told():
    gate = Threshold(**QUICK, limits={"failures": 3, "consecutive": 2})
    borne = said(gate, requests=[100] * 6, errors=[0] * 5 + [9], at=START + 6 * MINUTE)
    assert borne.why.startswith("1 of 3 failed minutes in this step, 1 of 2 failed minutes in a row: error_rate was 9%")


def test_after_so_many_minutes_that_say_nothing_nobody_waits_any_longer():
    gate = Threshold(measure="error_rate", below="1%", limits={"inconclusive": 6})
    what = {"requests": [5] * 9}
    assert not said(gate, **what, at=START + 5 * MINUTE).final
    late = said(gate, **what, at=START + 6 * MINUTE)
    assert late.verdict is UNKNOWN and late.final and "6 minutes said nothing, limit 6" in late.why


# -- what cannot be seen again

verdicts = st.lists(st.sampled_from(list(Verdict)), max_size=30)


@given(verdicts)
def test_a_tally_of_one_look_a_minute_counts_as_if_all_had_been_seen_at_once(said):
    tally = None
    for minute, verdict in enumerate(said):
        tally = tallied(tally, START, START + minute * MINUTE, verdict, unread=False)
    assert Counts.of(tally) == Counts.over(said)


@given(verdicts, st.data())
def test_more_looks_in_a_minute_count_once_by_the_worst(said, data):
    tally, worst = None, []
    for minute, verdict in enumerate(said):
        others = data.draw(st.lists(st.sampled_from(list(Verdict)), max_size=3))
        looks = data.draw(st.permutations([verdict, *others]))
        for second, look in enumerate(looks):
            tally = tallied(tally, START, START + (minute + second / 60) * MINUTE, look, unread=False)
            again = tallied(tally, START, START + (minute + second / 60) * MINUTE, look, unread=False)
            assert again == tally
        worst.append(max(looks, key=[PASS, UNKNOWN, FAIL].index))
    assert Counts.of(tally) == Counts.over(worst)


class _Plan:
    """As much of a plan as is asked for its gates."""

    def __init__(self, *gates):
        self.gates, self.evidence = gates, wanted_by(gates)


def rollout(**more):
    return Rollout("shop-1", Slot.BLUE, Phase.HOLD, START, START, exposed=True, in_place=START, **more)


def looks(gate, states):
    """The judgements of one look a minute at an alarm."""
    here, found = rollout(), []
    for minute, state in enumerate(states):
        seen = Observation(START + minute * MINUTE, alarms={"shop": state} if state else {})
        found.append(watch(_Plan(gate), here, seen).judged[0])
        here = replace(here, tallies=remembered(_Plan(gate), here, seen))
        assert watch(_Plan(gate), here, seen).judged[0] == found[-1]  # the look is in the tally by then, or is not
    return found


def test_states_of_an_alarm_are_counted_by_the_minute():
    gate = Alarm(alarm="shop", limits={"failures": 3, "consecutive": 2})
    said = looks(gate, ["OK", "ALARM", "OK", "ALARM", "OK", "ALARM"])
    assert [judgement.verdict for judgement in said] == [PASS, UNKNOWN, PASS, UNKNOWN, PASS, FAIL]
    said = looks(gate, ["OK", "ALARM", "ALARM"])
    assert said[-1].verdict is FAIL and "2 minutes failed in a row" in said[-1].why


def test_an_alarm_that_cannot_be_read_is_given_up_after_so_many_minutes():
    said = looks(Alarm(alarm="shop", limits={"errors": 3}), ["OK", None, None, "OK", None])
    assert [judgement.final for judgement in said] == [False, False, False, False, True]


def test_an_alarm_counts_from_when_it_was_first_seen_well():
    gate = Alarm(alarm="shop", already_firing="ignore")
    said = looks(gate, ["ALARM", "ALARM", "OK", "ALARM"])
    assert [judgement.verdict for judgement in said] == [UNKNOWN, UNKNOWN, PASS, FAIL]
    assert [judgement.decides for judgement in said] == [False, False, True, True]


@pytest.mark.parametrize(
    ("before", "decides"),
    [(["OK"], True), (["ALARM"], False), (["OK", "ALARM"], False), (["ALARM", None], False), (["OK", None], True)],
)
def test_an_alarm_that_fires_counts_unless_it_fired_when_the_first_users_came(before, decides):
    gate = Alarm(alarm="shop", already_firing="ignore")
    here = replace(rollout(), exposed=False, in_place=None)
    for minute, state in enumerate(before):
        seen = Observation(START + minute * MINUTE, alarms={"shop": state} if state else {})
        here = replace(here, tallies=remembered(_Plan(gate), here, seen))
    now = Observation(START + 9 * MINUTE, alarms={"shop": "ALARM"})
    (said,) = watch(_Plan(gate), replace(here, exposed=True, in_place=START + 8 * MINUTE), now).judged
    assert said.decides is decides
    assert said.verdict is (FAIL if decides else UNKNOWN)


def test_limits_that_nobody_set_need_no_tally():
    assert remembered(_Plan(Threshold(**QUICK), Alarm(alarm="shop")), rollout(), Observation(START)) == {}
    assert Limits() == Limits(failures=None)


def test_the_minute_in_which_a_step_began_counts_to_nothing():
    """It is not a whole minute of the step: that nothing can be said of it is no reason to lose patience."""
    gate = Threshold(**QUICK, limits={"inconclusive": 1})
    half = evidence(requests=[600] * 3, since=START + MINUTE / 2, at=START + 3 * MINUTE)
    assert gate.counts(half) == Counts()
    assert gate.judge(half).verdict is PASS
