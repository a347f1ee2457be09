"""Queues in the steady state against simulations and closed forms, with the mean service time as the unit. The
textbook values are golden cases."""

import numpy as np
import pytest

from sim.queueing import (
    erlang_c,
    look_up,
    mean_wait,
    mg1_wait,
    quantiles,
    response_tail,
    service_points,
    service_tail,
    table,
)


def responses(arrivals, service, servers):
    """First come first served."""
    free, took = [0.0] * servers, np.empty(len(arrivals))
    for index, (arrival, length) in enumerate(zip(arrivals, service, strict=True)):
        first = min(range(servers), key=free.__getitem__)
        free[first] = max(arrival, free[first]) + length
        took[index] = free[first] - arrival
    return took[1000:]


def test_response_times_agree_with_a_simulation_of_the_queue():
    rng, servers, load, count = np.random.default_rng(1), 4, 3.0, 100_000
    took = responses(np.cumsum(rng.exponential(1 / load, count)), rng.exponential(1, count), servers)
    expected = quantiles(servers, np.array([load]))[0]
    assert np.quantile(took, [0.5, 0.9, 0.95, 0.99]) == pytest.approx(expected, rel=0.04)
    tail = response_tail(np.array([3.0]), np.array([erlang_c(4, 3.0)]), np.array([1.0]))
    assert np.mean(took > 3.0) == pytest.approx(tail[0], rel=0.05)


@pytest.mark.parametrize("utilisation", [0.0, 0.333, 0.7, 0.9, 0.97])
def test_the_table_is_exact_on_its_grid_and_interpolates_between(utilisation):
    rows = table(10)
    exact = quantiles(10, np.array([10 * utilisation]))[0]
    assert look_up(rows, utilisation)[:4] == pytest.approx(exact, rel=0.01)
    on_grid = 0.995 * 120 / 200
    assert look_up(rows, on_grid)[4] == pytest.approx(1 + mean_wait(10, 10 * on_grid), rel=1e-9)
    assert look_up(rows, on_grid)[5] == pytest.approx(erlang_c(10, 10 * on_grid), rel=1e-9)


def test_a_fuller_queue_than_the_table_has_counts_as_its_last_row():
    assert look_up(table(10), 5.0) == look_up(table(10), 0.995) == table(10)[-1]


@pytest.mark.parametrize("cs2", [0.0, 0.5, 1.0, 4.0])
def test_allen_and_cunneen_are_exact_for_one_server_with_poisson_arrivals(cs2):
    assert mean_wait(1, 0.8, 1.0, cs2) == pytest.approx(mg1_wait(0.8, cs2))
    row = look_up(table(1, 1.0, cs2), 0.995 * 160 / 200)
    assert row[4] == pytest.approx(1 + mg1_wait(0.995 * 160 / 200, cs2))


def test_poisson_arrivals_and_exponential_services_are_what_erlang_has():
    assert table(8, 1.0, 1.0) == table(8)
    assert mean_wait(8, 6.4, 1.0, 1.0) == mean_wait(8, 6.4)


@pytest.mark.parametrize("cs2", [0.25, 3.0])
def test_other_service_times_give_the_quantiles_of_a_simulation(cs2):
    """Allen-Cunneen is an approximation for several servers, made for the mean; the tail follows it, the median does
    so less."""
    rng, servers, load, count = np.random.default_rng(2), 4, 3.2, 100_000
    sigma = np.sqrt(np.log1p(cs2))
    service = np.exp(sigma * rng.standard_normal(count) - sigma**2 / 2)
    took = responses(np.cumsum(rng.exponential(1 / load, count)), service, servers)
    assert took.mean() == pytest.approx(1 + mean_wait(servers, load, 1.0, cs2), rel=0.1)
    expected = quantiles(servers, np.array([load]), 1.0, cs2)[0]
    assert np.quantile(took, [0.9, 0.95, 0.99]) == pytest.approx(expected[1:], rel=0.15)


def test_service_points_have_the_mean_and_nearly_the_variation_they_are_made_for():
    for cs2 in (0.0, 0.3, 2.0):
        points = np.array(service_points(cs2))
        assert points.mean() == pytest.approx(1)
        assert points.var() == pytest.approx(cs2, rel=0.12)
        assert points.var() <= cs2 + 1e-9, "the tail within each part is left out"
    assert (service_tail(0.99, 0.0), service_tail(1.01, 0.0)) == (1, 0)
