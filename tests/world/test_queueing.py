"""The M/M/c queue against textbook values (golden cases I), with the mean service time as the unit."""

from math import exp, log

import numpy as np
import pytest

from sim.queueing import erlang_b, erlang_c, look_up, mean_wait, quantiles, response_tail


@pytest.mark.parametrize(
    ("servers", "load", "b", "c", "wait"),
    [
        (1, 0.5, 0.333333, 0.5, 1.0),
        (1, 0.9, 0.473684, 0.9, 9.0),
        (2, 1.0, 0.2, 0.333333, 0.333333),
        (2, 1.8, 0.366516, 0.852632, 4.263158),
        (4, 3.0, 0.206107, 0.509434, 0.509434),
        (8, 6.4, 0.144394, 0.457645, 0.286028),
        (10, 8.0, 0.121661, 0.409180, 0.204590),
        (10, 9.0, 0.167963, 0.668732, 0.668732),
    ],
)
def test_erlang_formulas_give_the_golden_values(servers, load, b, c, wait):
    assert erlang_b(servers, load) == pytest.approx(b, abs=1e-6)
    assert erlang_c(servers, load) == pytest.approx(c, abs=1e-6)
    assert mean_wait(servers, load) == pytest.approx(wait, abs=1e-6)


@pytest.mark.parametrize(("load", "p95", "p99"), [(0.5, 5.991, 9.210), (0.8, 14.979, 23.026), (0.9, 29.957, 46.052)])
def test_percentiles_of_a_single_server_are_those_of_an_exponential(load, p95, p99):
    """I-2."""
    assert quantiles(1, np.array([load]))[0] == pytest.approx(
        [log(2) / (1 - load), log(10) / (1 - load), p95, p99], abs=2e-3
    )


@pytest.mark.parametrize(("servers", "load", "expected"), [(4, 3, 0.187410), (10, 8, 0.055377), (10, 9, 0.246013)])
def test_long_waits_are_as_rare_as_the_closed_form_says(servers, load, expected):
    """I-1."""
    assert erlang_c(servers, load) * exp(-(servers - load)) == pytest.approx(expected, abs=1e-6)


def test_response_times_agree_with_a_simulation_of_the_queue():
    rng, servers, load, count = np.random.default_rng(1), 4, 3.0, 100_000
    arrivals = np.cumsum(rng.exponential(1 / load, count))
    service, free, took = rng.exponential(1, count), [0.0] * servers, np.empty(count)
    for index, (arrival, length) in enumerate(zip(arrivals, service, strict=True)):
        first = min(range(servers), key=free.__getitem__)
        free[first] = max(arrival, free[first]) + length
        took[index] = free[first] - arrival
    expected = quantiles(servers, np.array([load]))[0]
    assert np.quantile(took[1000:], [0.5, 0.9, 0.95, 0.99]) == pytest.approx(expected, rel=0.04)
    tail = response_tail(np.array([3.0]), np.array([erlang_c(4, 3.0)]), np.array([1.0]))
    assert np.mean(took[1000:] > 3.0) == pytest.approx(tail[0], rel=0.05)


def test_the_table_interpolates_the_exact_quantiles():
    for utilisation in (0.0, 0.333, 0.7, 0.9, 0.97):
        exact = quantiles(10, np.array([10 * utilisation]))[0]
        assert look_up(10, utilisation)[:4] == pytest.approx(exact, rel=0.01)
