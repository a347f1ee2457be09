"""Golden cases of DNS caching, by id: theory, and the world's clients beside it."""

from datetime import timedelta

import numpy as np
import pytest

from bluegreen.model import Slot
from sim.ages import Layers
from sim.caching import hit_rate, hit_rate_of_regular, queries, spread, still_old
from sim.clients import Clients, ClientsSpec
from sim.giants import Giants

HONEST = {"large": 0.0, "clamping": 0.0, "stretching": 0.0}


def old_share(ttl, after, **spec):
    """The share of requests to blue so many seconds after the answers moved to green."""
    answers = {Slot.BLUE: 1.0, Slot.GREEN: 0.0}
    users = Clients(ClientsSpec(**spec), timedelta(seconds=ttl), answers, np.random.default_rng(1))
    users.advance(round(1000 * after), 0.0)
    return users.share()[Slot.BLUE]


def b1():
    assert hit_rate(0.1, 60) == pytest.approx(0.857143, abs=1e-6)
    assert queries(0.1, 60) == pytest.approx(0.0142857, abs=1e-7)


def b2():
    assert [hit_rate(rate, 60) for rate in (1, 10, 0.01)] == pytest.approx([0.983607, 0.998336, 0.375], abs=1e-6)


def b3():
    assert [hit_rate(1 / 300, 900), hit_rate(0.1, 20)] == pytest.approx([0.75, 0.666667], abs=1e-6)


def b4():
    assert [hit_rate_of_regular(gap, 60) for gap in (10, 25, 60)] == pytest.approx([5 / 6, 2 / 3, 0])


def b5():
    for rate, ttl, after, expected in ((0.1, 60, 30, 0.428571), (1, 300, 60, 0.797342), (10, 60, 15, 0.748752)):
        assert still_old(rate, ttl, after) == pytest.approx(expected, abs=1e-6)
        gap = timedelta(milliseconds=round(1000 / rate))
        assert old_share(ttl, after, gap=gap, **HONEST) == pytest.approx(expected, abs=1e-6)


def b6():
    for after in (60, 61, 90, 3600):
        assert still_old(0.1, 60, after) == 0
        assert old_share(60, after, gap=timedelta(seconds=10), **HONEST) == 0


def b8():
    """So lumpy are shares behind equal resolvers. The spread of 4,000 draws is itself known to 1.1 %."""
    for resolvers, expected in ((25, 0.06), (100, 0.03), (1000, 0.009487)):
        assert spread(0.1, resolvers) == pytest.approx(expected, abs=1e-6)
        rng = np.random.default_rng(resolvers)
        users, rounds = Giants(1.0, [1] * resolvers, (60_000, 60_000), 0.1, rng), 4000
        shares = []
        for _ in range(rounds if resolvers < 1000 else rounds // 8):
            users.advance(60_000, 0.1)
            shares.append(users.now())
        assert np.std(shares) == pytest.approx(expected, rel=4 / np.sqrt(2 * len(shares)))


def b11():
    for ttl, worst in ((20, 80), (60, 120), (300, 360)):
        assert Layers((60.0, float(ttl))).longest == worst
        browsers = {**HONEST, "clamping": 1.0}
        assert old_share(ttl, worst - 2, **browsers) > 1e-5
        assert old_share(ttl, worst, **browsers) == pytest.approx(0, abs=1e-12)


CASES = {"B-1": b1, "B-2": b2, "B-3": b3, "B-4": b4, "B-5": b5, "B-6": b6, "B-8": b8, "B-11": b11}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_dns_caching_golden(case):
    case()
