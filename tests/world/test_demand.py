"""Demand: curves, spikes, ramps, recordings, and counts that do not depend on how time is cut."""

from math import pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bluegreen.errors import UserError
from sim.demand import NEVER, Demand, DemandSpec

SECOND, MINUTE, HOUR, DAY = 1000, 60_000, 3_600_000, 86_400_000


def demand(**spec):
    return Demand(DemandSpec.model_validate(spec), np.random.default_rng(1))


def test_counts_are_poisson_around_the_integral_of_the_rate():
    flat = demand(rate=1000.0)
    drawn = np.array([flat.draw(0, 5 * SECOND) for _ in range(4000)])
    assert drawn.mean() == pytest.approx(5000, abs=4 * np.sqrt(5000 / 4000))
    assert drawn.var() == pytest.approx(5000, rel=4 * np.sqrt(2 / 4000))


def test_the_daily_curve_has_its_peak_and_its_mean_where_it_should():
    curve = demand(rate=1000.0, daily="40%", peak="20h")
    rates = [curve.rate(minute * MINUTE) for minute in range(24 * 60)]
    assert np.mean(rates) == pytest.approx(1000)
    assert (max(rates), np.argmax(rates)) == (pytest.approx(1400), 20 * 60)
    assert curve.rate(8 * HOUR) == pytest.approx(600)


@pytest.mark.parametrize(("at", "length"), [(0, MINUTE), (7 * HOUR + 123, 5 * HOUR), (0, 3 * DAY)])
def test_the_daily_curves_integral_is_the_closed_form(at, length):
    curve = demand(rate=1000.0, daily="40%", peak="20h")

    def primitive(t):
        return t + 0.4 * DAY / (2 * pi) * sin(2 * pi * (t - 20 * HOUR) / DAY)

    exact = (primitive(at + length) - primitive(at)) * 1000.0 / 1000
    assert curve.expected(at, length) == pytest.approx(exact, rel=1e-12)


def test_the_week_begins_on_tuesday_and_goes_straight_from_noon_to_noon():
    week = demand(rate=100.0, weekly=(1, 2, 3, 4, 5, 6, 7))
    noons = [week.rate(day * DAY + 12 * HOUR) for day in range(7)]
    assert noons == pytest.approx([200, 300, 400, 500, 600, 700, 100])
    assert week.rate(0) == pytest.approx(150), "between Monday's and Tuesday's noon"
    assert week.expected(0, 7 * DAY) == pytest.approx(400 * 7 * 86_400, rel=1e-9)
    assert week.rate(7 * DAY + HOUR) == pytest.approx(week.rate(HOUR))


def test_a_spike_multiplies_demand_while_it_lasts():
    spiky = demand(rate=100.0, spikes=[{"at": "10m", "lasts": "5m", "factor": 3}])
    assert [spiky.rate(minute * MINUTE) for minute in (9, 10, 14, 15)] == [100, 300, 300, 100]
    assert spiky.expected(0, 30 * MINUTE) == pytest.approx(100 * (1800 + 2 * 300))


def test_a_spike_may_rise_and_fall_and_a_ramp_stays():
    spiky = demand(rate=100.0, spikes=[{"at": "10m", "lasts": "10m", "factor": 3, "rise": "4m", "fall": "2m"}])
    rates = [spiky.rate(minute * MINUTE) for minute in (10, 12, 14, 18, 19, 20)]
    assert rates == pytest.approx([100, 200, 300, 300, 200, 100])
    ramp = demand(rate=100.0, ramps=[{"at": "10m", "takes": "10m", "factor": 0.5}])
    assert [ramp.rate(minute * MINUTE) for minute in (5, 15, 20, 500)] == pytest.approx([100, 75, 50, 50])


def test_spikes_multiply_each_other_and_the_knob_everything():
    both = demand(
        rate=100.0, spikes=[{"at": "0s", "lasts": "5m", "factor": 3}, {"at": "1m", "lasts": "1m", "factor": 2}]
    )
    both.factor = 0.5
    assert [both.rate(minute * MINUTE) for minute in (0, 1, 2)] == [150, 300, 150]


@settings(max_examples=60, deadline=None)
@given(
    at=st.integers(0, 8 * DAY),
    lengths=st.lists(st.integers(1, 20 * MINUTE), min_size=1, max_size=6),
)
def test_the_integral_of_pieces_is_that_of_the_whole(at, lengths):
    busy = demand(
        rate=100.0,
        daily="50%",
        weekly=(1, 1, 1, 1, 1.2, 0.6, 0.5),
        spikes=[{"at": "10m", "lasts": "1h", "factor": 4, "rise": "13m"}, {"at": "30m", "lasts": "20s", "factor": 9}],
        ramps=[{"at": "20m", "takes": "3h", "factor": 2}],
    )
    total, begin = 0.0, at
    for length in lengths:
        total += busy.expected(begin, length)
        begin += length
    assert total == pytest.approx(busy.expected(at, begin - at), rel=1e-10)
    lots = np.linspace(at, begin, 4001)
    middle = [busy.rate(t) for t in (lots[:-1] + lots[1:]) / 2]
    assert total == pytest.approx(np.mean(middle) * (begin - at) / 1000, rel=5e-3)


def test_no_stretch_has_to_span_an_edge():
    spiky = demand(rate=100.0, spikes=[{"at": "10m", "lasts": "5m", "factor": 3}])
    assert [spiky.next_break(at) for at in (0, 10 * MINUTE - 1, 10 * MINUTE, 15 * MINUTE)] == [
        10 * MINUTE,
        10 * MINUTE,
        15 * MINUTE,
        NEVER,
    ]
    ramp = demand(ramps=[{"at": "10m", "takes": "10m", "factor": 2}])
    assert ramp.next_break(10 * MINUTE) == 10 * MINUTE + 30 * SECOND, "a ramp in twenty steps"
    assert demand().next_break(0) == NEVER


# -- recordings


def recorded(tmp_path, text, **spec):
    path = tmp_path / "demand.csv"
    path.write_text(text)
    return demand(recorded=path, **spec)


def test_a_recording_in_seconds_is_followed_in_straight_lines(tmp_path):
    it = recorded(tmp_path, "seconds,rate\n100,10\n160,20\n220,0\n")
    assert [it.rate(at * SECOND) for at in (0, 30, 60, 90, 120, 999)] == [10, 15, 20, 10, 0, 0]
    assert it.expected(0, 120 * SECOND) == pytest.approx(60 * 15 + 60 * 10)
    assert it.expected(0, 300 * SECOND) == pytest.approx(1500)
    assert it.mean_rate == pytest.approx(12.5)


def test_a_recording_with_times_begins_with_its_first_row_and_spikes_come_on_top(tmp_path):
    text = "time,rate\n2029-11-30T08:00:00,100\n\n2029-11-30T08:10:00,100\n"
    it = recorded(tmp_path, text, spikes=[{"at": "5m", "lasts": "1m", "factor": 2}])
    assert [it.rate(minute * MINUTE) for minute in (0, 5, 6)] == [100, 200, 100]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "line 1: the columns must be"),
        ("minutes,rate\n1,1\n", "line 1: the columns must be"),
        ("seconds,rate\n0,1\n", "two rows"),
        ("seconds,rate\n0,0\n1,0\n", "every recorded rate is 0"),
        ("seconds,rate\n0,1\n5,x\n", "line 3: rate 'x' is not a number"),
        ("seconds,rate\n0,1\n5,nan\n", "line 3: rate 'nan' is not a number"),
        ("seconds,rate\n0,1\n5,-1\n", "line 3: the rate is -1"),
        ("seconds,rate\n0,1\n5,1,2\n", "line 3: there must be a time and a rate, not 3 cells"),
        ("seconds,rate\n0,1\n\n0,1\n", "line 4: 0 does not come after"),
        ("time,rate\n2029-11-30T08:00:00,1\nlater,1\n", "line 3: 'later' is not a time"),
        ("time,rate\n2029-11-30T08:00:00,1\n2029-11-30T09:00:00Z,1\n", "line 3: some times have an offset"),
    ],
)
def test_a_recording_that_is_wrong_is_refused_with_its_line(tmp_path, text, complaint):
    with pytest.raises(UserError, match=r"demand\.csv") as error:
        recorded(tmp_path, text)
    assert complaint in str(error.value)


def test_a_recording_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UserError, match="cannot be read"):
        demand(recorded=tmp_path / "none.csv")


def test_demand_that_contradicts_itself_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="takes the place of"):
        DemandSpec.model_validate({"recorded": tmp_path / "x.csv", "rate": 5})
    with pytest.raises(ValidationError, match="seven factors"):
        DemandSpec.model_validate({"weekly": (1, 2)})
    with pytest.raises(ValidationError, match="must fit"):
        DemandSpec.model_validate({"spikes": [{"at": "0s", "lasts": "1m", "factor": 2, "rise": "2m"}]})
