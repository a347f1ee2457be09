"""Alarms over time: sliding windows, late and missing points, few samples, composite alarms, hands on them, history."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.model import Slot
from sim.alarms import AlarmSpec
from tests.cloudwatch.store import Fed, served

NO_DATA = "INSUFFICIENT_DATA"


def alarm(name="a", **options):
    watches = {} if {"expression", "rule"} & options.keys() else {"measure": "requests"}
    return AlarmSpec(**{"name": name, "slot": Slot.BLUE, "threshold": 10, **watches, **options})


def composite(rule, name="page"):
    return AlarmSpec(name=name, rule=rule)


def fed(*alarms, **spec):
    it = Fed(**spec)
    for each in alarms:
        it.metrics.add_alarm(each)
    return it


def run(it, *counts):
    """The alarm's state after each minute with so many requests."""
    states = []
    for count in counts:
        it.minute(served(count))
        states.append(it.state())
    return states


def test_a_new_alarm_has_insufficient_data_and_an_updated_one_keeps_its_state():
    it = fed(alarm())
    assert it.state() == NO_DATA
    run(it, 5, 5)
    it.metrics.add_alarm(alarm(periods=3))
    assert it.state() == "OK"


def test_m_of_n_minutes_must_breach():
    it = fed(alarm(periods=3, datapoints=2))
    assert run(it, 5, 5, 5, 20, 5, 20, 5, 5)[2:] == ["OK", "OK", "OK", "ALARM", "OK", "OK"]


def test_longer_periods_slide_by_the_minute():
    """Minute 5 judges minutes 1 to 5, minute 6 judges 2 to 6."""
    it = fed(alarm(period="5m", threshold=20))
    states = run(it, 4, 4, 4, 4, 4, 8, 4, 4, 4, 4, 4)
    assert states[4:] == ["OK", "ALARM", "ALARM", "ALARM", "ALARM", "ALARM", "OK"]


def test_points_count_when_they_are_published():
    late = fed(alarm(periods=2), delay="3m")
    assert run(late, 20, 5, 5, 5, 5, 5) == [NO_DATA, NO_DATA, NO_DATA, "ALARM", "OK", "OK"]


def test_when_points_are_later_than_the_range_is_long_there_is_no_data():
    it = fed(alarm(), delay="5m")
    assert set(run(it, *[20] * 20)) == {NO_DATA}
    wider = fed(alarm(), delay="5m", extra_periods=6)
    assert run(wider, *[20] * 20)[-1] == "ALARM"


def test_after_a_metric_stopped_the_alarm_judges_its_last_points_for_a_while():
    it = fed(alarm(periods=3))
    assert run(it, 20, 20, 20, 0, 0, 0, 0, 0, 0)[2:] == ["ALARM"] * 5 + [NO_DATA, NO_DATA]


@pytest.mark.parametrize(("premature", "expected"), [("keep", NO_DATA), ("insufficient_data", NO_DATA), ("ok", "OK")])
def test_a_young_breaching_point_alone_is_as_the_world_says(premature, expected):
    it = fed(alarm(periods=3), premature=premature)
    assert run(it, 20, 0, 0) == [expected, expected, "ALARM"]


def test_a_percentile_of_few_samples_waits_when_it_is_told_to():
    slow = (2.0, 2.0, 2.0, 2.0, 2.0)
    options = {"measure": "latency", "statistic": "p99", "threshold": 1, "periods": 2}
    both = fed(alarm(**options), alarm("patient", low_samples="ignore", **options))
    for _ in range(3):
        both.minute(served(499, latency=slow))
    assert (both.state(), both.state("patient")) == ("ALARM", NO_DATA)
    for _ in range(2):
        both.minute(served(500, latency=slow))
    assert both.state("patient") == "ALARM"


def test_an_expression_is_watched_like_a_measure():
    rate = {"threshold": 0.05, "periods": 2}
    it = fed(
        alarm(expression="(target_5xx + elb_5xx) / (requests + elb_503)", **rate),
        alarm("b", measure="error_rate", **rate),
        alarm("c", expression="error_rate", **rate),
        alarm("filled", expression="FILL(error_rate, 1)", **rate),
    )
    for failed in (0, 0, 10, 10, 0, 10):
        it.minute(served(100, failed=failed))
        assert it.state() == it.state("b") == it.state("c")
    assert [c.after for c in it.metrics.alarm_history if c.alarm == "a"] == [NO_DATA, "OK", "ALARM", "OK"]
    it.minute()
    it.minute()
    assert (it.state(), it.state("filled")) == ("OK", "ALARM")


def test_expressions_work_in_longer_periods_and_over_both_slots():
    metrics = {"b": {"slot": "blue", "measure": "requests"}, "g": {"slot": "green", "measure": "requests"}}
    it = fed(
        alarm(expression="error_rate", threshold=0.05, period="2m"),
        AlarmSpec(name="share", expression="g / (b + g)", metrics=metrics, threshold=0.5, comparison=">="),
    )
    for blue, failed, green in ((100, 0, 0), (0, 0, 0), (10, 2, 30)):
        it.metrics.count(Slot.GREEN, served(green))
        it.pass_minute()
        it.metrics.count(Slot.BLUE, served(blue, failed=failed))
        for slot in Slot:
            it.metrics.close(slot, {})
        it.metrics.judge()
    assert (it.state(), it.state("share")) == ("ALARM", "ALARM")


def test_fill_on_late_metrics_pins_an_alarm_that_needs_all_points():
    """The newest minute is never there yet (Amazon CloudWatch User Guide, using metric math)."""
    pinned = alarm(expression="FILL(requests, 0)", periods=3)
    free = alarm("b", expression="FILL(requests, 0)", periods=3, datapoints=2)
    it = fed(pinned, free, delay="60s")
    run(it, *[20] * 10)
    assert (it.state(), it.state("b")) == ("OK", "ALARM")


# -- hands on alarms


def test_a_state_that_was_set_lasts_until_the_next_evaluation():
    it = fed(alarm())
    run(it, 5)
    it.metrics.set_alarm_state("a", "ALARM", "a drill")
    assert it.state() == "ALARM"
    assert run(it, 5) == ["OK"]
    with pytest.raises(KeyError):
        it.metrics.set_alarm_state("b", "OK")


def test_a_forced_alarm_is_stuck_until_it_is_let_go():
    it = fed(alarm(), composite("ALARM(a)"))
    run(it, 5)
    it.metrics.forced_alarms = {"a": "ALARM", "nobody": "OK"}
    assert (it.state(), it.state("page")) == ("ALARM", "ALARM")
    assert run(it, 5, 5) == ["ALARM", "ALARM"]
    it.metrics.set_alarm_state("a", "OK")
    assert run(it, 5) == ["ALARM"]
    it.metrics.forced_alarms = {}
    assert run(it, 5) == ["OK"]
    assert it.state("page") == "OK"


def test_a_forced_composite_alarm_follows_its_rule_again_once_it_is_let_go():
    it = fed(alarm(), composite("ALARM(a)"))
    it.metrics.forced_alarms = {"page": "ALARM"}
    run(it, 5, 5)
    assert it.state("page") == "ALARM"
    it.metrics.forced_alarms = {}
    run(it, 5)
    assert it.state("page") == "OK"


def test_an_alarm_can_be_stuck_before_it_exists():
    it = Fed()
    it.metrics.forced_alarms = {"a": "OK"}
    it.metrics.add_alarm(alarm())
    assert it.state() == "OK"


# -- composite alarms


def test_a_composite_alarm_has_insufficient_data_only_until_it_is_first_judged():
    it = fed(alarm(), composite("OK(a)"))
    assert it.state("page") == NO_DATA
    it.minute()
    assert (it.state(), it.state("page")) == (NO_DATA, "OK")


def test_composite_alarms_follow_their_children_in_the_same_minute_through_all_levels():
    it = fed(alarm(), alarm("deploying", threshold=1000), composite("ALARM(a) AND NOT ALARM(deploying)"))
    it.metrics.add_alarm(composite("ALARM(page) OR INSUFFICIENT_DATA(a)", "top"))
    seen = []
    for count in (20, 2000, 20, 5):
        it.minute(served(count))
        seen.append((it.state("page"), it.state("top")))
    assert seen == [("ALARM", "ALARM"), ("OK", "OK"), ("ALARM", "ALARM"), ("OK", "OK")]


def test_a_state_set_on_a_composite_alarm_stays_until_a_child_changes():
    it = fed(alarm(), composite("ALARM(a)"))
    run(it, 5)
    it.metrics.set_alarm_state("page", "ALARM")
    run(it, 5, 5)
    assert it.state("page") == "ALARM"
    it.metrics.set_alarm_state("a", NO_DATA)
    assert it.state("page") == "OK"


def test_a_state_set_on_a_new_composite_alarm_is_not_judged_away_either():
    it = fed(alarm(), composite("ALARM(a)"))
    it.metrics.set_alarm_state("page", "ALARM")
    it.minute()
    assert it.state("page") == "ALARM"


def test_a_composite_alarm_is_judged_again_when_its_rule_is_altered():
    it = fed(alarm(), composite("ALARM(a)"))
    run(it, 5)
    it.metrics.add_alarm(composite("TRUE"))
    assert it.state("page") == "OK"
    run(it, 5)
    assert it.state("page") == "ALARM"


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("ALARM(nobody)", "not exist: nobody"),
        ("ALARM(page)", "depend on itself"),
        ("ALARM(top)", "depend on itself"),
    ],
)
def test_rules_name_alarms_that_exist_and_no_loops(rule, why):
    it = fed(alarm(), composite("ALARM(a)"), composite("ALARM(page)", "top"))
    with pytest.raises(ValueError, match=why):
        it.metrics.add_alarm(composite(rule))
    assert it.metrics.alarms["page"].rule == "ALARM(a)"


def test_an_alarm_that_is_named_by_others_cannot_go_and_stays_of_its_kind():
    it = fed(alarm(), composite("ALARM(a)"))
    with pytest.raises(ValueError, match="named by the rule of page"):
        it.metrics.remove_alarm("a")
    with pytest.raises(ValueError, match="other kind"):
        it.metrics.add_alarm(alarm("page"))
    it.metrics.remove_alarm("page")
    it.metrics.remove_alarm("a")
    it.metrics.remove_alarm("a")
    with pytest.raises(KeyError):
        it.state()


def test_an_alarm_is_named_by_at_most_150_others():
    it = fed(alarm(), *[composite("ALARM(a)", f"page{i}") for i in range(150)])
    it.metrics.add_alarm(composite("OK(a)", "page7"))
    with pytest.raises(ValueError, match="150 composite alarms already"):
        it.metrics.add_alarm(composite("ALARM(a)"))


# -- history


@settings(max_examples=50)
@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from([None, "OK", "ALARM", NO_DATA])), max_size=20))
def test_history_tells_every_state_at_every_time(minutes):
    it = fed(alarm(periods=2), composite("NOT OK(a)"))
    seen = {}
    for count, by_hand in minutes:
        it.minute(served(count))
        if by_hand:
            it.metrics.set_alarm_state("a", by_hand)
        seen[it.env.now] = {name: it.state(name) for name in ("a", "page")}
    states, told = {}, {}
    for change in it.metrics.alarm_history:
        assert change.before == states.get(change.alarm)
        states[change.alarm] = change.after
        told[change.at] = dict(states)
    for now, at_that_time in seen.items():
        assert told[max(at for at in told if at <= now)] == at_that_time


def test_history_says_why_and_outlives_the_alarm():
    it = fed(alarm(periods=3, datapoints=2))
    run(it, 5, 20, 20)
    it.metrics.remove_alarm("a")
    kinds = [(change.kind, change.before, change.after) for change in it.metrics.alarm_history]
    assert kinds == [
        ("ConfigurationUpdate", None, NO_DATA),
        ("StateUpdate", NO_DATA, "OK"),
        ("StateUpdate", "OK", "ALARM"),
        ("ConfigurationUpdate", "ALARM", None),
    ]
    why = it.metrics.alarm_history[2].why
    assert why == "2 of the last 3 data points [20, 20, 5] were > 10; 2 are needed for ALARM"
