"""A gate tried on two made-up candidates: one that is as good as the live slot, and one that could not be worse.

So findings about gates need not know the kinds: does it ever pass, how soon; does it ever fail?
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from bluegreen.gates.base import Evidence, Gate
from bluegreen.model import EnvironmentView, Observation, Point, Presence, Query, Reading, Slot, TrafficView, Verdict
from bluegreen.preview.ideal import MINUTE, START
from bluegreen.preview.known import Known
from bluegreen.preview.published import Minute, published

LIVE, CANDIDATE = Slot.BLUE, Slot.GREEN
LOOK = timedelta(seconds=15)
MACHINES = 10
TERRIBLE_ERRORS, TERRIBLE_LATENCY = 0.9, 60.0
"""The share of the worst candidate's requests that fail, and the seconds that its answers take."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a gate said about a step that went on and on. None: it never came to that."""

    passes: timedelta | None
    fails: timedelta | None


def try_well(gate: Gate, known: Known, share: float) -> Trial:
    """With `share` of the requests on a candidate that is as good as the live slot."""
    return _Made(gate, known, share, known.error_rate, known.latency).tried()


def try_ill(gate: Gate, known: Known, share: float) -> Trial:
    """With `share` of the requests on a candidate at its worst."""
    return _Made(gate, known, share, TERRIBLE_ERRORS, TERRIBLE_LATENCY).tried()


@dataclass(frozen=True, slots=True)
class _Made:
    """The evidence of one step. Before it, all was well."""

    gate: Gate
    known: Known
    share: float
    error_rate: float
    latency: float

    def tried(self) -> Trial:
        found: dict[Verdict, timedelta] = {}
        for after in self._moments():
            verdict = self._judge(after)
            found.setdefault(verdict, after)
            if Verdict.FAIL in found or Verdict.PASS in found:
                break
        return Trial(found.get(Verdict.PASS), found.get(Verdict.FAIL))

    def _moments(self) -> Iterator[timedelta]:
        longest = self.gate.lookback + self.gate.max_wait + timedelta(hours=1)
        yield from (LOOK * i for i in range(longest // LOOK))

    def _judge(self, after: timedelta) -> Verdict:
        at = START + after
        queries = dict.fromkeys(self.gate.queries(LIVE, CANDIDATE))
        readings = tuple(Reading(query, tuple(self._series(query, after))) for query in queries)
        view = EnvironmentView(Presence.READY, MACHINES, MACHINES, MACHINES, MACHINES)
        weights = {CANDIDATE: round(100 * self.share), LIVE: 100 - round(100 * self.share)}
        state = "ALARM" if self.error_rate == TERRIBLE_ERRORS else "OK"
        seen = Observation(
            at=at,
            traffic=TrafficView(weights, in_sync=True),
            environments=dict.fromkeys(Slot, view),
            readings=readings,
            alarms=dict.fromkeys(self.gate.alarms(), state),
        )
        return self.gate.opinion(Evidence(seen, LIVE, CANDIDATE, START)).verdict

    def _series(self, query: Query, after: timedelta) -> Iterator[Point]:
        first, last = min(after - self.gate.lookback, timedelta(0)), after - self.known.metric_lag - MINUTE
        for minute in range(-(-first // MINUTE), last // MINUTE + 1):
            value = self._value(query, began=minute >= 0)
            if value is not None:
                yield Point(START + minute * MINUTE, value)

    def _value(self, query: Query, *, began: bool) -> float | None:
        here = query.slot is CANDIDATE
        requests = float(round(self.known.rate * (self.share if here else 1 - self.share)))
        ill = here and began
        errors, latency = (self.error_rate, self.latency) if ill else (self.known.error_rate, self.known.latency)
        return published(query, Minute(requests, errors, latency, MACHINES))
