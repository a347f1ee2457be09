"""What the world tells about itself, every `sample`: the lines of a trace that reports draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from bluegreen.model import Slot
from sim.place import Place, Served

Sample = dict[str, Any]


@dataclass(slots=True)
class _Sums:
    requests: int = 0
    errors: int = 0
    answered: int = 0
    slow: float = 0.0
    share: float = 0.0
    p50: float = 0.0
    p99: float = 0.0


@dataclass(slots=True)
class Sampler:
    """Sums over one sample's interval."""

    sums: dict[Slot, _Sums] = field(default_factory=lambda: {slot: _Sums() for slot in Slot})
    ticks: int = 0
    demand: int = 0

    def add(self, share: Mapping[Slot, float], served: Mapping[Slot, Served]) -> None:
        """One tick."""
        self.ticks += 1
        for slot, done in served.items():
            sums = self.sums[slot]
            answered = done.answered
            self.demand += done.requests
            sums.requests += done.requests
            sums.errors += done.errors
            sums.answered += answered
            sums.slow += done.slow
            sums.share += share[slot]
            sums.p50 += answered * done.latency[0]
            sums.p99 += answered * done.latency[3]

    def finish(self, tick: timedelta, places: Mapping[Slot, Place]) -> Sample:
        """The averages, and begin anew. Rates are per second; a slot that answered nothing has no latency."""
        ticks, sums = max(1, self.ticks), self.sums
        seconds = ticks * tick.total_seconds()

        def each(value: Callable[[_Sums], float]) -> dict[str, float]:
            return {str(slot): short(value(sums[slot])) for slot in Slot}

        def latency(value: Callable[[_Sums], float]) -> dict[str, float]:
            return {str(slot): short(value(sums[slot]) / sums[slot].answered) for slot in Slot if sums[slot].answered}

        sample: Sample = {
            "share": each(lambda s: s.share / ticks),
            "demand": short(self.demand / seconds),
            "requests": each(lambda s: s.requests / seconds),
            "errors": each(lambda s: s.errors / seconds),
            "slow": each(lambda s: s.slow / seconds),
            "latency_p50": latency(lambda s: s.p50),
            "latency_p99": latency(lambda s: s.p99),
            "capacity": {str(slot): short(place.capacity) for slot, place in places.items()},
            "instances": {str(slot): _instances(place) for slot, place in places.items()},
            "balancer": {str(slot): short(place.balancer.warm) for slot, place in places.items()},
        }
        self.sums, self.ticks, self.demand = {slot: _Sums() for slot in Slot}, 0, 0
        return sample


def short(value: float) -> float:
    """Six significant digits."""
    return float(f"{value:.6g}")


def _instances(place: Place) -> dict[str, int]:
    fleet = place.fleet
    return {"desired": fleet.desired, "in_service": fleet.in_service, "healthy": fleet.healthy}
