"""Percentiles of a minute against samples of its stretches, and against a closed form."""

from itertools import pairwise
from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.cloudwatch.mixture import DEPTHS, mixed, quantile, slower

SHARES = (0.1, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999)


def exponential(mean):
    return (*(mean * depth for depth in DEPTHS[1:]), mean)


times = st.lists(st.floats(0.001, 10), min_size=4, max_size=4).map(lambda each: (*sorted(each), 0.0))
stretches = st.lists(st.tuples(st.integers(1, 10_000), times), min_size=1, max_size=12)


@given(times, st.sampled_from(SHARES))
def test_the_share_that_is_slower_than_a_percentile_is_the_rest(latency, share):
    latency = tuple(time + 0.01 * k for k, time in enumerate(latency))  # without steps
    assert slower(latency, quantile(latency, share)) == pytest.approx(1 - share, rel=1e-6)
    assert slower(latency, 0.0) == 1 and slower(latency, 1e6) == pytest.approx(0, abs=1e-9)


def test_one_stretch_has_its_own_percentiles():
    latency = (0.05, 0.2, 0.3, 0.9, 0.1)
    assert [quantile(latency, share) for share in (0.5, 0.9, 0.95, 0.99)] == pytest.approx(latency[:4])
    assert mixed([(7, latency)], 0.95) == pytest.approx(0.3)


@pytest.mark.parametrize("share", SHARES)
def test_exponential_times_stay_exact(share):
    assert quantile(exponential(0.2), share) == pytest.approx(-0.2 * log(1 - share))
    time = mixed([(300, exponential(0.1)), (100, exponential(2.0))], share)
    assert 0.75 * exp(-time / 0.1) + 0.25 * exp(-time / 2.0) == pytest.approx(1 - share, rel=1e-3)


@pytest.mark.parametrize(
    "parts",
    [
        [(1000, exponential(0.05)), (50, (2.0, 2.2, 2.3, 2.5, 2.1))],
        [(10 * k, (0.01 * k, 0.05 * k, 0.06 * k, 0.3, 0.02 * k)) for k in range(1, 6)],
        [(500, (0.1, 0.1, 0.1, 0.1, 0.1)), (500, exponential(0.1))],
    ],
    ids=["a short slow stretch", "rising load", "a constant"],
)
def test_percentiles_are_those_of_samples(parts):
    rng = np.random.default_rng(7)
    total = sum(count for count, _ in parts)
    uniform = [rng.random(400_000 * count // total) for count, _ in parts]
    samples = np.concatenate(
        [
            np.interp(-np.log1p(-u), DEPTHS, (0.0, *latency[:4]))
            + np.maximum(-np.log1p(-u) - DEPTHS[4], 0) * (latency[3] - latency[2]) / (DEPTHS[4] - DEPTHS[3])
            for u, (_, latency) in zip(uniform, parts, strict=True)
        ]
    )
    for share in (0.5, 0.9, 0.95, 0.99):
        assert mixed(parts, share) == pytest.approx(np.quantile(samples, share), rel=0.02)


def test_a_short_slow_stretch_is_not_in_the_median_but_in_the_tail():
    """The mean of the stretches' percentiles says 0.19 and 0.35."""
    fast, slow = exponential(0.05), (2.0, 2.2, 2.3, 2.5, 2.1)
    parts = [(950, fast), (50, slow)]
    assert mixed(parts, 0.5) < 0.04
    assert mixed(parts, 0.99) > 2.0


@given(stretches, st.sampled_from(SHARES))
def test_a_mixture_lies_between_its_parts_and_its_shares_add_up(parts, share):
    time = mixed(parts, share)
    each = [quantile(latency, share) for _, latency in parts]
    assert min(each) <= time * (1 + 1e-12) and time <= max(each) * (1 + 1e-12)
    total = sum(count for count, _ in parts)

    def faster(limit):
        low, high = 0.0, 1.0
        done = 0.0
        for count, latency in parts:
            low, high = 0.0, 1.0
            for _ in range(60):
                middle = (low + high) / 2
                low, high = (middle, high) if middle < 1 and quantile(latency, middle) <= limit else (low, middle)
            done += count * low
        return done / total

    assert faster(time * (1 - 1e-3)) - 1e-6 <= share <= faster(time * (1 + 1e-3)) + 1e-6


@given(stretches, st.permutations(range(12)))
def test_the_order_of_stretches_does_not_matter(parts, order):
    shuffled = [parts[i] for i in order if i < len(parts)]
    assert mixed(shuffled, 0.95) == pytest.approx(mixed(parts, 0.95), rel=1e-3)


@given(stretches)
def test_a_higher_percentile_is_never_lower(parts):
    found = [mixed(parts, share) for share in SHARES]
    assert all(a <= b * (1 + 2e-4) for a, b in pairwise(found))


@given(times, st.integers(1, 100), st.integers(1, 100))
def test_a_stretch_cut_in_two_is_the_same(latency, a, b):
    assert mixed([(a, latency), (b, latency)], 0.9) == pytest.approx(mixed([(a + b, latency)], 0.9))
