"""CloudWatch's own tables of alarms with missing data (golden cases E), for every previous state."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.model import Slot
from sim.alarms import AlarmSpec, evaluate

STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")
MODES = ("missing", "ignore", "breaching", "notBreaching")
KEEP, NO_DATA = "keep", "INSUFFICIENT_DATA"

TABLE = [
    (3, "0 - X - X", "OK", "OK", "OK", "OK"),
    (3, "0 - - - -", "OK", "OK", "OK", "OK"),
    (3, "- - - - -", NO_DATA, KEEP, "ALARM", "OK"),
    (3, "0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    (2, "0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"),
    (2, "0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"),
    (2, "0 - X - -", "OK", "OK", "ALARM", "OK"),
]


def points(text):
    return [{"0": False, "X": True, "-": None}[letter] for letter in text.split()]


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("row", TABLE, ids=[f"M={m} {text}" for m, text, *_ in TABLE])
def test_alarms_follow_the_tables_of_the_user_guide(row, before):
    needed, text, *expected = row
    for mode, state in zip(MODES, expected, strict=True):
        wanted = before if state == KEEP else state
        assert evaluate(points(text), 3, needed, mode, before) == wanted, mode


@pytest.mark.parametrize("text", ["- - - - X", "- - - X -"])
@pytest.mark.parametrize("before", ["OK", "INSUFFICIENT_DATA"])
def test_a_young_breaching_point_alone_does_not_alarm(text, before):
    """E-11."""
    assert evaluate(points(text), 3, 3, "missing", before) != "ALARM"


@pytest.mark.parametrize("before", STATES)
def test_breaching_points_that_are_old_enough_alarm_though_some_are_missing(before):
    assert evaluate(points("- - X - -"), 3, 3, "missing", before) == "ALARM"
    assert evaluate(points("- - X - -"), 3, 3, "ignore", before) == before


@given(st.lists(st.booleans(), min_size=5, max_size=5), st.integers(1, 3), st.sampled_from(MODES))
def test_with_all_data_the_last_n_points_alone_decide(real, needed, mode):
    expected = "ALARM" if sum(real[-3:]) >= needed else "OK"
    assert {evaluate(real, 3, needed, mode, before) for before in STATES} == {expected}


def test_more_datapoints_than_periods_are_refused():
    with pytest.raises(ValueError, match="can never breach"):
        AlarmSpec(name="a", slot=Slot.BLUE, measure="requests", threshold=1, periods=2, datapoints=3)


@pytest.mark.parametrize(("comparison", "expected"), [(">", 1), (">=", 2), ("<", 1), ("<=", 2)])
def test_thresholds_are_compared_as_the_alarm_says(comparison, expected):
    alarm = AlarmSpec(name="a", slot=Slot.BLUE, measure="requests", threshold=2, comparison=comparison)
    assert sum(alarm.breaches(value) for value in (1, 2, 3)) == expected
