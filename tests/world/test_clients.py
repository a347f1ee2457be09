"""Users behind caches: against closed forms within sampling error, and against what was measured."""

from datetime import timedelta
from math import exp, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.model import Slot
from sim.clients import Clients, ClientsSpec
from sim.cohorts import Giants, Ring, zipf

TICK = timedelta(seconds=5)
BLUE, GREEN = {Slot.BLUE: 1.0, Slot.GREEN: 0.0}, {Slot.BLUE: 0.0, Slot.GREEN: 1.0}
HONEST = {"large": 0.0, "clamping": 0.0, "stretching": 0.0}


def clients(ttl=60, seed=1, tick=TICK, **spec):
    return Clients(ClientsSpec(**spec), timedelta(seconds=ttl), tick, BLUE, np.random.default_rng(seed))


def still_blue(users, seconds, answers=GREEN, tick=TICK):
    """The share of requests to blue after `seconds` of `answers`."""
    for _ in range(round(seconds / tick.total_seconds())):
        users.step(answers)
    return users.share()[Slot.BLUE]


def within(share, expected, count, sigmas=4):
    assert abs(share - expected) <= sigmas * sqrt(max(expected * (1 - expected), 1e-12) / count) + 1e-6


@pytest.mark.parametrize(
    ("rate", "ttl", "seconds", "expected"),
    [(0.1, 60, 30, 0.428571), (1, 300, 60, 0.797342), (10, 60, 15, 0.748752), (1, 60, 60, 0), (1, 60, 90, 0)],
    ids=["B-5a", "B-5b", "B-5c", "B-6 at the TTL", "B-6 later"],
)
def test_an_honest_cache_lets_go_of_the_old_answer_as_the_closed_form_says(rate, ttl, seconds, expected):
    users = clients(ttl, gap=timedelta(seconds=1 / rate), **HONEST)
    assert still_blue(users, seconds) == pytest.approx(expected, abs=1e-6)


def test_half_way_through_a_ttl_half_of_the_clients_have_drawn_the_new_weights():
    users = clients(60, **HONEST)
    share = still_blue(users, 30, {Slot.BLUE: 0.7, Slot.GREEN: 0.3})
    within(share, 0.5 + 0.5 * 0.7, 3_000_000)


@settings(max_examples=30, deadline=None)
@given(weight=st.integers(0, 255), seed=st.integers(0, 1000), count=st.sampled_from([3_000, 3_000_000, 3_000_000_000]))
def test_after_a_ttl_well_behaved_clients_realise_the_weights_within_sampling_error(weight, seed, count):
    users = clients(60, seed, count=count, **HONEST)
    p = weight / 255
    within(still_blue(users, 65, {Slot.BLUE: p, Slot.GREEN: 1 - p}), p, count, sigmas=5)


def test_with_a_ttl_of_20_s_nine_in_ten_have_moved_after_a_minute_and_2_percent_have_not_after_15():
    after_a_minute = [still_blue(clients(20, seed), 60) for seed in range(20)]
    assert np.mean(after_a_minute) == pytest.approx(0.10, abs=0.025)
    after_15 = [still_blue(clients(20, seed), 900) for seed in range(20)]
    assert np.mean(after_15) == pytest.approx(0.02, abs=0.004)


@pytest.mark.parametrize("seconds", [60, 300, 900, 3600])
def test_stretching_clients_leave_exponentially(seconds):
    users = clients(60, large=0.0, clamping=0.0, stretching=1.0)
    within(still_blue(users, seconds), exp(-seconds / 522), 3_000_000)


@pytest.mark.parametrize(("ttl", "worst"), [(20, 80), (60, 120), (300, 360)], ids=["B-11a", "B-11b", "B-11c"])
def test_a_browser_that_clamps_adds_its_minute_to_the_resolvers_ttl_and_not_more(ttl, worst):
    users = clients(ttl, large=0.0, clamping=0.5, stretching=0.0)
    assert still_blue(users, worst - 10) > 0
    assert still_blue(users, 10 + TICK.total_seconds()) == 0


def test_clients_who_never_ask_again_stay_for_ever():
    users = clients(60, never=0.01, **HONEST)
    assert still_blue(users, 24 * 3600, tick=timedelta(seconds=5)) == pytest.approx(0.01)
    assert users.stale() == pytest.approx(0.01)


@pytest.mark.parametrize(("resolvers", "sd"), [(25, 0.06), (100, 0.03), (1000, 0.009487)], ids=["25", "100", "1000"])
def test_shares_behind_large_resolvers_spread_as_the_number_of_draws_says(resolvers, sd):
    """B-8: with p = 0.1 and N equal resolvers, the realised share has standard deviation sqrt(p(1-p)/N)."""
    rng = np.random.default_rng(1)
    users = Giants(zipf(1_000_000, resolvers, 0.0), timedelta(seconds=60), TICK, 1.0, rng)
    shares = []
    for _ in range(600):
        for _ in range(12):
            users.step(0.1)
        shares.append(users.blue / users.size)
    assert np.mean(shares) == pytest.approx(0.1, abs=4 * sd / sqrt(600))
    assert np.std(shares) == pytest.approx(sd, rel=0.15)


def test_unequal_resolvers_spread_more_than_as_many_equal_ones():
    def spread(exponent):
        users = Giants(
            zipf(1_000_000, 20, exponent), timedelta(seconds=60), timedelta(minutes=1), 1.0, np.random.default_rng(1)
        )
        return np.std([(users.step(0.1), users.blue)[1] for _ in range(2000)])

    sizes = np.array(zipf(1_000_000, 20, 1.0)) / 1_000_000
    assert spread(1.0) == pytest.approx(1_000_000 * sqrt(0.09 * np.sum(sizes**2)), rel=0.1)
    assert spread(1.0) > 1.4 * spread(0.0)


@settings(max_examples=50, deadline=None)
@given(
    count=st.integers(1, 10**10),
    blues=st.lists(st.floats(0, 1), min_size=1, max_size=30),
    large=st.sampled_from([0.0, 0.3]),
    seed=st.integers(0, 100),
)
def test_no_client_is_ever_lost_or_made(count, blues, large, seed):
    users = clients(60, seed, count=count, large=large, never=0.05)
    sizes = [cohort.size for cohort in users.cohorts]
    for blue in blues:
        users.step({Slot.BLUE: blue, Slot.GREEN: 1 - blue})
        assert sum(users.counts().values()) == count
        assert sum(users.share().values()) == pytest.approx(1)
        assert [cohort.size for cohort in users.cohorts] == sizes
        assert all(0 <= cohort.blue <= cohort.size for cohort in users.cohorts)


def test_the_number_of_clients_changes_no_size_of_anything_that_is_kept():
    """Cost does not depend on N: the structures that a step walks through are the same."""

    def shape(count):
        users = clients(60, count=count)
        return [
            {name: len(value) for name, value in vars(cohort).items() if isinstance(value, list)}
            for cohort in users.cohorts
        ]

    assert shape(3_000) == shape(3_000_000) == shape(3_000_000_000)


def test_a_ring_is_equally_full_whatever_does_not_divide():
    ring = Ring(1001, timedelta(seconds=60), TICK, 1.0, np.random.default_rng(1))
    lost = []
    for _ in range(12):
        before = ring.blue
        ring.step(0.0)
        lost.append(before - ring.blue)
    assert sum(lost) == 1001
    assert max(lost) - min(lost) <= 1


def test_nobody_is_stale_before_anything_changed_and_ever_fewer_are_after_a_change():
    users = clients(60)
    assert users.stale() == 0
    users.step(GREEN)
    just_after = users.stale()
    still_blue(users, 600)
    assert 0.05 < just_after < 0.25
    assert 0 < users.stale() < just_after / 2
    still_blue(users, 2 * 3600)
    assert users.stale() < 1e-6


def test_shares_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="more than 100%"):
        ClientsSpec(large=0.6, stretching=0.5)
