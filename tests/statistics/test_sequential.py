"""The sequential test: wrong no more often than it says, however often one looks; soon right; as closed forms."""

from itertools import product
from math import exp, inf, isfinite, log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from scipy.stats import binom, poisson

from bluegreen.statistics.sequential import LEAST, MOST, STAKES, Minute, enough, interval, not_worse, worse
from sim.draws import generator

U = [LEAST * (MOST / LEAST) ** (k / (STAKES - 1)) for k in range(STAKES)]


def ever(refuted, p, looks):
    """The exact chance that `refuted(n, x)` holds at some n up to `looks`, looking after every request, each an error
    with chance p. `refuted` must hold for all x beyond some bound."""
    alive, caught = {0: 1.0}, 0.0
    for n in range(1, looks + 1):
        after = {}
        for x, chance in alive.items():
            after[x] = after.get(x, 0.0) + chance * (1 - p)
            after[x + 1] = after.get(x + 1, 0.0) + chance * p
        out = [x for x in after if refuted(n, x)]
        caught += sum(after.pop(x) for x in out)
        alive = {x: chance for x, chance in after.items() if chance > 1e-15}
    return caught


def memo(test, limit, level):
    """Whether a fixed limit is refuted after n requests with x errors; each pair is worked out once."""
    known = {}

    def refuted(n, x):
        if (n, x) not in known:
            known[n, x] = enough(test([Minute(n, x)], 0.0, limit), level)
        return known[n, x]

    return refuted


@pytest.mark.parametrize(("limit", "alpha"), [(0.01, 0.05), (0.01, 0.001), (0.05, 0.05), (0.3, 0.05), (0.002, 0.01)])
def test_looking_after_every_request_a_candidate_at_the_limit_fails_at_most_alpha_of_the_time(limit, alpha):
    assert ever(memo(worse, limit, alpha), limit, 500) <= alpha


@pytest.mark.parametrize(("limit", "beta"), [(0.01, 0.05), (0.05, 0.05), (0.3, 0.01)])
def test_looking_after_every_request_a_candidate_at_the_limit_passes_at_most_beta_of_the_time(limit, beta):
    assert ever(memo(not_worse, limit, beta), limit, 700) <= beta


def test_a_fixed_test_that_is_looked_at_as_often_is_wrong_much_more_often():
    """What the sequential test is for: the exact binomial test at 5 %, asked after every request."""
    assert ever(lambda n, x: x > 0 and binom.sf(x - 1, n, 0.05) <= 0.05, 0.05, 300) > 0.2


def test_three_times_the_limit_is_nearly_always_found_within_1500_requests():
    assert ever(memo(worse, 0.01, 0.001), 0.03, 1500) > 0.95


def test_no_error_at_all_proves_one_percent_wrong_after_about_450_requests():
    proven = next(n for n in range(1, 1000) if enough(not_worse([Minute(n, 0)], 0.0, 0.01), 0.05))
    assert log(0.05) / log(0.99) < proven < 460  # the rule of three gives 299, for one look


@pytest.mark.parametrize(("ratio", "margin"), [(0.0, 0.2), (1.0, 0.0), (1.0, 0.1), (2.0, 0.0), (1.5, 0.05)])
@pytest.mark.parametrize(("n", "m"), [(6, 6), (4, 9), (9, 3)])
def test_no_outcome_of_one_minute_can_raise_the_expected_evidence_above_one(ratio, margin, n, m):
    """Over all outcomes, for candidates exactly as bad as allowed: what makes it an e-process."""
    for q in (0.0, 0.01, 0.1, 0.3, 0.5):
        p = ratio * q + margin
        if p > 1:
            continue
        for test in (worse, not_worse):
            mean = sum(
                binom.pmf(x, n, p) * binom.pmf(y, m, q) * exp(test([Minute(n, x, m, y)], ratio, margin))
                for x, y in product(range(n + 1), range(m + 1))
            )
            assert mean <= 1 + 1e-9


@pytest.mark.parametrize(("ratio", "margin"), [(1.0, 0.005), (2.0, 0.001), (1.5, 0.0)])
def test_under_peeking_and_drift_the_false_alarm_rate_against_live_stays_below_alpha(ratio, margin):
    """Both slots' rates swing fivefold together from minute to minute; the candidate is always as bad as allowed."""
    runs, minutes, alpha = 1500, 12, 0.05
    rng = generator(1, f"false alarms {ratio} {margin}")
    alarms = 0
    for _ in range(runs):
        seen = []
        for _ in range(minutes):
            q = rng.uniform(0.002, 0.01)
            n, m = int(rng.integers(50, 400)), int(rng.integers(200, 3000))
            seen.append(Minute(n, int(rng.binomial(n, ratio * q + margin)), m, int(rng.binomial(m, q))))
            if enough(worse(seen, ratio, margin), alpha):
                alarms += 1
                break
    assert alarms <= binom.isf(1e-9, runs, alpha)


def test_two_percent_beside_half_a_percent_is_found_in_minutes():
    rng, found = generator(1, "power"), []
    for _ in range(100):
        seen = []
        for minute in range(1, 31):
            seen.append(Minute(500, int(rng.binomial(500, 0.02)), 4500, int(rng.binomial(4500, 0.005))))
            if enough(worse(seen, 1.0, 0.005), 0.001):
                found.append(minute)
                break
    assert len(found) == 100 and sorted(found)[50] <= 8


counts = st.integers(0, 5000)


@given(n=st.integers(1, 10**6), share=st.floats(0, 1), limit=st.floats(0.0005, 0.5))
def test_against_a_fixed_limit_it_is_a_mixture_of_poisson_likelihood_ratios(n, share, limit):
    x = round(n * share)
    for sign, test in ((1, worse), (-1, not_worse)):
        ratios = [poisson.logpmf(x, n * limit * exp(sign * u)) - poisson.logpmf(x, n * limit) for u in U]
        expected = logsumexp(ratios) - log(STAKES)
        if isfinite(expected):
            assert test([Minute(n, x)], 0.0, limit) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@given(n=st.integers(1, 5000), m=st.integers(1, 5000), x=counts, y=counts, ratio=st.floats(1, 5))
def test_without_a_margin_it_is_a_mixture_of_binomial_likelihood_ratios_given_all_errors(n, m, x, y, ratio):
    """Given their sum, the candidate's errors are binomial with a share that does not depend on the rates."""
    x, y = min(x, n), min(y, m)
    share = ratio * n / (ratio * n + m)
    odds = share / (1 - share)
    ratios = []
    for u in U:
        there = odds * exp(u) / (1 + odds * exp(u))
        ratios.append(binom.logpmf(x, x + y, there) - binom.logpmf(x, x + y, share))
    assert worse([Minute(n, x, m, y)], ratio, 0.0) == pytest.approx(logsumexp(ratios) - log(STAKES), rel=1e-6, abs=1e-6)


minutes = st.lists(st.tuples(counts, counts, counts, counts), min_size=1, max_size=6).map(
    lambda rows: [Minute(n, min(x, n), m, min(y, m)) for n, x, m, y in rows]
)


@settings(deadline=None)
@given(minutes, st.sampled_from([0.0, 1.0, 2.5]), st.floats(0, 0.2), st.data())
def test_one_more_error_of_the_candidate_is_never_evidence_for_it(seen, ratio, margin, data):
    place = data.draw(st.integers(0, len(seen) - 1))
    one = seen[place]
    if one.errors == one.requests:
        return
    more = [*seen]
    more[place] = Minute(one.requests, one.errors + 1, one.live_requests, one.live_errors)
    assert worse(more, ratio, margin) >= worse(seen, ratio, margin) - 1e-9
    assert not_worse(more, ratio, margin) <= not_worse(seen, ratio, margin) + 1e-9


@settings(deadline=None)
@given(minutes, st.sampled_from([0.0, 1.0, 2.5]), st.floats(0, 0.2), st.randoms(use_true_random=False))
def test_the_order_of_minutes_does_not_matter(seen, ratio, margin, random):
    turned = [*seen]
    random.shuffle(turned)
    assert worse(turned, ratio, margin) == pytest.approx(worse(seen, ratio, margin), rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 1), st.floats(0.0001, 0.9))
def test_the_interval_holds_what_is_observed_and_agrees_with_the_tests(n, share, limit):
    seen = [Minute(n, round(n * share))]
    low, high = interval(seen, 0.001, 0.05)
    assert 0 <= low <= round(n * share) / n <= high <= 1 if n else (low, high) == (0, 1)
    if abs(low - limit) > 1e-6:
        assert (low > limit) == enough(worse(seen, 0.0, limit), 0.001)
    if abs(high - limit) > 1e-6:
        assert (high < limit) == enough(not_worse(seen, 0.0, limit), 0.05)


def test_without_requests_nothing_is_known():
    for seen in ([], [Minute(0, 0)], [Minute(0, 0, 10**6, 10)]):
        assert worse(seen, 1.0, 0.01) == not_worse(seen, 1.0, 0.01) == pytest.approx(0)
        assert interval(seen, 0.01, 0.01) == (0.0, 1.0)


def test_without_requests_of_live_a_comparison_says_nothing():
    assert worse([Minute(1000, 1000)], 1.0, 0.0) == pytest.approx(0, abs=1e-6)
    assert not_worse([Minute(10**6, 0)], 1.0, 0.005) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("n", [1, 10**6, 10**12, 10**15])
@pytest.mark.parametrize("share", [0.0, 1e-9, 0.01, 1.0])
def test_huge_counts_neither_overflow_nor_become_no_number(n, share):
    seen = [Minute(n, int(n * share), n, int(n * 0.01))]
    for ratio, margin in product((0.0, 1.0, 1000.0), (0.0, 1e-6, 1.0)):
        for test in (worse, not_worse):
            value = test(seen, ratio, margin)
            assert isfinite(value) and -inf < value < inf


def test_more_errors_than_requests_are_refused():
    with pytest.raises(ValueError, match="errors must lie between"):
        Minute(1, 2)
