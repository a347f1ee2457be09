"""Points: late, absent and not zero, with gaps, in periods and by statistics; however time was cut."""

from datetime import timedelta

import pytest

from bluegreen.model import Slot
from sim.clock import EPOCH
from sim.cloudwatch.measures import MEASURES, source
from sim.served import Served
from tests.cloudwatch.store import FLAT, Fed, served

SLOW = (1.0, 2.0, 3.0, 4.0, 1.2)


def at(minutes):
    return EPOCH + timedelta(minutes=minutes)


def series(fed, measure, since=0, until=60, slot=Slot.BLUE):
    points = fed.metrics.series(slot, measure, at(since), at(until))
    return {(when - EPOCH) // timedelta(minutes=1): value for when, value in points}


def periods(fed, measure, statistic, minutes, since=0, until=60):
    points = fed.metrics.periods(Slot.BLUE, source(measure, statistic), minutes, at(since), at(until))
    return {(when - EPOCH) // timedelta(minutes=1): value for when, value in points}


def test_what_did_not_happen_has_no_point():
    fed = Fed()
    fed.minute(healthy_hosts=3.0)
    fed.minute(served(100))
    fed.minute()
    assert series(fed, "requests") == {1: 100.0}
    assert series(fed, "healthy_hosts") == {0: 3.0}
    assert series(fed, "latency_p50") == {1: pytest.approx(0.1)}
    assert not any(series(fed, name) for name in ("target_5xx", "elb_5xx", "elb_502", "elb_503", "elb_504", "spilled"))
    assert not series(fed, "requests", slot=Slot.GREEN)


def test_each_error_is_counted_where_a_balancer_counts_it():
    fed = Fed()
    fed.minute(
        Served(200, unreachable=1, rejected=10, dead=20, shed=3, failed=4, spilled=6, timed_out=5, given_up=2, surge=9)
    )
    found = {name: series(fed, name).get(0) for name in MEASURES}
    assert found["requests"] == 189
    assert found["target_5xx"] == 7
    assert found["elb_5xx"] == 28
    assert (found["elb_502"], found["elb_503"], found["elb_504"]) == (13, 10, 5)
    assert (found["spilled"], found["surge"]) == (6, 9)
    assert series(fed, "error_rate")[0] == pytest.approx(35 / 199)


def test_one_stretch_or_twelve_give_the_same_points():
    whole, cut = Fed(), Fed()
    whole.minute(served(1200, failed=24))
    cut.minute(*[served(100, failed=2)] * 12)
    for measure in (*MEASURES, "error_rate"):
        assert series(whole, measure) == pytest.approx(series(cut, measure)), measure


def test_a_minute_s_percentiles_are_those_of_all_its_answers():
    fed = Fed()
    fed.minute(served(950), served(50, latency=SLOW))
    assert series(fed, "latency_p50")[0] < 0.11
    assert series(fed, "latency_p99")[0] == pytest.approx(1.569, abs=0.001), "the slow fifth's p80"
    assert series(fed, "latency_avg")[0] == pytest.approx(0.95 * 0.12 + 0.05 * 1.2)


def test_stretches_without_answers_have_no_say_in_latency():
    fed = Fed()
    fed.minute(served(10), served(10, failed=10, latency=SLOW), served(0, latency=SLOW))
    assert series(fed, "latency_p99")[0] == pytest.approx(FLAT[3])


def test_a_minute_in_which_nothing_was_answered_has_no_latency():
    fed = Fed()
    fed.minute(served(10, failed=10), served(5, failed=5))
    assert [series(fed, f"latency_{which}") for which in ("p50", "p99", "avg")] == [{}] * 3
    assert series(fed, "requests") == {0: 15.0}


def test_a_point_can_be_read_from_its_delay_on():
    fed = Fed(delay="90s")
    fed.minute(served(5))
    fed.env.run(until=149_999)
    assert series(fed, "requests") == {}
    fed.env.run(until=150_000)
    assert series(fed, "requests") == {0: 5.0}


def test_a_longer_delay_holds_back_the_minutes_that_end_while_it_lasts():
    fed = Fed()
    fed.minute(served(1))
    fed.metrics.delay = timedelta(minutes=3)
    fed.minute(served(2))
    fed.metrics.delay = timedelta(0)
    fed.minute(served(3))
    assert series(fed, "requests") == {0: 1.0, 2: 3.0}
    fed.pass_minute()
    fed.pass_minute()
    assert series(fed, "requests") == {0: 1.0, 1: 2.0, 2: 3.0}


def test_a_gap_loses_points_for_ever_and_minutes_that_were_never_closed_have_none():
    fed = Fed()
    fed.minute(served(1))
    fed.metrics.gap = {Slot.BLUE}
    fed.minute(served(2), healthy_hosts=1.0)
    fed.metrics.gap = set()
    fed.pass_minute()
    fed.minute(served(3))
    assert series(fed, "requests") == {0: 1.0, 3: 3.0}
    assert series(fed, "healthy_hosts") == {}


def test_a_window_takes_the_minutes_that_begin_in_it():
    fed = Fed()
    for _ in range(10):
        fed.minute(served(1))
    assert list(series(fed, "requests", 2, 5)) == [2, 3, 4]
    second = timedelta(seconds=1)
    found = fed.metrics.series(Slot.BLUE, "requests", at(2) + second, at(5) + second)
    assert [when for when, _ in found] == [at(3), at(4), at(5)]
    assert list(series(fed, "requests", -5, 2)) == [0, 1]


def test_what_is_not_measured_is_an_error_not_an_absence():
    with pytest.raises(ValueError, match="no measure 'happiness'"):
        series(Fed(), "happiness")


def test_longer_periods_are_made_of_what_their_minutes_saw_not_of_their_points():
    fed = Fed()
    for count, latency in ((950, FLAT), (0, FLAT), (50, SLOW), (10, FLAT), (30, FLAT)):
        fed.minute(served(count, latency=latency), healthy_hosts=count / 10)
    assert periods(fed, "requests", "Sum", 5) == {0: 1040.0}
    assert periods(fed, "requests", "Sum", 2) == {0: 950.0, 2: 60.0, 4: 30.0}
    assert periods(fed, "requests", "SampleCount", 5) == {0: 1040.0}
    assert [periods(fed, "requests", each, 5) for each in ("Average", "Minimum", "Maximum")] == [{0: 1.0}] * 3
    assert periods(fed, "latency", "SampleCount", 3) == {0: 1000.0, 3: 40.0}
    assert periods(fed, "latency", "Average", 3)[0] == pytest.approx(0.95 * 0.12 + 0.05 * 1.2)
    assert periods(fed, "latency", "Sum", 3)[3] == pytest.approx(40 * 0.12)
    assert periods(fed, "latency", "p99", 3)[0] == pytest.approx(1.569, abs=0.001)
    assert periods(fed, "latency", "p50", 3)[0] < 0.11
    hosts = [periods(fed, "healthy_hosts", each, 5)[0] for each in ("Minimum", "Average", "Maximum")]
    assert hosts == [0.0, pytest.approx(20.8), 95.0]


def test_a_period_begins_at_a_multiple_of_its_length_and_grows_as_minutes_are_published():
    fed = Fed(delay="60s")
    seen = []
    for _ in range(7):
        fed.minute(served(1))
        seen.append(periods(fed, "requests", "Sum", 3, since=1))
    assert seen == [
        {},
        {0: 1.0},
        {0: 2.0},
        {0: 3.0},
        {0: 3.0, 3: 1.0},
        {0: 3.0, 3: 2.0},
        {0: 3.0, 3: 3.0},
    ]
    assert list(periods(fed, "requests", "Sum", 3, since=3, until=6)) == [3]
