"""What an alarm may be, and how it is judged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.model import Slot
from sim.alarms import AlarmSpec, evaluate

STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
MODES = ("missing", "ignore", "breaching", "notBreaching")

ranges = st.integers(1, 6).flatmap(
    lambda n: st.tuples(
        st.just(n), st.integers(1, n), st.lists(st.sampled_from([None, False, True]), min_size=n, max_size=n + 4)
    )
)


def alarm(**options):
    return AlarmSpec(**{"name": "a", "slot": Slot.BLUE, "measure": "requests", "threshold": 2, **options})


@given(st.lists(st.booleans(), min_size=5, max_size=5), st.integers(1, 3), st.sampled_from(MODES))
def test_with_all_data_the_last_n_points_alone_decide(real, needed, mode):
    expected = "ALARM" if sum(real[-3:]) >= needed else "OK"
    assert {evaluate(real, 3, needed, mode, before) for before in STATES} == {expected}


@given(ranges, st.sampled_from(MODES), st.sampled_from(STATES), st.data())
def test_a_point_that_breaches_instead_never_turns_alarm_into_ok(case, mode, before, data):
    n, m, points = case
    worse = [data.draw(st.booleans()) or point if point is False else point for point in points]
    if evaluate(points, n, m, mode, before) == "ALARM":
        assert evaluate(worse, n, m, mode, before) == "ALARM"


@given(ranges, st.sampled_from(MODES), st.sampled_from(STATES))
def test_judging_the_same_points_again_changes_nothing(case, mode, before):
    n, m, points = case
    after = evaluate(points, n, m, mode, before)
    assert evaluate(points, n, m, mode, after) == after


@given(ranges, st.sampled_from(MODES), st.sampled_from(STATES))
def test_enough_breaching_points_in_a_range_with_too_few_alarm_in_every_mode(case, mode, before):
    n, m, points = case
    if len([p for p in points if p is not None]) < n and sum(p is True for p in points) >= m:
        assert evaluate(points, n, m, mode, before) == "ALARM"


@given(ranges, st.sampled_from(STATES))
def test_missing_points_that_count_as_breaching_are_never_kinder(case, before):
    n, m, points = case
    kinder = evaluate(points, n, m, "notBreaching", before)
    assert kinder == "OK" or evaluate(points, n, m, "breaching", before) == "ALARM"


@pytest.mark.parametrize(("comparison", "expected"), [(">", 1), (">=", 2), ("<", 1), ("<=", 2)])
def test_thresholds_are_compared_as_the_alarm_says(comparison, expected):
    assert sum(alarm(comparison=comparison).breaches(value) for value in (1, 2, 3)) == expected


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"periods": 2, "datapoints": 3}, "can never breach"),
        ({"period": "30s"}, "high resolution"),
        ({"period": "90s"}, "multiple of 60s"),
        ({"threshold": None}, "needs a threshold"),
        ({"slot": None}, "needs a slot"),
        ({"measure": None}, "one of the three"),
        ({"expression": "requests / 2"}, "one of the three"),
        ({"measure": "happiness"}, "there is no measure 'happiness'"),
        ({"measure": "latency", "statistic": "Maximum"}, "cannot tell 'Maximum' of latency"),
        ({"measure": "latency", "statistic": "p0"}, "cannot tell 'p0'"),
        ({"measure": "latency_p99", "statistic": "p90"}, "only p99"),
        ({"measure": "error_rate", "statistic": "Sum"}, "none of its own"),
        ({"measure": None, "expression": "requests +"}, "character 11"),
        ({"measure": None, "expression": "requests / users"}, "there is no measure 'users'"),
        ({"measure": None, "expression": "SUM(requests)"}, "must be one series"),
        ({"low_samples": "ignore"}, "for percentiles"),
        ({"rule": "TRUE"}, "one of the three"),
        ({"measure": None, "rule": "TRUE"}, "has no"),
        ({"metrics": {"x": {"slot": "blue", "measure": "requests"}}}, "metrics are for an expression"),
    ],
)
def test_what_cannot_be_is_refused_with_a_reason(options, word):
    with pytest.raises(ValueError, match=word):
        alarm(**options)


def test_an_expression_has_at_most_ten_metrics():
    metrics = {f"m{i}": {"slot": "green", "measure": "requests"} for i in range(10)}
    alarm(measure=None, slot=None, metrics=metrics, expression="SUM([" + ", ".join(metrics) + "])")
    with pytest.raises(ValueError, match="at most 10 metrics"):
        alarm(measure=None, metrics=metrics, expression="SUM([requests, " + ", ".join(metrics) + "])")


def test_a_composite_alarm_is_a_name_and_a_rule():
    page = AlarmSpec(name="page", rule='ALARM(a) AND NOT ALARM("b c")')
    assert page.rules.children == ("a", "b c")
    with pytest.raises(ValueError, match="character 1 of 'ALARM\\(a'"):
        AlarmSpec(name="page", rule="ALARM(a")
