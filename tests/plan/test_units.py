"""Lengths of time and shares as people write them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.units import parse_duration, parse_share, show_duration, show_share


@given(st.integers(0, 10**10))
def test_a_shown_length_of_time_reads_back_as_itself(milliseconds):
    length = timedelta(milliseconds=milliseconds)
    assert parse_duration(show_duration(length)) == length


@given(st.integers(0, 10_000))
def test_a_shown_share_reads_back_as_itself(hundredths):
    share = hundredths / 10_000
    assert parse_share(show_share(share)) == pytest.approx(share, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5m", 300), ("1h30m", 5400), ("1.5h", 5400), ("250ms", 0.25)]
)
def test_the_usual_spellings(text, seconds):
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["5", "5 m", "m", "", "-5m", "5min", 5, None, "5m!"])
def test_a_length_of_time_without_a_clear_unit_is_refused(text):
    with pytest.raises(ValueError, match="write it with a unit"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["10", 10, "10 %", "-1%", "ten%", None])
def test_a_share_without_a_percent_sign_is_refused(text):
    with pytest.raises(ValueError, match="write it like 10%"):
        parse_share(text)
