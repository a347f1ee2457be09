"""The time after which at most x % of requests can still reach the old slot: against many worlds of clients."""

from datetime import timedelta
from math import sqrt

import numpy as np
import pytest

from bluegreen.model import Slot
from sim.clients import Clients
from sim.population import FLAVEL, FLAVEL_TTL, ClientsSpec, calibrate
from sim.tail import Tail

MINUTE = timedelta(minutes=1)
SEEDS = 200


def seconds(length):
    return timedelta(seconds=length)


def way(spec, seed, every, count, before=1.0, ttl=60):
    """The shares on the old slot at `count` moments, `every` seconds apart."""
    answers = {Slot.BLUE: before, Slot.GREEN: 1 - before}
    users = Clients(spec, seconds(ttl), answers, np.random.default_rng(seed))
    shares = [users.share()[Slot.BLUE]]
    for _ in range(count):
        users.advance(1000 * every, 0.0)
        shares.append(users.share()[Slot.BLUE])
    return np.array(shares)


@pytest.mark.parametrize(("before", "ttl"), [(1.0, 60), (0.4, 60), (1.0, 300)])
def test_the_expected_share_is_the_mean_over_worlds(before, ttl):
    spec = ClientsSpec(connected=0.05, connection=timedelta(minutes=10), runtimes=0.05, shortening=0.1, never=0.01)
    ways = np.array([way(spec, seed, 10, 60, before, ttl) for seed in range(SEEDS)])
    expected = [Tail(spec, seconds(ttl), before).expected(seconds(10 * step)) for step in range(61)]
    near = 4 * ways.std(axis=0) / sqrt(SEEDS) + 3e-4
    assert (np.abs(ways.mean(axis=0) - expected) <= near).all()


def test_the_defaults_are_what_was_measured():
    """Flavel, Mani, Maltz 2014, with TTL 20 s: 10 % after a minute, 2 % after a quarter of an hour. The defaults are
    rounded; what that costs is less than a fortieth of a percent."""
    for after, share in FLAVEL:
        assert Tail(ClientsSpec(), FLAVEL_TTL).expected(after) == pytest.approx(share, abs=2.5e-4)


def test_calibrating_finds_the_two_numbers_for_any_population():
    for other in ({}, {"clamping": 0.2}, {"large": 0.6}, {"never": 0.005}, {"gap": seconds(10)}):
        spec = ClientsSpec(**other)
        share, mean = calibrate(spec)
        fitted = spec.model_copy(update={"stretching": share, "stretch": mean})
        for after, left in FLAVEL:
            assert Tail(fitted, FLAVEL_TTL).expected(after) == pytest.approx(left, abs=1e-6)


def test_without_browsers_the_tail_has_the_mean_that_two_points_of_an_exponential_give():
    share, mean = calibrate(ClientsSpec(clamping=0.0))
    assert mean.total_seconds() == pytest.approx(522, abs=0.5)
    assert share == pytest.approx(0.112, abs=0.001)


def test_a_population_that_cannot_be_fitted_is_refused():
    with pytest.raises(ValueError, match="more than what was measured"):
        calibrate(ClientsSpec(never=0.05))
    with pytest.raises(ValueError, match="after the TTL"):
        calibrate(ClientsSpec(), ttl=timedelta(minutes=5))


@pytest.mark.parametrize("share", [0.9, 0.5, 0.2, 0.05, 0.01, 0.0001])
def test_the_time_until_a_share_is_the_inverse_of_the_expected_share(share):
    tail = Tail(ClientsSpec(), MINUTE)
    assert tail.expected(tail.until(share)) == pytest.approx(share, rel=1e-3)
    assert tail.expected(tail.until(share)) <= share


def test_a_share_that_is_there_already_takes_no_time_and_one_that_never_comes_has_none():
    assert Tail(ClientsSpec(), MINUTE, before=0.1).until(0.2) == timedelta(0)
    tail = Tail(ClientsSpec(never=0.01), MINUTE)
    assert tail.until(0.005) is None
    assert tail.quantiles(0.005) == (None, None, None)
    assert tail.chance(0.005, timedelta(days=365)) == 0


def crossing(shares, share, every):
    return every * int(np.argmax(shares <= share))


@pytest.mark.parametrize(
    ("share", "every", "spec"),
    [
        (0.5, 1, {}),
        (0.2, 1, {}),
        (0.5, 1, {"large": 0.9, "clamping": 0.0}),
        (0.6, 1, {"large": 0.9, "clamping": 0.0, "resolvers": 3}),
        (0.3, 1, {"large": 0.9, "clamping": 0.0, "zipf": 0.0, "resolvers": 2000}),
        (0.01, 5, {"count": 30_000}),
        (0.002, 5, {"count": 300_000}),
    ],
)
@pytest.mark.parametrize("before", [1.0, 0.7])
def test_times_over_seeds_are_distributed_as_the_tail_says(share, every, spec, before):
    """Kolmogorov's distance between the times in worlds and the chances that the tail gives."""
    spec = ClientsSpec(**spec)
    tail = Tail(spec, MINUTE, before)
    least, most = tail.quantiles(share, (0.001, 0.999))
    count = int(2 * most.total_seconds() / every) + 10
    times = np.sort([crossing(way(spec, seed, every, count, before), share, every) for seed in range(SEEDS)])
    looks = np.linspace(least.total_seconds(), most.total_seconds(), 12) // every * every
    inside = [np.mean(times <= look) for look in looks]
    chances = [tail.chance(share, seconds(look)) for look in looks]
    assert np.abs(np.array(inside) - chances).max() < 1.63 * sqrt(1 / SEEDS + 1 / 1000)  # 1 in 100, for one look at all


def test_quantiles_and_chances_agree_and_rise():
    tail = Tail(ClientsSpec(large=0.6), MINUTE)
    times = tail.quantiles(0.3, (0.05, 0.25, 0.5, 0.75, 0.95))
    assert list(times) == sorted(times)
    assert [tail.chance(0.3, time) for time in times] == pytest.approx([0.05, 0.25, 0.5, 0.75, 0.95], abs=0.005)


def test_large_resolvers_make_the_time_uncertain_and_many_small_ones_do_not():
    few, many = ({"large": 0.9, "clamping": 0.0, "zipf": 0.0, "resolvers": n} for n in (5, 5000))
    spread = []
    for spec in (few, many):
        early, late = Tail(ClientsSpec(**spec), MINUTE).quantiles(0.5, (0.05, 0.95))
        spread.append((late - early).total_seconds())
    assert spread[0] > 15 and spread[1] < 1.5


def test_the_same_seed_gives_the_same_quantiles():
    assert Tail(ClientsSpec(), MINUTE).quantiles(0.2) == Tail(ClientsSpec(), MINUTE).quantiles(0.2)
    assert Tail(ClientsSpec(), MINUTE).quantiles(0.2, seed=1) != Tail(ClientsSpec(), MINUTE).quantiles(0.2, seed=2)
