"""How a slot's machines answer a load: capacity, latency, and what waits or is lost.

Each machine is a queue with several workers, fed with its even share of the load: exactly M/M/c in the steady range
(Erlang C, through tables), by default. What comes above capacity waits (`sim.backlog`) and is late, and when the
queue is full it is shed (field rule: throughput rises to capacity, then stays flat).
"""

from __future__ import annotations

from math import exp, log
from typing import Self

from pydantic import Field, model_validator

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration
from sim.queueing import FULLEST, look_up, service_tail, table

COLLAPSED = 0.8
"""Share of requests that fail in a collapse, and how much longer the others take."""
COLLAPSED_LATENCY = 5.0

Latency = tuple[float, float, float, float, float]
"""Response times in seconds: p50, p90, p95, p99, mean."""

Waits = tuple[tuple[float, float, float], ...]
"""As in `sim.backlog.Flow`."""


class ServerSpec(Spec):
    """One machine."""

    capacity: float = Field(200.0, gt=0)
    """Requests/s that it can serve at most, when warm."""
    service: PositiveDuration = parse_duration("50ms")
    """Mean time of one request when nothing waits."""
    workers: int | None = Field(None, ge=1)
    """How many requests it works on at once. Not given: capacity x service, rounded. Given: a request takes
    workers / capacity, and `service` may not be given too."""
    arrivals_vary: float = Field(1.0, ge=0)
    """Squared coefficient of variation of the gaps between requests. 1: Poisson."""
    service_varies: float = Field(1.0, ge=0)
    """The same of service times. 1: exponential; 0: all alike. Other than 1: log-normal (assumed)."""
    queue: PositiveDuration = parse_duration("2s")
    """The longest wait before a request is shed: backlog limits differ, no vendor number applies."""
    wasted: bool = True
    """It works on for clients who have given up waiting. Assumed: most servers do not notice in time."""
    check_timeout: PositiveDuration = parse_duration("5s")
    """A health check that waits longer fails: 5 s in the guide (ALB target group health checks), 6 s in the API's
    model."""
    price: float | None = Field(None, ge=0)
    """Of one machine for an hour, in a currency of yours: give your own. Not given: a run tells machine-hours only."""

    @model_validator(mode="after")
    def _two_of_three(self) -> Self:
        if self.workers is not None and "service" in self.model_fields_set:
            raise ValueError("of capacity, service and workers two are enough: leave out service or workers")
        return self

    @property
    def parallel(self) -> int:
        """How many requests it works on at once."""
        return self.workers or max(1, round(self.capacity * self.service.total_seconds()))

    @property
    def service_s(self) -> float:
        """Mean service time in seconds that goes with its workers and capacity."""
        return self.parallel / self.capacity

    def sized(self, factor: float) -> Self:
        """A machine `factor` times as large: capacity, workers and price grow alike, a request takes as long as
        before. Raises ValueError when its workers would not be a whole number."""
        workers = self.parallel * factor
        if abs(workers - round(workers)) > 1e-9 or round(workers) < 1:
            raise ValueError(f"{self.parallel} workers times {factor:g} is not a whole number of workers")
        price = None if self.price is None else self.price * factor
        given = self.model_dump(exclude={"service"}, exclude_unset=True)
        sizes = {"capacity": self.capacity * factor, "workers": round(workers), "price": price}
        return self.model_validate({**given, **sizes})


class Servers:
    """How long the machines of one kind take."""

    def __init__(self, spec: ServerSpec) -> None:
        self.service = spec.service_s
        self._queue = spec.queue.total_seconds()
        self._cs2 = spec.service_varies
        self._workers = spec.parallel
        self._rows = table(spec.parallel, spec.arrivals_vary, spec.service_varies)
        self._no_load = self._rows[0][:5]
        self._ends = 2 / max(spec.arrivals_vary + spec.service_varies, 1e-9)

    def steady(self, utilisation: float, service: float, slow: float) -> tuple[float, Latency]:
        """Nothing is left over from before, and less comes than can be served. Returns the share that takes longer
        than `slow`, and the response times. `service`: mean service time; all in seconds."""
        p50, p90, p95, p99, mean, waiting = look_up(self._rows, utilisation)
        latency = (p50 * service, p90 * service, p95 * service, p99 * service, mean * service)
        if p99 * service > self._queue:
            latency = self._bounded(latency, service)
        t = slow / service
        slack = self._workers * (1 - (utilisation if utilisation < FULLEST else FULLEST)) * self._ends
        if self._cs2 != 1:
            return self._late_otherwise(t, waiting, slack), latency
        if -1e-6 < slack - 1 < 1e-6:
            slack += 1e-5
        late = exp(-t)
        return late + waiting * ((slack * late - exp(-slack * t)) / (slack - 1) - late), latency

    def crowded(self, waits: Waits, utilisation: float, service: float, slow: float) -> tuple[float, Latency]:
        """The same when `waits` for what was left over come first. Chance makes at least the waits of the steady
        state."""
        late, steady = self.steady(min(utilisation, FULLEST), service, slow)
        spread = [_wait_at(waits, share) for share in (0.5, 0.9, 0.95, 0.99)]
        total = sum(seconds for seconds, _, _ in waits)
        spread.append(sum(seconds * (low + high) / 2 for seconds, low, high in waits) / total)
        times = [wait + service * alone for wait, alone in zip(spread, self._no_load, strict=True)]
        p50, p90, p95, p99, mean = map(max, times, steady)
        middles = ((seconds / 5, low + (high - low) * (k + 0.5) / 5) for seconds, low, high in waits for k in range(5))
        queued = sum(part * service_tail((slow - wait) / service, self._cs2) for part, wait in middles) / total
        return max(late, queued), (p50, p90, p95, p99, mean)

    def _bounded(self, latency: Latency, service: float) -> Latency:
        """Nobody waits longer than the queue is."""
        p50, p90, p95, p99, mean = (
            min(time, self._queue + service * alone) for time, alone in zip(latency, self._no_load, strict=True)
        )
        return p50, p90, p95, p99, mean

    def _late_otherwise(self, t: float, waiting: float, slack: float) -> float:
        """P(response > t) for service times that are not exponential; a wait is cut in steps."""
        late, steps = service_tail(t, self._cs2), 20
        waits = (-log((k + 0.5) / steps) / slack for k in range(steps))
        queued = sum(service_tail(t - wait, self._cs2) for wait in waits) / steps
        return (1 - waiting) * late + waiting * queued


def _wait_at(waits: Waits, share: float) -> float:
    """The wait that `share` of the time is not exceeded."""
    left = share * sum(seconds for seconds, _, _ in waits)
    for seconds, low, high in waits:
        if left <= seconds and seconds > 0:
            return low + (high - low) * left / seconds
        left -= seconds
    return waits[-1][2]
