"""Golden cases of queueing, by id, with the mean service time as the unit."""

from math import exp, log

import numpy as np
import pytest

from sim.queueing import erlang_b, erlang_c, mean_wait, mm1k_loss, quantiles, response_tail

TABLE = [
    (1, 0.5, 0.333333, 0.5, 1.0),
    (1, 0.9, 0.473684, 0.9, 9.0),
    (2, 1.0, 0.2, 0.333333, 0.333333),
    (2, 1.8, 0.366516, 0.852632, 4.263158),
    (4, 3.0, 0.206107, 0.509434, 0.509434),
    (8, 6.4, 0.144394, 0.457645, 0.286028),
    (10, 8.0, 0.121661, 0.409180, 0.204590),
    (10, 9.0, 0.167963, 0.668732, 0.668732),
]


def row(servers, load, blocked, waits, wait):
    assert erlang_b(servers, load) == pytest.approx(blocked, abs=1e-6)
    assert erlang_c(servers, load) == pytest.approx(waits, abs=1e-6)
    assert mean_wait(servers, load) == pytest.approx(wait, abs=1e-6)


def i1():
    """P(wait > S). The share of responses beyond t is the wait's and the service's tails together."""
    for servers, load, expected in ((4, 3, 0.187410), (10, 8, 0.055377), (10, 9, 0.246013)):
        waits, slack = erlang_c(servers, load), servers - load
        assert waits * exp(-slack) == pytest.approx(expected, abs=1e-6)
        t = np.linspace(0, 40, 400_001)
        tail = response_tail(t, np.array(waits), np.array(float(slack)))
        assert np.trapezoid(tail, t) == pytest.approx(1 + mean_wait(servers, load), abs=1e-4)


def i2():
    for load, p95, p99 in ((0.5, 5.991, 9.210), (0.8, 14.979, 23.026), (0.9, 29.957, 46.052)):
        expected = [log(2) / (1 - load), log(10) / (1 - load), p95, p99]
        assert quantiles(1, np.array([load]))[0] == pytest.approx(expected, abs=6e-4)


def i4():
    losses = [mm1k_loss(load, 10) for load in (0.8, 1.0, 1.2, 1.5)]
    assert losses == pytest.approx([0.023493, 0.090909, 0.192586, 0.337232], abs=1e-6)


CASES = {f"I-table-{case[0]}-{case[1]:g}": lambda case=case: row(*case) for case in TABLE}
CASES |= {"I-1": i1, "I-2": i2, "I-4": i4}


@pytest.mark.parametrize("case", CASES)
def test_queueing_golden(case):
    CASES[case]()
