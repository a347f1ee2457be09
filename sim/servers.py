"""How a slot's machines answer a load: capacity, latency, and what is shed.

Each machine is an M/M/c queue fed with its even share of the load. Above its capacity it serves what it can, as
late as its queue is long, and sheds the rest (Erlang; field rule: throughput rises to capacity, then stays flat).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from math import exp

from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration
from sim.queueing import look_up
from sim.release import Release

COLLAPSED = 0.8
"""Share of requests that fail in a collapse, and how much longer the others take."""
COLLAPSED_LATENCY = 5.0

NO_LOAD = (0.693147, 2.302585, 2.995732, 4.605170, 1.0)
"""p50, p90, p95, p99 and mean of an exponential service time, in units of its mean."""


class ServerSpec(Spec):
    """One machine."""

    capacity: float = Field(200.0, gt=0)
    """Requests/s that it can serve at most, when warm."""
    service: PositiveDuration = parse_duration("50ms")
    """Mean time of one request when nothing waits."""
    queue: PositiveDuration = parse_duration("2s")
    """The longest wait before a request is shed: backlog limits differ, no vendor number applies."""

    @cached_property
    def workers(self) -> int:
        """How many requests it works on at once."""
        return max(1, round(self.capacity * self.service.total_seconds()))


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a load. Shares are of the load that reached machines; times are seconds."""

    utilisation: float  # offered load over capacity; above 1 is overload
    shed: float = 0.0  # share refused by full queues
    failed: float = 0.0  # share of the rest answered with HTTP 500
    slow: float = 0.0  # share of the served that took longer than asked
    latency: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0, 0.0)  # p50, p90, p95, p99, mean


def answer(spec: ServerSpec, release: Release, machines: float, load: float, slow: float) -> Answered:
    """What `machines` (a warming one counts less than 1) do with `load` requests/s; `slow` in seconds."""
    capacity = machines * spec.capacity / release.latency_factor
    if capacity <= 0:
        return Answered(utilisation=float(load > 0), shed=1.0)
    utilisation = load / capacity
    service = spec.workers / spec.capacity * release.latency_factor
    failed = release.error_rate
    if release.collapses(load, utilisation):
        failed, service = max(failed, COLLAPSED), service * COLLAPSED_LATENCY
    late, times = _times(spec, utilisation, service, slow)
    return Answered(
        utilisation, max(0.0, 1 - 1 / utilisation) if utilisation > 1 else 0.0, min(failed, 1.0), late, times
    )


def _times(spec: ServerSpec, utilisation: float, service: float, slow: float) -> tuple[float, tuple[float, ...]]:
    """The share slower than `slow`, and the response times, all in seconds."""
    queue = spec.queue / timedelta(seconds=1)
    longest = tuple(queue + service * time for time in NO_LOAD)
    if utilisation >= 1:
        return exp(-max(0.0, slow - queue) / service), longest
    *times, waiting = look_up(spec.workers, utilisation)
    slack = spec.workers * (1 - utilisation)
    if abs(slack - 1) < 1e-6:
        slack += 1e-5
    t = slow / service
    queued = (slack * exp(-t) - exp(-slack * t)) / (slack - 1)
    late = (1 - waiting) * exp(-t) + waiting * queued
    return late, tuple(min(service * time, most) for time, most in zip(times, longest, strict=True))
