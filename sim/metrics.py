"""CloudWatch, as far as balancers and groups feed it: one point per minute and measure, published late.

What did not happen has no point: absent, not zero (Elastic Load Balancing User Guides, CloudWatch metrics: metrics
are reported only while requests flow; error counts only when not zero).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import simpy

from bluegreen.model import Slot
from bluegreen.registry import Spec
from bluegreen.units import Duration, parse_duration
from sim.alarms import AlarmSpec, AlarmState, evaluate
from sim.clock import EPOCH, ms, now_ms
from sim.place import Served

MINUTE = ms(timedelta(minutes=1))

LATENCIES = ("latency_p50", "latency_p90", "latency_p95", "latency_p99", "latency_avg")
COUNTS = ("requests", "target_5xx", "elb_5xx", "elb_503")
MEASURES = (*COUNTS, *LATENCIES, "healthy_hosts", "unhealthy_hosts", "utilisation")
"""requests: those for which a target was chosen. elb_503: those refused before that, a part of elb_5xx. latency in
seconds, utilisation (the group's CPU) from 0 to 1."""

ERROR_RATE = "error_rate"
"""Derived, for alarms: all 5xx over all requests; absent without requests."""


class MetricsSpec(Spec):
    """How CloudWatch behaves."""

    delay: Duration = parse_duration("60s")
    """From a minute's end until its points can be read. Assumed; AWS gives no figure for balancers."""


@dataclass(slots=True)
class _Minute:
    """What one slot's balancer saw in the minute under way."""

    requests: int = 0
    target_5xx: int = 0
    elb_5xx: int = 0
    elb_503: int = 0
    answered: int = 0
    latency: list[float] = field(default_factory=lambda: [0.0] * len(LATENCIES))


class Metrics:
    """The store. Times of points are the starts of their minutes."""

    def __init__(self, spec: MetricsSpec, env: simpy.Environment) -> None:
        self.spec = spec
        self.delay = spec.delay
        self.gap: set[Slot] = set()
        """Slots whose points are lost."""
        self._env = env
        self._open = {slot: _Minute() for slot in Slot}
        self._points: dict[tuple[Slot, str], dict[int, tuple[int, float]]] = {}  # minute -> published at, value
        self._alarms: dict[str, AlarmSpec] = {}
        self._states: dict[str, AlarmState] = {}

    # -- fed by the world

    def count(self, slot: Slot, done: Served) -> None:
        """Add what happened in one tick. Percentiles of a minute are the mean of the ticks', weighted by answers.
        A client that found no balancer is seen by nobody."""
        minute, answered = self._open[slot], done.answered
        minute.requests += done.routed
        minute.target_5xx += done.shed + done.failed
        minute.elb_5xx += done.rejected + done.dead
        minute.elb_503 += done.rejected
        minute.answered += answered
        for index, value in enumerate(done.latency):
            minute.latency[index] += answered * value

    def close(self, slot: Slot, gauges: Mapping[str, float]) -> None:
        """The minute that ends now becomes points. `gauges`: values that do not depend on requests."""
        minute, self._open[slot] = self._open[slot], _Minute()
        if slot in self.gap:
            return
        values = {name: float(value) for name in COUNTS if (value := getattr(minute, name)) > 0}
        if minute.answered > 0:
            values |= {name: total / minute.answered for name, total in zip(LATENCIES, minute.latency, strict=True)}
        at, published = now_ms(self._env) - MINUTE, now_ms(self._env) + ms(self.delay)
        for name, value in {**values, **gauges}.items():
            self._points.setdefault((slot, name), {})[at] = (published, value)

    def judge(self) -> None:
        """All alarms look; once a minute, after the minutes were closed."""
        for alarm in self._alarms.values():
            self._states[alarm.name] = self._evaluate(alarm)

    # -- read by the cloud

    def series(self, slot: Slot, measure: str, since: datetime, until: datetime) -> list[tuple[datetime, float]]:
        """The published points of the minutes that begin in [since, until), oldest first."""
        points = self._points.get((slot, measure), {})
        minutes = list(points)
        first, last = (bisect_left(minutes, ms(limit - EPOCH)) for limit in (since, until))
        return [
            (EPOCH + timedelta(milliseconds=at), points[at][1])
            for at in minutes[first:last]
            if points[at][0] <= now_ms(self._env)
        ]

    def add_alarm(self, alarm: AlarmSpec) -> None:
        """A new alarm has insufficient data; one of the same name is replaced and keeps its state (PutMetricAlarm)."""
        self._alarms[alarm.name] = alarm
        self._states.setdefault(alarm.name, "INSUFFICIENT_DATA")

    def remove_alarm(self, name: str) -> None:
        self._alarms.pop(name, None)
        self._states.pop(name, None)

    @property
    def alarms(self) -> Mapping[str, AlarmSpec]:
        return self._alarms

    def alarm_state(self, name: str) -> AlarmState:
        """Raises KeyError when there is no such alarm."""
        return self._states[name]

    def _evaluate(self, alarm: AlarmSpec) -> AlarmState:
        newest = now_ms(self._env) - MINUTE
        values = [self._value(alarm, newest - MINUTE * back) for back in reversed(range(alarm.range))]
        points = [None if value is None else alarm.breaches(value) for value in values]
        return evaluate(points, alarm.periods, alarm.needed, alarm.treat_missing, self._states[alarm.name])

    def _value(self, alarm: AlarmSpec, minute: int) -> float | None:
        if alarm.measure != ERROR_RATE:
            return self._point(alarm.slot, alarm.measure, minute)
        requests, target, balancer = (
            self._point(alarm.slot, name, minute) for name in ("requests", "target_5xx", "elb_5xx")
        )
        total = (requests or 0.0) + (balancer or 0.0)
        return ((target or 0.0) + (balancer or 0.0)) / total if total else None

    def _point(self, slot: Slot, measure: str, minute: int) -> float | None:
        published, value = self._points.get((slot, measure), {}).get(minute, (0, None))
        return value if published <= now_ms(self._env) else None
