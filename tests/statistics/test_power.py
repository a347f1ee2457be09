"""Operating characteristics: against exact ones, and what they say about rules."""

import pytest
from scipy.stats import binom

from bluegreen.gates.compare import Compare
from bluegreen.gates.sequential import Sequential
from bluegreen.gates.threshold import Threshold
from bluegreen.statistics.power import RUNS, Traffic, characteristics

MARGIN = 5 * 0.5 / RUNS**0.5
"""Five standard errors at most: one test in a million fails by chance, and the seed is fixed anyway."""


def first_bad(n, looks, rate, limit=0.01):
    """The exact chance that at least one of so many minutes is at the limit or above."""
    few = next(x for x in range(n + 1) if x / n >= limit)
    return 1 - binom.cdf(few - 1, n, rate) ** looks


@pytest.mark.parametrize("n", [20, 50, 200, 1000])
@pytest.mark.parametrize("rate", [0.005, 0.03])
def test_a_rule_without_patience_is_as_often_wrong_as_exact_sums_say(n, rate):
    gate = Threshold(measure="error_rate", below="1%", periods=1, failures=1, min_requests=1)
    (found,) = characteristics(gate, Traffic(n, 12), rates=[rate])
    assert found.fails == pytest.approx(first_bad(n, 12, rate), abs=MARGIN)


def test_at_fifty_requests_a_minute_a_threshold_condemns_the_healthy_and_a_sequential_test_does_not():
    """Half a percent of errors where one percent is allowed: a single error in a minute of fifty is 2 %."""
    threshold = Threshold(measure="error_rate", below="1%", min_requests=20)
    sequential = Sequential(below="1%")
    (hasty,) = characteristics(threshold, Traffic(50, 12), rates=[0.005])
    (calm,) = characteristics(sequential, Traffic(50, 12), rates=[0.005], runs=100)
    assert hasty.fails > 0.4
    assert calm.fails == 0


def test_more_traffic_and_a_worse_candidate_make_the_sequential_test_surer():
    gate = Sequential(below="1%")
    few = characteristics(gate, Traffic(50, 10), rates=[0.02, 0.05], runs=60)
    many = characteristics(gate, Traffic(500, 10), rates=[0.02, 0.05], runs=60)
    assert few[0].fails < few[1].fails
    assert few[0].fails < many[0].fails
    assert many[1].fails == 1 and many[1].minutes < 3


def test_gates_that_compare_have_characteristics_too():
    traffic = Traffic(500, 6, live_per_minute=4500, live_rate=0.03)
    alike, worse = characteristics(
        Compare(measure="error_rate", difference="3%"), traffic, rates=[0.03, 0.12], runs=100
    )
    assert alike.fails == 0 and alike.passes == 1
    assert worse.fails == 1 and worse.undecided == 0


def test_the_same_seed_gives_the_same_figures():
    gate = Threshold(measure="error_rate", below="1%")
    assert characteristics(gate, Traffic(200, 5), runs=50) == characteristics(gate, Traffic(200, 5), runs=50)
