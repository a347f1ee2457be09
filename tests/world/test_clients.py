"""Users behind caches: against closed forms, against what was measured, and however time is cut."""

from datetime import timedelta
from itertools import cycle
from math import exp, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.model import Slot
from sim.caching import effective_draws, spread
from sim.clients import Clients, ClientsSpec
from sim.giants import zipf
from sim.population import SPECIAL

HONEST = {"large": 0.0, "clamping": 0.0, "stretching": 0.0}
MANY = 10**12
"""So many users that nobody's luck shows."""


def clients(ttl=60, seed=1, blue=1.0, **spec):
    answers = {Slot.BLUE: blue, Slot.GREEN: 1 - blue}
    return Clients(ClientsSpec(**spec), timedelta(seconds=ttl), answers, np.random.default_rng(seed))


def after(users, seconds, blue=0.0, step=5.0):
    """The share of requests to blue after `seconds` in which the servers name blue with probability `blue`."""
    left = round(1000 * seconds)
    while left > 0:
        users.advance(min(left, round(1000 * step)), blue)
        left -= round(1000 * step)
    return users.share()[Slot.BLUE]


def test_half_way_through_a_ttl_half_of_the_clients_have_drawn_the_new_weights():
    assert after(clients(60, count=MANY, **HONEST), 30, 0.7) == pytest.approx(0.5 + 0.5 * 0.7, abs=1e-5)


def test_a_stretch_in_which_the_caches_turn_over_has_the_mean_of_the_way():
    users = clients(60, **HONEST)
    assert users.advance(30_000, 0.0) == pytest.approx(0.75)
    assert users.advance(60_000, 0.0) == pytest.approx(0.125)  # from a half to nothing in half a minute
    assert users.advance(60_000, 0.0) == 0


def test_a_browser_in_front_of_a_resolver_follows_the_mean_of_the_means():
    users = clients(60, **{**HONEST, "clamping": 1.0})
    assert users.advance(60_000, 0.0) == pytest.approx(1 - 1 / 6)
    assert users.share()[Slot.BLUE] == pytest.approx(0.5)
    assert users.advance(60_000, 0.0) == pytest.approx(1 / 6)


def test_a_browser_whose_resolver_is_asked_seldom_gets_a_fresh_answer_more_often():
    """Half of its questions find nothing cached: half an age of one layer, half of two."""
    users = clients(60, **{**HONEST, "clamping": 1.0}, gap=timedelta(seconds=60))
    assert after(users, 30) == pytest.approx(0.5 * 0.5 + 0.5 * (1 - 30**2 / (2 * 60**2)))


def test_with_a_ttl_of_20_s_nine_in_ten_have_moved_after_a_minute_and_2_percent_have_not_after_15():
    minute = [after(clients(20, seed), 60) for seed in range(20)]
    assert np.mean(minute) == pytest.approx(0.10, abs=0.001)
    quarter = [after(clients(20, seed), 900) for seed in range(20)]
    assert np.mean(quarter) == pytest.approx(0.02, abs=0.0005)


@pytest.mark.parametrize("seconds", [60, 300, 900, 3600])
def test_clients_that_ask_when_they_please_leave_exponentially(seconds):
    users = clients(60, large=0.0, clamping=0.0, stretching=1.0)
    left = exp(-seconds / 590)
    assert after(users, seconds) == pytest.approx(left, abs=4 * sqrt(left * (1 - left) / 300_000))


@pytest.mark.parametrize(
    ("kept", "worst"), [("runtimes", 60 + 30), ("shortening", 60), ("clamping", 120), ("connected", 3660)]
)
def test_each_kind_of_cache_lets_go_when_its_layers_lives_are_over(kept, worst):
    spec = {**HONEST, kept: 0.5}
    assert after(clients(60, **spec), worst - 3) > 1e-5 or kept == "shortening"
    assert after(clients(60, **spec), worst + 5) == pytest.approx(0, abs=1e-9)


def test_a_runtime_is_a_browser_with_another_clock():
    """A JVM keeps an answer for 30 s. The age is a sum of two uniforms; near its end, a parabola."""
    runtime = clients(60, **HONEST, runtimes=1.0)
    browser = clients(60, **{**HONEST, "clamping": 1.0}, clamp=timedelta(seconds=30))
    assert way(runtime, [5000]) == way(browser, [5000])
    assert after(clients(60, **HONEST, runtimes=1.0), 75) == pytest.approx(15**2 / (2 * 30 * 60))


def test_a_resolver_that_shortens_ttls_lets_go_earlier():
    assert after(clients(300, **{**HONEST, "shortening": 1.0}), 30) == pytest.approx(0.5)
    assert after(clients(300, **{**HONEST, "shortening": 1.0}), 60) == pytest.approx(0)


def test_clients_who_never_ask_again_stay_for_ever():
    users = clients(60, never=0.01, **HONEST)
    assert after(users, 24 * 3600, step=60) == pytest.approx(0.01)
    assert users.stale() == pytest.approx(0.01)


@given(spec=st.fixed_dictionaries({name: st.floats(0, 0.16) for name in SPECIAL}))
@settings(max_examples=40, deadline=None)
def test_all_is_exactly_all_and_nothing_exactly_nothing(spec):
    """Requests that no one makes would otherwise reach a slot that is gone."""
    users = clients(60, **{**spec, "stretching": 0.0, "never": 0.0})
    assert [users.advance(5000, 1.0), users.advance(60_000, 1.0), users.share()[Slot.GREEN]] == [1, 1, 0]
    after(users, 3 * 3600, step=60)
    assert [users.advance(5000, 0.0), users.share()[Slot.BLUE]] == [0, 0]


# -- cutting ----------------------------------------------------------------------------------------------------------

WAY = ((90, 0.0), (30, 1.0), (7, 0.0), (400, 1.0), (61, 0.0), (1200, 0.0))
"""Seconds, and the share of answers that name blue. Without chance in the answers, large resolvers have a fixed way."""


def way(users, cuts):
    """The mean shares over the parts of `WAY`, with stretches of lengths that repeat, in ms."""
    lengths, means = cycle(cuts), []
    for seconds, blue in WAY:
        left, total = 1000 * seconds, 0.0
        while left:
            length = min(left, next(lengths))
            total += length * users.advance(length, blue)
            left -= length
        means.append(total / (1000 * seconds))
    return means


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(1000, 60_000), min_size=1, max_size=5), ttl=st.sampled_from([0, 20, 60, 300]))
def test_however_time_is_cut_the_means_are_the_same(cuts, ttl):
    spec = {"count": MANY, "runtimes": 0.1, "shortening": 0.1, "gap": timedelta(seconds=3)}
    assert way(clients(ttl, **spec), cuts) == pytest.approx(way(clients(ttl, **spec), [60_000]), abs=1e-5)


def test_a_minute_or_twelve_times_five_seconds_are_the_same_where_no_one_asks_at_will():
    spec = {"stretching": 0.0, "runtimes": 0.1}
    assert way(clients(**spec), [5000]) == pytest.approx(way(clients(**spec), [60_000]), abs=1e-9)


def test_large_resolvers_draw_the_same_answers_however_time_is_cut():
    def shares(length):
        users = clients(large=1.0, clamping=0.0, stretching=0.0)
        users.advance(60_000, 0.4)
        return [after(users, 60, 0.4, step=length) for _ in range(30)]

    assert shares(5) == shares(60) == shares(0.7)


def test_connections_are_nearly_the_same_however_time_is_cut():
    spec = {**HONEST, "connected": 0.5, "connection": timedelta(minutes=5), "count": MANY}
    assert way(clients(**spec), [700]) == pytest.approx(way(clients(**spec), [60_000]), abs=2e-3)


# -- chance -----------------------------------------------------------------------------------------------------------


def drawn(rounds, every, blue, **spec):
    """Shares at moments so far apart that nothing is left of the one before."""
    users = clients(blue=blue, **spec)
    return np.array([after(users, every, blue, step=5) for _ in range(rounds)])


def of_same_law(shares, mean, sd):
    """Mean and standard deviation are as they should be, as well as so many draws can tell."""
    assert np.mean(shares) == pytest.approx(mean, abs=4 * sd / sqrt(len(shares)))
    assert np.std(shares) == pytest.approx(sd, rel=4 / sqrt(2 * len(shares)))


@pytest.mark.parametrize("caches", [20, 100, 1013, 20_000])
def test_the_number_of_caches_makes_the_noise(caches):
    shares = drawn(1500, 60, 0.3, count=caches, per_cache=1, **HONEST)
    of_same_law(shares, 0.3, spread(0.3, caches))


def test_users_who_share_a_cache_share_its_luck():
    shares = drawn(1500, 60, 0.3, count=50_000, per_cache=50, **HONEST)
    of_same_law(shares, 0.3, spread(0.3, 1000))


def test_shares_behind_browser_caches_keep_the_noise_of_two_thirds_of_the_resolvers():
    """Two lives as long: answers' ages are triangular, and the mean over them has 2/3 of the variance."""
    shares = drawn(1500, 120, 0.3, count=10_000, per_cache=10, large=0.0, clamping=1.0, stretching=0.0)
    of_same_law(shares, 0.3, spread(0.3, 1500))


def test_shares_of_those_who_ask_at_will_spread_as_their_number_says():
    spec = {"large": 0.0, "clamping": 0.0, "stretching": 1.0, "stretch": timedelta(seconds=10)}
    shares = drawn(1500, 60, 0.3, count=10_000, per_cache=10, **spec)
    of_same_law(shares, 0.3, spread(0.3, 1000))


def test_in_a_short_stretch_those_who_ask_at_will_go_straight_from_one_share_to_the_next():
    users = clients(60, blue=0.5, large=0.0, clamping=0.0, stretching=1.0, count=10_000)
    for _ in range(50):
        before = users.share()[Slot.BLUE]
        mean = users.advance(5000, 0.5)
        assert mean == pytest.approx((before + users.share()[Slot.BLUE]) / 2, abs=2e-5)


@pytest.mark.parametrize("exponent", [0.0, 1.0])
def test_unequal_resolvers_are_as_lumpy_as_fewer_equal_ones(exponent):
    shares = drawn(1500, 60, 0.1, large=1.0, clamping=0.0, stretching=0.0, zipf=exponent)
    of_same_law(shares, 0.1, spread(0.1, effective_draws(zipf(10**9, 20, exponent))))


def test_the_whole_population_realises_the_weights_with_the_spread_of_its_parts():
    """Over seeds: a step to 10 %, ten minutes later, when few still follow the old answers."""
    shares = [1 - after(clients(seed=seed, stretching=0.0), 600, 0.9, step=60) for seed in range(400)]
    large = 0.3 * spread(0.1, effective_draws(zipf(10**9, 20, 1.0)))
    of_same_law(np.array(shares), 0.1, sqrt(large**2 + (0.7 * spread(0.1, 210_000)) ** 2))


def test_shares_begin_with_the_spread_that_they_keep():
    shares = [clients(seed=seed, blue=0.3, count=1000, per_cache=1, **HONEST).share()[Slot.BLUE] for seed in range(800)]
    of_same_law(np.array(shares), 0.3, spread(0.3, 1000))


# -- moving, staleness, connections ----------------------------------------------------------------------------------


def test_clients_move_after_a_change_until_caches_and_browsers_have_asked():
    users = clients(60)
    assert not users.moving
    users.advance(60_000, 1.0)
    assert not users.moving
    users.expect(0.0)
    assert users.moving
    after(users, 60)
    assert users.moving  # the browsers
    after(users, 60)
    assert not users.moving


def test_noise_of_large_resolvers_is_no_move():
    users = clients(60)
    after(users, 300, 0.5)
    assert not users.moving
    assert len({after(users, 60, 0.5) for _ in range(5)}) == 5


def test_a_change_too_small_to_matter_moves_nobody():
    users = clients(60)
    users.advance(5000, 0.99)
    assert not users.moving


@settings(max_examples=60, deadline=None)
@given(jump=st.floats(0, 1), ttl=st.sampled_from([20, 60, 300]), step=st.sampled_from([1, 5]))
def test_who_does_not_move_changes_by_no_more_than_a_thousandth_in_5_seconds(jump, ttl, step):
    users = clients(ttl, blue=1.0, large=0.0, count=MANY)
    users.expect(1 - jump)
    before = 1.0
    for _ in range(100):
        moving, share = users.moving, after(users, 5, 1 - jump, step)
        assert moving or abs(share - before) <= 0.001 + 1e-5
        before = share


def test_nobody_is_stale_before_anything_changed_and_ever_fewer_are_after_a_change():
    users = clients(60)
    assert users.stale() == 0
    users.advance(5000, 0.0)
    just_after = users.stale()
    after(users, 600)
    assert 0.05 < just_after < 0.25
    assert 0 < users.stale() < just_after / 2
    after(users, 3 * 3600)
    assert users.stale() < 1e-6


def test_the_stale_are_those_whom_the_ttl_does_not_reach_in_closed_form():
    """After the TTL: half of the browsers, since their ages reach two minutes; who asks at will; who never asks."""
    users = clients(60, never=0.01)
    users.advance(20_000, 0.0)
    at_will = 0.092 * exp(-60 / 590)
    assert users.stale() == pytest.approx(0.1 / 2 + at_will + 0.01)  # the first minute is the TTL's own
    users.advance(70_000, 0.0)
    assert users.stale() == pytest.approx(0.1 * 30**2 / (2 * 60**2) + 0.092 * exp(-90 / 590) + 0.01)
    users.advance(5000, 0.5)  # another change: all count anew
    assert users.stale() == pytest.approx(0.1 / 2 + at_will + 0.01)


def test_cut_connections_are_made_anew_to_where_the_resolver_says_now():
    spec = {**HONEST, "connected": 0.4}
    users = clients(60, count=MANY, **spec)
    after(users, 120, 0.25)
    assert users.share()[Slot.BLUE] == pytest.approx(0.6 * 0.25 + 0.4 * 0.98, abs=0.005)  # 90 of 3600 s have passed
    users.cut(Slot.BLUE)
    kept = 1 - 0.98
    assert users.share()[Slot.BLUE] == pytest.approx(0.6 * 0.25 + 0.4 * (1 - kept) * 0.25, abs=0.005)
    users.cut(Slot.GREEN)
    blue = 0.98 * 0.25
    assert users.share()[Slot.BLUE] == pytest.approx(0.6 * 0.25 + 0.4 * (blue + (1 - blue) * 0.25), abs=0.005)


def test_cutting_the_connections_to_a_slot_that_everybody_left_changes_nothing():
    users = clients(60, connected=0.4, **HONEST)
    after(users, 4000)
    users.cut(Slot.BLUE)
    assert users.share()[Slot.BLUE] == 0


def test_a_rest_of_hours_leaves_large_resolvers_at_their_own_moments():
    spec = {"large": 1.0, "clamping": 0.0, "stretching": 0.0}
    rested, stepped = clients(60, **spec), clients(60, **spec)
    for _ in range(3617):
        stepped._wake()  # never resting
        stepped.advance(1000, 1.0)
        rested.advance(1000, 1.0)
    for _ in range(60):
        assert rested.advance(1000, 0.0) == stepped.advance(1000, 0.0)


def test_lookups_without_an_answer_cost_requests_and_no_share():
    assert clients(60).unresolved == 0
    failing = {"failing": 0.25, "negative": timedelta(seconds=30), "count": MANY, **HONEST}
    assert clients(60, **failing).unresolved == pytest.approx(10 / 70)
    assert after(clients(60, **failing), 30) == pytest.approx(0.5)


def test_a_lost_zone_takes_the_users_inside_it_and_nobody_else():
    outside, inside = clients(60), clients(60, zoned=0.3)
    for users in (outside, inside):
        users.zones_changed({"a"})
        assert users.advance(60_000, 1.0) == pytest.approx(1)
    assert (outside.unresolved, inside.unresolved) == (0, pytest.approx(0.1))
    inside.zones_changed({"a", "b"})
    assert inside.unresolved == pytest.approx(0.2)
    inside.zones_changed(set())
    assert inside.unresolved == 0


def test_only_users_behind_small_caches_wait_for_a_lookup_that_failed():
    failing = {"failing": 0.25, "negative": timedelta(seconds=30), "large": 0.5, "clamping": 0.0, "stretching": 0.0}
    assert clients(60, **failing).unresolved == pytest.approx(0.5 * 10 / 70)
    users = clients(60, **failing, zoned=0.6)
    users.zones_changed({"c"})
    assert users.unresolved == pytest.approx(0.2 + 0.8 * 0.5 * 10 / 70)


# -- size and cost ----------------------------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 10**10),
    blues=st.lists(st.floats(0, 1), min_size=1, max_size=30),
    lengths=st.lists(st.integers(1, 60_000), min_size=1, max_size=4),
    connected=st.sampled_from([0.0, 0.1]),
    seed=st.integers(0, 100),
)
def test_a_share_is_always_a_share(count, blues, lengths, connected, seed):
    users = clients(60, seed, count=count, never=0.05, connected=connected)
    for blue, length in zip(blues, cycle(lengths), strict=False):
        assert 0 <= users.advance(length, blue) <= 1
        shares = users.share()
        assert sum(shares.values()) == pytest.approx(1)
        assert all(0 <= share <= 1 for share in shares.values())


def sizes(thing, seen=None):
    """How many things everything is made of that hangs on it."""
    seen = set() if seen is None else seen
    if id(thing) in seen or isinstance(thing, int | float | str | type(None)):
        return 0
    seen.add(id(thing))
    inside = list(thing) if isinstance(thing, list | tuple) else []
    for slot in {**getattr(thing, "__dict__", {}), **dict.fromkeys(getattr(thing, "__slots__", ()), 0)}:
        inside.append(getattr(thing, slot))
    return 1 + len(inside) + sum(sizes(one, seen) for one in inside if type(one).__module__.split(".")[0] in OURS)


OURS = {"sim", "builtins"}


def test_the_number_of_clients_changes_no_size_of_anything_that_is_kept():
    """Cost does not depend on N: what a step walks through is as large."""

    def kept(count):
        users = clients(60, count=count)
        after(users, 300, 0.5)
        return sizes(users)

    assert kept(3_000) <= kept(3_000_000) == kept(3_000_000_000)  # few caches draw the same share twice now and then


def test_what_is_remembered_does_not_grow_with_time():
    users = clients(60)

    def kept(minutes):
        after(users, 60 * minutes, 0.5)
        return sizes(users)

    kept(10)
    assert kept(120) <= 4 * kept(10)


def test_shares_that_do_not_fit_together_are_refused():
    with pytest.raises(ValueError, match="more than 100%"):
        ClientsSpec(large=0.6, stretching=0.5)
