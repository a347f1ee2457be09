"""How many requests users make: a base rate, a daily curve, spikes, and Poisson noise."""

from __future__ import annotations

from datetime import timedelta
from math import cos, pi

from numpy.random import Generator
from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, Share, parse_duration

DAY = timedelta(days=1)


class Spike(Spec):
    """For some time there are `factor` times as many requests."""

    at: Duration
    lasts: PositiveDuration
    factor: float = Field(gt=0)


class DemandSpec(Spec):
    """Requests per second of all users together."""

    rate: float = Field(1000.0, gt=0)
    """The mean over a day. It does not depend on the number of clients: their gaps do."""
    daily: Share = 0.0
    """How far the daily curve, a cosine, rises above the mean and falls below it. 0%: flat."""
    peak: Duration = parse_duration("20h")
    """When in the run's day (it begins at midnight) the curve is highest."""
    spikes: tuple[Spike, ...] = ()


class Demand:
    """Requests over time. `factor` is a knob for faults."""

    def __init__(self, spec: DemandSpec, rng: Generator) -> None:
        self.spec, self._rng = spec, rng
        self.factor = 1.0

    def rate(self, at: timedelta) -> float:
        """Requests per second expected at a time since the start."""
        rate = self.spec.rate * self.factor
        if self.spec.daily:
            rate *= 1 + self.spec.daily * cos(2 * pi * ((at - self.spec.peak) / DAY))
        for spike in self.spec.spikes:
            if spike.at <= at < spike.at + spike.lasts:
                rate *= spike.factor
        return rate

    def draw(self, at: timedelta, length: timedelta) -> int:
        """The number of requests in the time `length` that ends at `at`."""
        return int(self._rng.poisson(self.rate(at) * length.total_seconds()))
