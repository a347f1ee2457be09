"""Deployment windows: local hours, also where the clock is changed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bluegreen.windows import DAYS, Windows

OFFICE = Windows.model_validate({"timezone": "Europe/Berlin", "open": [{"from": "09:00", "to": "17:00"}]})
NIGHT = Windows.model_validate(
    {"timezone": "America/New_York", "open": [{"days": ["fri"], "from": "22:00", "to": "02:00"}]}
)


def utc(*when):
    return datetime(*when, tzinfo=UTC)


def test_without_windows_it_is_always_open():
    assert Windows().closed(utc(2030, 1, 1)) == ""
    assert Windows().opens(utc(2030, 1, 1)) == utc(2030, 1, 1)


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (utc(2030, 1, 7, 8, 0), True),  # Monday 09:00 in winter
        (utc(2030, 1, 7, 7, 59), False),
        (utc(2030, 1, 7, 16, 0), False),  # the end is outside
        (utc(2030, 7, 1, 7, 0), True),  # Monday 09:00 in summer
        (utc(2030, 1, 6, 10, 0), False),  # Sunday
    ],
)
def test_hours_are_local_ones_in_winter_and_in_summer(at, is_open):
    assert (OFFICE.closed(at) == "") is is_open


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins():
    assert not NIGHT.closed(utc(2030, 1, 5, 6, 59))  # Saturday 01:59 in New York
    assert NIGHT.closed(utc(2030, 1, 5, 7, 0))
    assert NIGHT.closed(utc(2030, 1, 4, 6, 30))  # Friday 01:30: Thursday's night


def test_a_night_window_is_an_hour_longer_when_the_clock_goes_back_and_shorter_when_it_goes_forward():
    zone = {"timezone": "Europe/Berlin", "open": [{"days": list(DAYS), "from": "01:00", "to": "04:00"}]}
    windows = Windows.model_validate(zone)

    def hours(day):
        minutes = [utc(*day) - timedelta(hours=3) + timedelta(minutes=m) for m in range(9 * 60)]
        return sum(not windows.closed(minute) for minute in minutes) / 60

    assert (hours((2030, 10, 26)), hours((2030, 10, 27)), hours((2030, 3, 31))) == (3, 4, 2)


def test_a_window_that_begins_in_the_skipped_hour_begins_with_the_skip():
    zone = {"timezone": "Europe/Berlin", "open": [{"days": ["sun"], "from": "02:30", "to": "05:00"}]}
    windows = Windows.model_validate(zone)
    assert windows.opens(utc(2030, 3, 30, 12)) == utc(2030, 3, 31, 1)  # 02:00 becomes 03:00


def test_a_window_that_ends_in_the_doubled_hour_ends_when_it_comes_the_second_time():
    zone = {"timezone": "Europe/Berlin", "open": [{"days": ["sun"], "from": "00:00", "to": "02:30"}]}
    windows = Windows.model_validate(zone)
    assert not windows.closed(utc(2030, 10, 27, 1, 29))
    assert windows.closed(utc(2030, 10, 27, 1, 30))


def test_a_freeze_covers_whole_local_days_and_says_why():
    frozen = {"timezone": "Asia/Tokyo", "freezes": [{"from": "2030-12-20", "to": "2030-12-31", "why": "end of year"}]}
    windows = Windows.model_validate(frozen)
    assert windows.closed(utc(2030, 12, 19, 15)) == "frozen until 2030-12-31 (end of year)"
    assert windows.closed(utc(2030, 12, 31, 14, 59))
    assert windows.opens(utc(2030, 12, 25)) == utc(2030, 12, 31, 15)


ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"]
)
CLOCK = st.integers(0, 95).map(lambda q: f"{q // 4:02}:{q % 4 * 15:02}")
WINDOW = st.builds(
    lambda days, begins, ends: {"days": sorted(days, key=DAYS.index), "from": begins, "to": ends},
    st.sets(st.sampled_from(DAYS), min_size=1),
    CLOCK,
    st.one_of(CLOCK, st.just("24:00")),
).filter(lambda window: window["from"] != window["to"])
FREEZE = st.builds(
    lambda begin, length: {"from": begin, "to": begin + timedelta(days=length)},
    st.dates(date(2030, 1, 1), date(2031, 1, 1)),
    st.integers(0, 20),
)
SPEC = st.builds(
    lambda zone, windows, freezes: Windows.model_validate({"timezone": zone, "open": windows, "freezes": freezes}),
    ZONES,
    st.lists(WINDOW, max_size=3),
    st.lists(FREEZE, max_size=2),
)
MOMENT = st.integers(0, 365 * 24 * 60).map(lambda minutes: utc(2030, 1, 1) + timedelta(minutes=minutes))
CHANGES = [utc(2030, 3, 31, 1), utc(2030, 10, 27, 1), utc(2030, 3, 10, 7), utc(2030, 11, 3, 6), utc(2030, 4, 6, 15)]
NEAR = st.builds(lambda at, minutes: at + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-300, 300))


@given(SPEC, st.one_of(MOMENT, NEAR))
def test_the_next_opening_is_open_and_nothing_before_it_is(windows, at):
    opens = windows.opens(at)
    if opens is None:
        return
    assert opens >= at and windows.closed(opens) == ""
    steps = min(int((opens - at) / timedelta(minutes=15)), 300)
    for step in range(steps):
        assert windows.closed(at + timedelta(minutes=15 * step))


@given(SPEC, st.one_of(MOMENT, NEAR))
def test_open_or_not_is_what_a_clock_on_the_wall_says_where_no_clock_is_changed(windows, at):
    local = at.astimezone(ZoneInfo(windows.timezone))
    around = {(at + timedelta(hours=h)).astimezone(local.tzinfo).utcoffset() for h in (-26, 0, 26)}
    if len(around) > 1 or any(freeze.begins <= local.date() <= freeze.ends for freeze in windows.freezes):
        return

    def inside(window):
        clock = f"{local:%H:%M}"
        today, yesterday = DAYS[local.weekday()], DAYS[local.weekday() - 1]
        if window.begins < window.ends:
            return today in window.days and window.begins <= clock < window.ends
        return (today in window.days and clock >= window.begins) or (yesterday in window.days and clock < window.ends)

    expected = not windows.open or any(inside(window) for window in windows.open)
    assert (windows.closed(at) == "") is expected


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"timezone": "Europe/Berlim"}, "no time zone 'Europe/Berlim'"),
        ({"open": [{"from": "09:00", "to": "09:00"}]}, "is never open"),
        ({"open": [{"from": "9:00"}]}, "should match pattern"),
        ({"freezes": [{"from": "2030-02-01", "to": "2030-01-01"}]}, "cannot end on 2030-01-01"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_would(given, said):
    with pytest.raises(ValidationError, match=said):
        Windows.model_validate(given)
