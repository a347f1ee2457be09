"""How many requests users make: a base rate or a recorded one, daily and weekly curves, spikes, ramps, Poisson noise.

Counts of separate stretches are independent, and their means are exact integrals of the rate, so it does not matter
how time is cut.
"""

from __future__ import annotations

from bisect import bisect_right
from math import cos, inf, pi, sqrt
from pathlib import Path
from typing import Annotated, Self

from numpy.random import Generator
from pydantic import Field, model_validator

from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, Share, parse_duration
from sim.clock import EPOCH, ms
from sim.impatience import ImpatienceSpec
from sim.recorded import read_recorded

DAY = 86_400.0
NEVER = 2**62
LONGEST = 60_000
"""Milliseconds: in pieces of this length the curves are so straight that two points give their integral to about 13
digits (Gauss, Legendre)."""
_NODE = sqrt(1 / 3)
_STEPS = 20


class Spike(Spec):
    """For some time there are `factor` times as many requests."""

    at: Duration
    lasts: PositiveDuration
    """From its beginning to its end, with the rise and the fall."""
    factor: float = Field(gt=0)
    rise: Duration = parse_duration("0s")
    """How long it takes to get there, in a straight line. 0s: at once."""
    fall: Duration = parse_duration("0s")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.rise + self.fall > self.lasts:
            raise ValueError("a spike's rise and fall must fit into the time it lasts")
        return self

    def knots(self) -> list[tuple[float, float]]:
        """Milliseconds and factors, between which it goes straight; at one moment the last counts from there on."""
        begin, end = ms(self.at), ms(self.at + self.lasts)
        return [(begin, 1.0), (begin + ms(self.rise), self.factor), (end - ms(self.fall), self.factor), (end, 1.0)]


class Ramp(Spec):
    """From some time on there are more requests, or fewer, for good: `factor` times as many at the end."""

    at: Duration
    takes: PositiveDuration
    factor: float = Field(gt=0)

    def knots(self) -> list[tuple[float, float]]:
        """As of a spike."""
        return [(ms(self.at), 1.0), (ms(self.at + self.takes), self.factor)]


class DemandSpec(Spec):
    """Requests per second of all users together."""

    rate: float = Field(1000.0, gt=0)
    """The mean over a day. It does not depend on the number of clients: their gaps do."""
    daily: Share = 0.0
    """How far the daily curve, a cosine, rises above the mean and falls below it. 0%: flat."""
    peak: Duration = parse_duration("20h")
    """When in the run's day (it begins at midnight) the curve is highest."""
    weekly: tuple[Annotated[float, Field(gt=0)], ...] = Field((), min_length=0, max_length=7)
    """Seven factors, Monday's first: each holds at noon, and between two noons it goes straight. A run begins on a
    Tuesday. Not given: all days are alike."""
    spikes: tuple[Spike, ...] = ()
    ramps: tuple[Ramp, ...] = ()
    recorded: Path | None = None
    """A CSV file with the columns `seconds` or `time` (ISO 8601), and `rate`: it takes the place of rate, daily and
    weekly. Spikes and ramps come on top."""
    impatience: ImpatienceSpec = ImpatienceSpec()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(self.weekly) not in (0, 7):
            raise ValueError(f"weekly needs seven factors, one for each day, not {len(self.weekly)}")
        if self.recorded is not None and {"rate", "daily", "weekly"} & self.model_fields_set:
            raise ValueError("recorded demand takes the place of rate, daily and weekly: leave them out")
        return self


class Demand:
    """Requests over time. Times are milliseconds since the start. Raises UserError for a recording that is wrong."""

    def __init__(self, spec: DemandSpec, rng: Generator) -> None:
        self.spec, self._rng = spec, rng
        self.factor = 1.0
        """A knob for faults."""
        bumps: list[Spike | Ramp] = [*spec.spikes, *spec.ramps]
        self._bumps = [_Line(tuple(at for at, _ in b.knots()), tuple(f for _, f in b.knots())) for b in bumps]
        self._base: _Line | None = None
        if spec.recorded is not None:
            seconds, rates = read_recorded(spec.recorded)
            self._base = _Line(tuple(1000 * at for at in seconds), rates)
        first = (EPOCH.weekday() - 0.5) * DAY * 1000  # of the run's start, since Monday's noon
        noons = tuple(day * DAY * 1000 - first for day in range(15))
        self._weekly = _Line(noons, (spec.weekly * 3)[:15]) if spec.weekly else None
        self._curved = bool(spec.daily)
        self._breaks = sorted({at for bump in self._bumps for at in bump.breaks()})
        self._kinks = sorted({*self._breaks, *(self._base.at if self._base else ())})

    @property
    def mean_rate(self) -> float:
        """Requests per second over a long time, without spikes and ramps."""
        if self._base is None:
            return self.spec.rate
        return self._base.mean()

    def rate(self, at_ms: float) -> float:
        """Requests per second expected at a time."""
        spec = self.spec
        rate = self.factor * (spec.rate if self._base is None else self._base.value(at_ms))
        if spec.daily:
            rate *= 1 + spec.daily * cos(2 * pi * (at_ms / 1000 - spec.peak.total_seconds()) / DAY)
        if self._weekly:
            rate *= self._weekly.value(at_ms % (7 * DAY * 1000))
        for bump in self._bumps:
            rate *= bump.value(at_ms)
        return rate

    def expected(self, at_ms: int, length_ms: int) -> float:
        """Requests expected in the `length_ms` from `at_ms` on: the integral of the rate."""
        end = at_ms + length_ms
        if not (self._bumps or self._curved or self._weekly or self._base):
            return self.spec.rate * self.factor * length_ms / 1000
        total, begin = 0.0, float(at_ms)
        while begin < end:
            until = min(end, begin + LONGEST, self._next_kink(begin))
            middle, half = (begin + until) / 2, (until - begin) / 2
            reach = half * _NODE
            total += half * (self.rate(middle - reach) + self.rate(middle + reach))
            begin = until
        return total / 1000

    def draw(self, at_ms: int, length_ms: int) -> int:
        """How many requests come in the `length_ms` from `at_ms` on."""
        return int(self._rng.poisson(self.expected(at_ms, length_ms)))

    def next_break(self, at_ms: int) -> int:
        """The next moment after `at_ms` at which the rate jumps, or went so far along a ramp that it matters."""
        breaks = self._breaks
        place = bisect_right(breaks, at_ms)
        return int(breaks[place]) if place < len(breaks) else NEVER

    def _next_kink(self, at: float) -> float:
        place = bisect_right(self._kinks, at)
        kink = self._kinks[place] if place < len(self._kinks) else inf
        if self._weekly:
            half = DAY * 500
            kink = min(kink, ((at - half) // (2 * half) + 1) * 2 * half + half)
        return kink


class _Line:
    """Values along straight lines between knots, and constant outside. Times in milliseconds, ascending; of two
    knots at one moment the second counts from there on."""

    def __init__(self, at: tuple[float, ...], values: tuple[float, ...]) -> None:
        self.at, self._values = at, values

    def value(self, at: float) -> float:
        times, values = self.at, self._values
        after = bisect_right(times, at)
        if after == 0 or after == len(times):
            return values[after - 1] if after else values[0]
        before = times[after - 1]
        part = (at - before) / (times[after] - before)
        return values[after - 1] + part * (values[after] - values[after - 1])

    def breaks(self) -> list[int]:
        """Its knots, and the steps into which a slope is cut: whole milliseconds, not finer than a second."""
        found = {int(at) for at in self.at}
        for begin, end, low, high in self._pieces():
            steps = min(_STEPS, int((end - begin) // 1000)) if low != high else 0
            found |= {int(begin + (end - begin) * k / steps) for k in range(1, steps)}
        return sorted(found)

    def mean(self) -> float:
        """Over the time from the first knot to the last."""
        area = sum((end - begin) * (low + high) / 2 for begin, end, low, high in self._pieces())
        return area / (self.at[-1] - self.at[0])

    def _pieces(self) -> list[tuple[float, float, float, float]]:
        return list(zip(self.at, self.at[1:], self._values, self._values[1:], strict=False))
