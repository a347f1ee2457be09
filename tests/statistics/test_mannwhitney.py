"""Kayenta's test: as scipy's, as its golden vectors, and with its faults."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from bluegreen.statistics.mannwhitney import effect, kayenta, p_value, shift

samples = st.lists(st.integers(0, 20).map(float), min_size=2, max_size=30)
ONES = [1.0] * 10


@given(samples, samples)
def test_its_chance_is_that_of_scipy_with_corrections_for_ties_and_continuity(ours, theirs):
    if len({*ours, *theirs}) == 1:
        assert p_value(ours, theirs) == 1
        return
    expected = mannwhitneyu(ours, theirs, method="asymptotic", use_continuity=True).pvalue
    assert p_value(ours, theirs) == pytest.approx(expected, abs=1e-12)


@given(st.lists(st.floats(0, 1), min_size=5, max_size=20, unique=True), st.floats(-5, 5))
def test_the_estimate_follows_when_a_sample_is_moved(ours, moved):
    theirs = [value + moved for value in ours]
    found = shift(theirs, ours)
    assert found.estimate == pytest.approx(moved, abs=2e-3)
    assert found.low - 2e-3 <= moved <= found.high + 2e-3


@pytest.mark.parametrize(
    ("candidate", "live", "said"),
    [
        ([100.0] * 7 + [1.0] * 3, ONES, "pass"),  # seven of ten minutes a hundred times as bad
        ([100.0] * 8 + [1.0] * 2, ONES, "high"),
        ([0.0, 1, 2, 1, 0, 0], [0.0] * 6, "pass"),  # errors where live has none
        (ONES, ONES, "pass"),
        ([2.0] * 10, [2.0] * 7, "pass"),
    ],
)
def test_kayentas_answers(candidate, live, said):
    assert kayenta(candidate, live, 1.05)[0] == said


def test_the_interval_behind_seven_of_ten_is_kayentas():
    found = kayenta([100.0] * 7 + [1.0] * 3, ONES, 1.05)[1]
    assert (found.low, found.estimate, found.high) == pytest.approx((0.0001, 98.9999, 99.0), abs=1e-3)
    assert effect([100.0] * 7 + [1.0] * 3, ONES) == pytest.approx(70.3)


def test_two_constant_samples_are_judged_without_chance():
    assert [kayenta([2.0] * 10, ONES)[0] for _ in range(5)] == ["high"] * 5
    assert kayenta(ONES, [2.0] * 10)[0] == "low"


def test_its_fault_a_worse_candidate_passes_where_a_better_one_fails():
    """Its tolerance grows with the estimate. Our own gates never do this."""
    better = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6, 1.7, 1.8, 1.9]
    worse = [value if place < 3 else value + 100 for place, value in enumerate(better)]
    live = [0.5 + 0.01 * k for k in range(10)]
    assert kayenta(better, live)[0] == "high"
    assert kayenta(worse, live)[0] == "pass"
