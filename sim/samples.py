"""What the world tells about itself as it goes on: the lines of a trace that reports draw.

A sample covers the time since the one before it: `every` while something moves, up to a minute while nothing does.
Its numbers are kept as they are and become a line only when somebody reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bluegreen.model import Slot
from sim.clock import EPOCH
from sim.place import Place, Served

Sample = dict[str, Any]


@dataclass(slots=True)
class Sums:
    """One slot's part of a sample: sums over its time, and how the slot stands at its end."""

    requests: int = 0
    arrived: int = 0  # new ones, from users: without what waited before or is tried again
    errors: int = 0
    answered: int = 0
    slow: float = 0.0
    share: float = 0.0  # share of requests, times milliseconds
    p50: float = 0.0  # seconds, times answered requests
    p99: float = 0.0
    capacity: float = 0.0
    warm: float = 0.0
    desired: int = 0
    in_service: int = 0
    healthy: int = 0

    def add(self, share: float, done: Served, length: int) -> None:
        """One stretch of `length` ms."""
        answered = done.answered
        self.requests += done.requests
        self.arrived += done.arrived
        self.errors += done.errors
        self.answered += answered
        self.slow += done.slow
        self.share += share * length
        latency = done.latency
        self.p50 += answered * latency[0]
        self.p99 += answered * latency[3]

    def stand(self, place: Place) -> None:
        """How the slot stands now."""
        fleet = place.fleet
        self.capacity, self.warm = place.capacity, place.balancer.warm
        self.desired, self.in_service, self.healthy = fleet.desired, fleet.in_service, fleet.healthy


@dataclass(slots=True)
class Record:
    """One sample as it was taken. Times in ms."""

    at: int
    length: int
    weights: Mapping[Slot, int]
    answers: Mapping[Slot, float]
    staleness: Callable[[], float]
    slots: Mapping[Slot, Sums]
    page: int | None = None
    """Requests that got the page; None: there is no fallback."""
    unheard: int = 0
    """Requests that found no way to anybody: their users had no answer from DNS, or their zone is lost."""

    @property
    def stale(self) -> float:
        """`sim.clients.Clients.stale` at that time."""
        return self.staleness()

    def line(self) -> Sample:
        """JSON-ready. Rates are per second; a slot that answered nothing has no latency."""
        seconds, sums = max(1, self.length) / 1000, self.slots

        def each(value: Callable[[Sums], float]) -> dict[str, float]:
            return {str(slot): short(value(sums[slot])) for slot in Slot}

        def latency(value: Callable[[Sums], float]) -> dict[str, float]:
            return {str(slot): short(value(sums[slot]) / sums[slot].answered) for slot in Slot if sums[slot].answered}

        return {
            "kind": "sample",
            "at": (EPOCH + timedelta(milliseconds=self.at)).isoformat(),
            "seconds": seconds,
            "weights": {str(slot): weight for slot, weight in self.weights.items()},
            "answers": {str(slot): short(share) for slot, share in self.answers.items()},
            "stale": short(self.stale),
            "share": each(lambda s: s.share / max(1, self.length)),
            "demand": short((sum(s.arrived for s in sums.values()) + (self.page or 0) + self.unheard) / seconds),
            **({} if self.page is None else {"page": short(self.page / seconds)}),
            **({"unheard": short(self.unheard / seconds)} if self.unheard else {}),
            "requests": each(lambda s: s.requests / seconds),
            "errors": each(lambda s: s.errors / seconds),
            "slow": each(lambda s: s.slow / seconds),
            "latency_p50": latency(lambda s: s.p50),
            "latency_p99": latency(lambda s: s.p99),
            "capacity": each(lambda s: s.capacity),
            "instances": {str(slot): _instances(sums[slot]) for slot in Slot},
            "balancer": each(lambda s: s.warm),
        }


def short(value: float) -> float:
    """Six significant digits."""
    return float(f"{value:.6g}")


def _instances(sums: Sums) -> dict[str, int]:
    return {"desired": sums.desired, "in_service": sums.in_service, "healthy": sums.healthy}
