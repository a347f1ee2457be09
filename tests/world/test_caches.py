"""Closed forms and parcels against single caches, event by event."""

from datetime import timedelta
from itertools import pairwise
from math import sqrt

import numpy as np
import pytest

from bluegreen.model import Slot
from sim.ages import Endless, Layers, Memoryless
from sim.caching import distorted, effective_draws
from sim.clients import Clients, ClientsSpec
from sim.history import History, Kernel
from sim.renewals import Renewals
from tests.world.cache_simulation import asked, busy

HONEST = {"large": 0.0, "clamping": 0.0, "stretching": 0.0}
CACHES = 3000
NEAR = 4 * 0.5 / sqrt(CACHES)
"""Four standard deviations of a share seen through so many caches, at most."""


def answers(t):
    """Half blue; then none for a minute and a half; then most."""
    return 0.5 if t < 0 else 0.0 if t < 90 else 0.8


def world(ttl, **spec):
    """Users so many that their own luck does not show, about to live through `answers`. `ttl`: seconds, of blue and of
    green where they differ."""
    blue, green = (timedelta(seconds=life) for life in (ttl if isinstance(ttl, tuple) else (ttl, ttl)))
    ttls = blue if blue == green else {Slot.BLUE: blue, Slot.GREEN: green}
    return Clients(ClientsSpec(count=10**12, **spec), ttls, dict.fromkeys(Slot, 0.5), np.random.default_rng(1))


def shares_at(users, moments):
    now, shares = 0, []
    for moment in moments:
        users.advance(1000 * (moment - now), answers(now))
        shares.append(users.share()[Slot.BLUE])
        now = moment
    return shares


MOMENTS = (*range(10, 90, 10), *range(90, 400, 30))


@pytest.mark.parametrize("seed", [1, 2])
def test_busy_caches_follow_the_answers_as_single_ones_do(seed):
    seen = busy(np.random.default_rng(seed), CACHES, (60, 60), answers, MOMENTS)
    assert shares_at(world(60, **HONEST), MOMENTS) == pytest.approx(seen, abs=NEAR)


@pytest.mark.parametrize(("ttl", "kept"), [(60, 60), (20, 60), (300, 30)])
def test_browsers_in_front_of_them_too(ttl, kept):
    seen = busy(np.random.default_rng(3), CACHES, (ttl, ttl), answers, MOMENTS, kept)
    users = world(ttl, **{**HONEST, "clamping": 1.0}, clamp=timedelta(seconds=kept))
    assert shares_at(users, MOMENTS) == pytest.approx(seen, abs=NEAR)


def test_connections_are_like_browsers_that_keep_for_longer():
    seen = busy(np.random.default_rng(4), CACHES, (60, 60), answers, MOMENTS, 180)
    users = world(60, **{**HONEST, "connected": 1.0}, connection=timedelta(seconds=180))
    assert shares_at(users, MOMENTS) == pytest.approx(seen, abs=NEAR)


@pytest.mark.parametrize("lives", [(300, 60), (60, 300), (30, 20)], ids=str)
@pytest.mark.parametrize("kept", [0, 60])
def test_unequal_ttls_distort_shares_and_their_way_as_with_single_caches(lives, kept):
    """Lives of answers that name green, and blue."""
    seen = busy(np.random.default_rng(5), CACHES, lives, answers, MOMENTS, kept)
    spec = {**HONEST, "clamping": 1.0} if kept else HONEST
    users = world(tuple(reversed(lives)), **spec)
    assert shares_at(users, MOMENTS) == pytest.approx(seen, abs=NEAR + 0.01)


@pytest.mark.parametrize("lives", [(300, 30), (90, 300)], ids=str)
def test_resolvers_that_shorten_ttls_take_some_of_the_distortion_away(lives):
    """They keep nothing for longer than a minute."""
    seen = busy(np.random.default_rng(8), CACHES, [min(life, 60) for life in lives], answers, MOMENTS)
    users = world(lives[::-1], **HONEST, shortening=1.0)
    assert shares_at(users, MOMENTS) == pytest.approx(seen, abs=NEAR + 0.01)


@pytest.mark.slow
@pytest.mark.parametrize("gap", [5, 60])
@pytest.mark.parametrize("lives", [(60, 60), (300, 60)], ids=str)
def test_requests_that_come_seldom_follow_the_answers_sooner(gap, lives):
    """Jung's formula on the way: who finds nothing cached gets a fresh answer."""
    edges = [0, 20, 40, 60, 90, 120, 200, 300]
    seen, none = asked(np.random.default_rng(6), CACHES, lives, answers, edges, gap)
    assert none == 0
    users = world(lives[::-1], **HONEST, gap=timedelta(seconds=gap))
    means = [users.advance(1000 * (b - a), answers(a)) for a, b in pairwise(edges)]
    assert means == pytest.approx(seen, abs=NEAR + 0.01)


@pytest.mark.slow
def test_lookups_that_fail_take_requests_away_and_leave_shares_as_they_are():
    edges = [0, 20, 40, 60, 90, 120]
    failing = {"failing": 0.25, "negative": timedelta(seconds=30)}
    seen, none = asked(np.random.default_rng(7), 1500, (60, 60), answers, edges, 0.5, 0.25, 30)
    users = world(60, **HONEST, **failing)
    means = [users.advance(1000 * (b - a), answers(a)) for a, b in pairwise(edges)]
    assert means == pytest.approx(seen, abs=NEAR * sqrt(2))
    assert users.unresolved == pytest.approx(none, abs=0.02)


# -- unequal TTLs: B6 of the field facts -------------------------------------------------------------------------------


def test_records_of_unequal_ttls_share_requests_by_weight_and_life():
    assert distorted([50, 50], [60, 300]) == pytest.approx([1 / 6, 5 / 6])
    assert distorted([50, 50], [60, 300], rate=1) == pytest.approx([61 / 362, 301 / 362])
    assert distorted([1, 1], [60, 60], rate=0.1) == [0.5, 0.5]


@pytest.mark.parametrize("gap", [0, 10])
def test_a_population_shows_the_distortion(gap):
    users = world((60, 300), **HONEST, gap=timedelta(seconds=gap))
    expected = distorted([50, 50], [60, 300], 1 / gap if gap else None)[0]
    assert users.share()[Slot.BLUE] == pytest.approx(expected, abs=1e-6)
    means = [users.advance(60_000, 0.5) for _ in range(30)]
    assert means == pytest.approx([expected] * 30, abs=2e-3)


def test_large_resolvers_show_it_too():
    shares = []
    for seed in range(300):
        ttls = {Slot.BLUE: timedelta(seconds=60), Slot.GREEN: timedelta(seconds=300)}
        spec = ClientsSpec(large=1.0, clamping=0.0, stretching=0.0, zipf=0.0)
        users = Clients(spec, ttls, {Slot.BLUE: 0.5, Slot.GREEN: 0.5}, np.random.default_rng(seed))
        users.advance(900_000, 0.5)
        shares.append(users.share()[Slot.BLUE])
    assert np.mean(shares) == pytest.approx(1 / 6, abs=4 * sqrt(5 / 36 / 20 / 300))


def test_holders_are_never_lost_or_made():
    holders = Renewals(1.0, (30_000, 20_000), 0.5, np.random.default_rng(1), caches=1000, gap=1000)
    for step in range(500):
        holders.advance(700 + step, 0.3)
        if step % 50 == 0:
            holders.cut(blue=bool(step % 100), p=0.7)
        held = sum(sum(mass for _, _, mass in parcels) for parcels in holders._parcels)
        assert held == pytest.approx(sum(holders._masses))
        assert held + holders._idle == pytest.approx(1)


# -- the closed forms themselves ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lives", [(), (60.0,), (60.0, 60.0), (20.0, 60.0), (3600.0, 60.0, 20.0), (0.0, 30.0)], ids=str)
def test_ages_survive_as_sums_of_uniforms_do(lives):
    age, draws = Layers(lives), 40_000
    drawn = np.random.default_rng(1).random((draws, len(lives))) @ np.array(lives) if lives else np.zeros(draws)
    for t in np.linspace(0, age.longest, 9):
        assert age.survival(float(t)) == pytest.approx(np.mean(drawn > t), abs=4 * 0.5 / sqrt(draws))
    assert (age.survival(-1.0), age.survival(age.longest)) == (1, 0)


def test_ages_take_one_time_or_many():
    times = np.array([-5.0, 0.0, 10.0, 70.0, 200.0])
    for age in (Layers((60.0, 20.0)), Layers(()), Memoryless(60.0), Endless()):
        assert age.survival(times).tolist() == pytest.approx([age.survival(t) for t in times.tolist()])


@pytest.mark.parametrize("lives", [(), (60.0,), (60.0, 20.0)], ids=str)
def test_a_history_seen_through_caches_is_the_mean_over_their_ages(lives):
    """What is seen is the mean of past answers, weighted by how likely the age falls on each: another closed form."""
    rng = np.random.default_rng(2)
    history, kernel, age = History(0.3, 80.0), Kernel([(0.7, lives)]), Layers(lives)
    now, starts, answers = 0.0, [-1e9], [0.3]
    for length in rng.integers(1, 40, 200).tolist():
        starts.append(now)
        answers.append(float(rng.random()))
        history.say(answers[-1])
        history.now += length
        now += length
        survivals = [age.survival(now - start) for start in starts] + [1.0]
        expected = sum(p * (young - old) for p, (old, young) in zip(answers, pairwise(survivals), strict=True))
        assert kernel.now(history) == pytest.approx(0.7 * expected, abs=1e-9)


def test_a_history_forgets_what_nobody_sees_any_more_and_stays_exact():
    history, kernel = History(1.0, 120_000.0), Kernel([(1.0, (60_000.0, 60_000.0))])
    for step in range(20_000):
        history.say(float(step % 2))
        history.now += 5000
    assert len(history.starts) < 200
    assert kernel.now(history) == pytest.approx(0.5, abs=1e-9)
    assert kernel.mean(history, 5000) == pytest.approx(0.5, abs=0.002)


def test_more_than_two_layers_are_refused():
    with pytest.raises(ValueError, match="3 layers"):
        Kernel([(1.0, (3600.0, 60.0, 60.0))])


def test_resolvers_are_worth_as_many_equal_ones_as_their_shares_say():
    assert effective_draws([1] * 25) == pytest.approx(25)
    assert effective_draws([8, 1, 1]) == pytest.approx(100 / 66)
