"""Is the share of slow requests proven to be too high, or proven not to be? May be asked as often as one likes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from bluegreen.gates.proportion import ProportionGate
from bluegreen.model import Observation, Query, Slot
from bluegreen.registry import examples
from bluegreen.units import PositiveDuration, show_duration


class SequentialLatency(ProportionGate):
    """Answers that took longer than `limit`, out of all answers: "p99 below 800 ms" is limit 800ms, below 1%.
    CloudWatch counts them: the statistic trimmed count, TC(0.8:), of the balancer's response times, beside their
    SampleCount (Amazon CloudWatch User Guide, statistics definitions: the lower bound is exclusive). A percentile by
    itself could not be tested, since it does not tell of how many requests it is."""

    model_config = examples({"limit": "800ms", "below": "1%"}, {"limit": "250ms", "difference": "1%"})

    kind: Literal["sequential_latency"] = "sequential_latency"
    name: str = "latency, sequential"
    limit: PositiveDuration

    @property
    def what(self) -> str:
        return f"took longer than {show_duration(self.limit)}"

    def series(self, live: Slot, candidate: Slot) -> tuple[Query, ...]:
        slots = (candidate, live) if self.compares else (candidate,)
        return tuple(query for slot in slots for query in (answered(slot), slower(slot, self.limit)))

    def tally(self, slot: Slot, seen: Observation) -> Mapping[datetime, tuple[int, int]]:
        slow = {point.at: round(point.value) for point in seen.points(slower(slot, self.limit))}
        counts = {point.at: round(point.value) for point in seen.points(answered(slot))}
        # Whether CloudWatch has a point with the value 0, or none, where nothing was slow: both mean zero here.
        return {at: (count, min(slow.get(at, 0), count)) for at, count in counts.items()}


def answered(slot: Slot) -> Query:
    """How many requests a target answered."""
    return Query("latency", slot, statistic="SampleCount")


def slower(slot: Slot, limit: timedelta) -> Query:
    """How many of them took longer than `limit`."""
    return Query("latency", slot, statistic=f"TC({limit.total_seconds():.10g}:)")
