"""Thresholds and alarms: each one's own rules."""

from datetime import timedelta

import pytest

from bluegreen.gates.alarm import Alarm
from bluegreen.gates.threshold import Threshold
from bluegreen.model import Verdict

from ..engine.memory import MINUTE, START
from .evidence import evidence

GATES = [
    Threshold(measure="error_rate", below="1%"),
    Threshold(measure="latency_p99", below="800ms"),
    Alarm(alarm="shop-errors"),
]


def judged(since=START, at=START + 10 * MINUTE, gate=GATES[0], **series):
    return gate.judge(evidence(at=at, since=since, **series))


def test_two_bad_minutes_of_three_fail_and_one_does_not():
    requests = [1000] * 9
    assert judged(requests=requests, errors=[0] * 7 + [50, 50]).verdict is Verdict.FAIL
    assert judged(requests=requests, errors=[0] * 8 + [50]).verdict is Verdict.PASS


def test_absent_errors_beside_requests_mean_zero_errors():
    assert judged(requests=[1000] * 9).verdict is Verdict.PASS


def test_minutes_with_few_requests_say_nothing():
    assert judged(requests=[99] * 9, errors=[99] * 9).verdict is Verdict.UNKNOWN


def test_good_minutes_from_before_this_step_do_not_promote_it():
    since = START + timedelta(minutes=8)
    assert judged(since=since, requests=[1000] * 9).verdict is Verdict.UNKNOWN


def test_bad_minutes_from_before_this_step_still_count_against_it():
    since = START + timedelta(minutes=8)
    assert judged(since=since, requests=[1000] * 9, errors=[500] * 9).verdict is Verdict.FAIL


def test_old_good_news_is_no_news():
    late = START + timedelta(minutes=15)
    said = judged(at=late, requests=[1000] * 9)
    assert said.verdict is Verdict.UNKNOWN and "6m old" in said.why


def test_latency_is_judged_in_seconds_and_shown_as_people_write_it():
    said = judged(gate=GATES[1], requests=[1000] * 9, latency_p99=[0.9] * 9)
    assert said.verdict is Verdict.FAIL
    assert said.why == "latency_p99 was 900ms in 3 of the last 3 minutes, limit 800ms"


@pytest.mark.parametrize(
    ("state", "verdict"),
    [("OK", Verdict.PASS), ("ALARM", Verdict.FAIL), ("INSUFFICIENT_DATA", Verdict.UNKNOWN), (None, Verdict.UNKNOWN)],
)
def test_an_alarm_passes_only_when_it_is_ok(state, verdict):
    alarms = {} if state is None else {"shop-errors": state}
    assert GATES[2].judge(evidence(alarms=alarms)).verdict is verdict
