"""How often would this gate be wrong, and how soon right? Its operating characteristics in one step of a plan.

The gate itself is asked, minute after minute, about a candidate whose errors are drawn with a known rate, and a live
slot with another: whatever the gate does is in the figures, and no formula can disagree with the code. Errors are
binomial out of as many requests as the traffic says; the seed is fixed, so that a plan's figures stay the same.

    characteristics(gate, Traffic(per_minute=50, minutes=12), rates=(0.005, 0.03))

For gates on error rates (`threshold`, `compare`, `sequential`, `mann_whitney`, `metric` over errors and requests).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bluegreen.gates.base import Evidence, Gate
from bluegreen.model import Observation, Point, Query, Reading, Slot, TrafficView, Verdict, query_of

RATES = (0.005, 0.01, 0.02, 0.05)
RUNS = 400
BEGAN = datetime(2030, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LIVE, CANDIDATE = Slot.BLUE, Slot.GREEN


@dataclass(frozen=True, slots=True)
class Traffic:
    """What reaches the candidate in one step. Requests per minute; error rates from 0 to 1."""

    per_minute: int
    minutes: int
    live_per_minute: int = 0
    live_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Characteristic:
    """What a gate makes of a candidate that fails `rate` of its requests: chances from 0 to 1, that it fails at any
    look of the step, and that it passes at the last one; their standard errors are at most 0.5/sqrt(runs)."""

    rate: float
    fails: float
    passes: float
    minutes: float | None
    """Until it failed, in the mean over the runs in which it did; None: in none."""

    @property
    def undecided(self) -> float:
        """The chance that it neither failed nor passed."""
        return max(0.0, 1 - self.fails - self.passes)


def characteristics(
    gate: Gate, traffic: Traffic, rates: Sequence[float] = RATES, runs: int = RUNS, seed: int = 1
) -> tuple[Characteristic, ...]:
    """One for each true error rate of the candidate. Takes about a millisecond for each run and ten minutes of it."""
    return tuple(_characteristic(gate, traffic, rate, runs, seed) for rate in rates)


def _characteristic(gate: Gate, traffic: Traffic, rate: float, runs: int, seed: int) -> Characteristic:
    ends = [_run(gate, traffic, errors, theirs) for errors, theirs in _draws(traffic, rate, runs, seed)]
    failed = [minutes for verdict, minutes in ends if verdict is Verdict.FAIL]
    passed = sum(verdict is Verdict.PASS for verdict, _ in ends)
    mean = sum(failed) / len(failed) if failed else None
    return Characteristic(rate, len(failed) / runs, passed / runs, mean)


def _draws(traffic: Traffic, rate: float, runs: int, seed: int) -> Iterator[tuple[list[int], list[int]]]:
    """Errors of both slots by the minute, for each run."""
    from scipy.stats import binom  # noqa: PLC0415

    size = (runs, traffic.minutes)
    ours = binom(traffic.per_minute, rate).rvs(size=size, random_state=seed)
    theirs = binom(traffic.live_per_minute, traffic.live_rate).rvs(size=size, random_state=seed + 1)
    for mine, live in zip(ours, theirs, strict=True):
        yield [int(n) for n in mine], [int(n) for n in live]


def _run(gate: Gate, traffic: Traffic, ours: list[int], theirs: list[int]) -> tuple[Verdict, int]:
    """The first FAIL, or the verdict of the last look, and after how many minutes."""
    verdict = Verdict.UNKNOWN
    for minutes in range(1, traffic.minutes + 1):
        verdict = gate.judge(_evidence(traffic, ours[:minutes], theirs[:minutes])).verdict
        if verdict is Verdict.FAIL:
            return verdict, minutes
    return verdict, traffic.minutes


def _evidence(traffic: Traffic, ours: list[int], theirs: list[int]) -> Evidence:
    """As one look sees it: counts of errors exist only where there are any."""
    readings = [
        _reading(query_of("requests", CANDIDATE), [traffic.per_minute] * len(ours)),
        _reading(query_of("errors", CANDIDATE), ours),
        _reading(query_of("requests", LIVE), [traffic.live_per_minute] * len(theirs)),
        _reading(query_of("errors", LIVE), theirs),
    ]
    weights = {CANDIDATE: 50, LIVE: 50 if traffic.live_per_minute else 0}
    at = BEGAN + MINUTE * len(ours)
    seen = Observation(at, traffic=TrafficView(weights, in_sync=True), readings=tuple(readings))
    return Evidence(seen, LIVE, CANDIDATE, BEGAN)


def _reading(query: Query, counts: Sequence[int]) -> Reading:
    points = (Point(BEGAN + MINUTE * k, float(count)) for k, count in enumerate(counts) if count)
    return Reading(query, tuple(points))
