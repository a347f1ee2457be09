"""What each of the newer kinds does in its own cases."""

import pytest
from pydantic import ValidationError

from bluegreen.gates.alarm import Alarm
from bluegreen.gates.compare import Compare
from bluegreen.gates.locust import Locust
from bluegreen.gates.mann_whitney import MannWhitney
from bluegreen.gates.metric import Metric
from bluegreen.gates.sequential import Sequential
from bluegreen.gates.sequential_latency import SequentialLatency
from bluegreen.gates.webhook import Webhook
from bluegreen.model import CheckView, Query, Slot, Tally, Verdict

from ..engine.memory import MINUTE, START
from .evidence import LIMIT, evidence

MANY = [1000] * 9


def said(gate, **what):
    return gate.judge(evidence(**what))


# -- compare


def test_a_dependency_that_is_slow_for_both_is_not_the_candidates_fault():
    gate = Compare(measure="latency_p99", ratio=1.5)
    both = {"requests": MANY, "latency_p99": [5.0] * 9}
    assert said(gate, live=both, requests=MANY, latency_p99=[5.5] * 9).verdict is Verdict.PASS
    assert said(gate, live=both, requests=MANY, latency_p99=[8.0] * 9).verdict is Verdict.FAIL


def test_the_limit_is_that_of_the_same_minute():
    gate = Compare(measure="error_rate", ratio=2, difference="0.5%")
    live = {"requests": MANY, "errors": [0] * 6 + [10, 20, 30]}
    assert said(gate, live=live, requests=MANY, errors=[0] * 6 + [25, 45, 65]).verdict is Verdict.PASS
    fails = said(gate, live=live, requests=MANY, errors=[0] * 6 + [25, 46, 70])
    assert fails.verdict is Verdict.FAIL
    assert fails.why == "error_rate was 7% in 2 of the last 3 minutes, limit 6.5% (2 times blue's 3% + 0.5%)"


def test_minutes_in_which_either_slot_has_few_requests_say_nothing():
    gate = Compare(measure="error_rate", difference="1%")
    assert said(gate, live={"requests": [99] * 9}, requests=MANY).verdict is Verdict.UNKNOWN


@pytest.mark.parametrize(
    "gate",
    [Compare(measure="error_rate", difference="1%"), Sequential(difference="1%"), MannWhitney(measure="error_rate")],
    ids=lambda gate: gate.kind,
)
def test_who_compares_decides_nothing_once_live_has_no_weight(gate):
    judgement = said(gate, weight=0, requests=MANY)
    assert judgement.verdict is Verdict.UNKNOWN and not judgement.decides
    assert not gate.decides_alone


def test_a_sequential_gate_with_a_fixed_limit_judges_alone_then():
    gate = Sequential(below="1%", difference="0.5%")
    assert said(gate, weight=0, requests=MANY).verdict is Verdict.PASS
    assert gate.decides_alone


def test_two_questions_share_one_chance_of_a_false_alarm():
    """What just fails alone does not when it is one of two things that may fail."""
    alone, both = Sequential(below="1%"), Sequential(below="1%", difference="50%")
    live = {"requests": MANY, "errors": [10] * 9}
    just = next(
        errors for errors in range(1000) if said(alone, requests=[1000], errors=[errors]).verdict is Verdict.FAIL
    )
    assert said(both, requests=[1000], errors=[just], live=live).verdict is Verdict.UNKNOWN
    assert said(both, requests=[1000], errors=[just + 5], live=live).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("allows", "limit"),
    [
        ({"below": "1%"}, "limit 1%"),
        ({"ratio": 2}, "limit 2 times live's 90 of 9000"),
        ({"difference": "0.5%"}, "limit live's 90 of 9000 + 0.5%"),
        ({"ratio": 1.5, "difference": "0.5%"}, "limit 1.5 times live's 90 of 9000 + 0.5%"),
        ({"below": "1%", "ratio": 2}, "limit 1% and limit 2 times live's 90 of 9000"),
    ],
)
def test_a_sequential_gate_says_what_it_allows(allows, limit):
    judgement = said(Sequential(**allows), live={"requests": MANY, "errors": [10] * 9}, requests=MANY, errors=[5] * 9)
    assert judgement.why.endswith(f"; {limit}")


def test_a_comparison_that_bears_nothing_is_refused():
    with pytest.raises(ValidationError, match="equal slots differ by chance"):
        Compare(measure="error_rate")
    for nothing in ({}, {"ratio": 1}, {"difference": "0%"}, {"ratio": 1, "difference": "0%"}):
        with pytest.raises(ValidationError, match=r"limit|allow"):
            Sequential(**nothing)


# -- alarm


def test_an_alarm_that_fired_before_the_rollout_and_ever_since_does_not_stop_the_fix():
    gate = Alarm(alarm="shop", already_firing="ignore")
    still = said(gate, alarms={"shop": "ALARM"})
    assert still.verdict is Verdict.UNKNOWN and not still.decides
    assert said(gate, alarms={"shop": "OK"}).verdict is Verdict.PASS
    again = said(gate, alarms={"shop": "ALARM"}, tally=Tally(well=True))
    assert again.verdict is Verdict.FAIL


def test_by_default_an_alarm_is_judged_by_its_state():
    assert said(Alarm(alarm="shop"), alarms={"shop": "ALARM"}).verdict is Verdict.FAIL


# -- sequential latency


def test_the_share_of_slow_answers_is_tested_from_counts():
    gate = SequentialLatency(limit="800ms", below="1%")
    fails = said(gate, answered=MANY, slow=[40] * 9)
    assert fails.verdict is Verdict.FAIL
    assert "360 of 9000 requests took longer than 800ms in 9 minutes" in fails.why
    assert said(gate, answered=MANY).verdict is Verdict.PASS  # no point where nothing was slow


def test_it_asks_cloudwatch_for_what_is_above_the_limit():
    asked = SequentialLatency(limit=LIMIT, below="1%").series(Slot.BLUE, Slot.GREEN)
    assert [query.statistic for query in asked] == ["SampleCount", "TC(0.8:)"]


# -- metric

QUEUE = {"namespace": "AWS/SQS", "metric": "Age", "dimensions": {"QueueName": "orders-{slot}"}, "statistic": "Maximum"}


def test_any_metric_is_read_with_the_slot_in_its_dimensions():
    gate = Metric(name="age", metrics={"age": QUEUE}, below=60)
    (query,) = gate.series(Slot.BLUE, Slot.GREEN)
    assert query == Query("Age", None, "AWS/SQS", (("QueueName", "orders-green"),), "Maximum")


def test_a_balancers_metric_is_that_of_the_slots_balancer():
    errors = {"namespace": "AWS/ApplicationELB", "metric": "HTTPCode_Target_4XX_Count", "statistic": "Sum"}
    gate = Metric(name="4xx", metrics={"e": {**errors, "of": "live"}}, below=60)
    assert gate.series(Slot.BLUE, Slot.GREEN) == (
        Query("HTTPCode_Target_4XX_Count", Slot.BLUE, "AWS/ApplicationELB", statistic="Sum"),
    )
    assert not gate.decides_alone


def test_a_value_must_stay_on_its_side_of_the_limit():
    hosts = {"hosts": {"measure": "healthy_hosts"}}
    gate = Metric(name="hosts", metrics=hosts, above=3)
    assert said(gate, healthy_hosts=[4] * 9).verdict is Verdict.PASS
    fails = said(gate, healthy_hosts=[4] * 6 + [4, 3, 2])
    assert fails.verdict is Verdict.FAIL
    assert fails.why == "hosts was 2 in 2 of the last 3 minutes, limit 3"


def test_minutes_in_which_the_expression_has_no_value_are_no_evidence():
    ratio = {"errors": {"measure": "errors"}, "requests": {"measure": "requests"}}
    gate = Metric(name="ratio", metrics=ratio, expression="errors / requests", below=0.01)
    assert said(gate, requests=MANY, errors=[None] * 9).verdict is Verdict.PASS  # missing beside something counts as 0
    assert said(gate, requests=[None] * 9, errors=[5] * 9).verdict is Verdict.UNKNOWN  # division by zero


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"below": 1, "above": 2}, "either below"),
        ({}, "either below"),
        ({"below": 1, "expression": "age +"}, "here should be a value"),
        ({"below": 1, "expression": "age + more"}, "more in the expression is none of age"),
        ({"below": 1, "metrics": {"a": QUEUE, "b": QUEUE}}, "Give an expression"),
        ({"below": 1, "metrics": {"a": {"metric": "Age"}}}, "needs its namespace"),
        ({"below": 1, "metrics": {"a": {"metric": "Age", "namespace": "AWS/SQS"}}}, "needs dimensions"),
        ({"below": 1, "metrics": {"a": {**QUEUE, "namespace": "AWS/ELB"}}}, "leave dimensions out"),
        ({"below": 1, "metrics": {"a": {}}}, "give either a measure"),
    ],
)
def test_a_wrong_metric_is_refused_with_what_is_wrong(wrong, words):
    with pytest.raises(ValidationError, match=words):
        Metric(**({"name": "age", "metrics": {"age": QUEUE}} | wrong))


# -- asked outside


def view(state, minute, detail=""):
    return CheckView(state, detail or state, START + minute * MINUTE)


def test_the_newest_answer_counts_and_the_one_before_it_while_it_is_worked_out():
    gate = Webhook(url="https://crm.example.com/ok")
    checks = {"gate/webhook#1": view("failed", 1), "gate/webhook#2": view("passed", 2)}
    assert said(gate, checks=checks).verdict is Verdict.PASS
    checks["gate/webhook#10"] = view("running", 3)
    assert said(gate, checks=checks).verdict is Verdict.PASS
    checks["gate/webhook#10"] = view("unknown", 3)
    assert said(gate, checks=checks).verdict is Verdict.UNKNOWN


def test_a_good_answer_of_an_earlier_step_is_no_answer_and_a_bad_one_is():
    gate = Webhook(url="https://crm.example.com/ok")
    since = START + 5 * MINUTE
    assert said(gate, since=since, checks={"gate/webhook#1": view("passed", 2)}).verdict is Verdict.UNKNOWN
    assert said(gate, since=since, checks={"gate/webhook#1": view("failed", 2)}).verdict is Verdict.FAIL


def test_a_load_test_without_its_load_is_no_evidence():
    gate = Locust(load={"file": "users.py", "users": 50, "rate_at_least": 40})
    short = view("unknown", 2, "only 31 of 40 requests a second")
    judgement = said(gate, checks={"gate/locust#1": short})
    assert judgement.verdict is Verdict.UNKNOWN and judgement.why == "only 31 of 40 requests a second"


def test_the_check_that_is_run_has_the_gates_name_and_time_enough():
    gate = Locust(load={"file": "users.py", "users": 50, "lasts": "15m", "timeout": "20m"}, name="evening")
    assert gate.check().name == "evening" and gate.run == "gate/evening"
    assert gate.check().timeout > gate.check().lasts


# -- mann-whitney


@pytest.mark.parametrize(("ours", "theirs", "shown"), [(0.2, 0.5, "by -"), (0.5, 0.2, "by 3")])
def test_a_difference_is_shown_with_its_sign(ours, theirs, shown):
    gate = MannWhitney(measure="latency_p99", min_minutes=5)
    live = {"requests": MANY, "latency_p99": [theirs + minute / 1000 for minute in range(9)]}
    judged = said(gate, live=live, requests=MANY, latency_p99=[ours + minute / 1000 for minute in range(9)])
    assert f"latency_p99 differs {shown}" in judged.why
