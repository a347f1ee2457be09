"""What follows from the figures of a load test: pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.checks.limits import Figures, Generator, Limits, LoadRun, Outcome, rule

LIMITS = Limits.model_validate({"failures_below": "1%", "p95_below": "800ms", "rate_at_least": 40})
TIRED = Generator(saturated="the load generator could not keep up: locust used 99% of a core")
LOST = Generator(problems=("1 of 2 workers were lost",))
WELL = Generator()


def ruled(requests=6000, failures=0, p95=100.0, rate=50.0, asked=None, generator=WELL):
    return rule(LIMITS, LoadRun(Figures(requests, failures, rate, {"p95": p95}, asked), generator))


@pytest.mark.parametrize(
    ("run", "outcome", "why"),
    [
        ({}, "good", ""),
        ({"failures": 59}, "good", ""),
        ({"failures": 60}, "broken", "failed requests 1%, limit 1%"),
        ({"p95": 800.0}, "broken", "p95 800ms, limit 800ms"),
        ({"rate": 39.9}, "broken", "requests a second 39.9, limit 40"),
        ({"asked": 10_000}, "broken", "reached load 60%, limit 90%"),
        ({"requests": 99}, "invalid", "only 99 requests; 100 are needed to say anything"),
        ({"requests": 99, "failures": 99}, "invalid", "only 99 requests"),
        ({"requests": 0}, "invalid", "only 0 requests"),
        ({"generator": LOST}, "invalid", "1 of 2 workers were lost"),
        ({"generator": LOST, "failures": 600}, "broken", "failed requests 10%, limit 1%"),
        ({"generator": TIRED}, "good", ""),
        ({"generator": TIRED, "rate": 39.9}, "invalid", "locust used 99% of a core"),
        ({"generator": TIRED, "p95": 900.0}, "invalid", "locust used 99% of a core"),
        ({"generator": TIRED, "asked": 10_000}, "invalid", "locust used 99% of a core"),
        ({"generator": TIRED, "failures": 60}, "broken", "failed requests 1%, limit 1%"),
    ],
)
def test_the_outcome_is_the_limits_unless_the_generator_is_to_blame(run, outcome, why):
    found = ruled(**run)
    assert found.outcome == outcome and why in "; ".join(found.why)
    assert bool(found.why) is (outcome != "good")


def test_a_percentile_that_nobody_knows_is_not_below_its_limit():
    assert rule(LIMITS, LoadRun(Figures(6000, 0, 50.0))).outcome is Outcome.BROKEN


def test_only_the_load_is_missing_when_no_other_limit_is_broken():
    assert ruled(rate=1.0).only_load_missing and not ruled(rate=1.0, p95=900.0).only_load_missing


RUNS = {
    "requests": st.integers(0, 10_000),
    "failures": st.integers(0, 10_000),
    "p95": st.floats(1, 2000),
    "rate": st.floats(0.1, 200),
    "asked": st.none() | st.integers(1, 20_000),
}


@given(st.fixed_dictionaries(RUNS))
def test_a_generator_in_trouble_never_makes_anything_good(run):
    run["failures"] = min(run["failures"], run["requests"])
    well = ruled(**run)
    assert ruled(**run, generator=LOST).outcome is not Outcome.GOOD
    assert ruled(**run, generator=TIRED).outcome in (well.outcome, Outcome.INVALID)


@given(st.fixed_dictionaries(RUNS), st.integers(0, 500))
def test_more_failures_never_make_it_better(run, more):
    run["failures"] = min(run["failures"], run["requests"])
    worse = run | {"failures": min(run["failures"] + more, run["requests"])}
    rank = {Outcome.GOOD: 0, Outcome.INVALID: 1, Outcome.BROKEN: 2}
    assert run["requests"] < 100 or rank[ruled(**worse).outcome] >= rank[ruled(**run).outcome]
