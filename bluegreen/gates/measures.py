"""What is measured of a slot by the minute: error rates and latencies. No kind of its own."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import WithJsonSchema

from bluegreen.model import Observation, Query, Slot, query_of
from bluegreen.units import parse_duration, parse_share, show_duration, show_share

Measure = Literal["error_rate", "latency_avg", "latency_p50", "latency_p90", "latency_p95", "latency_p99"]
Amount = Annotated[float, WithJsonSchema({"type": "string", "examples": ["1%", "800ms"]})]
"""A percentage for error_rate, a length of time for latencies (seconds inside)."""


class Value(NamedTuple):
    """A slot's minute: the rate or the seconds, out of so many requests."""

    value: float
    requests: float


def queries_of(measure: Measure, slot: Slot) -> tuple[Query, ...]:
    """The series that a measure is made of."""
    parts = ("errors",) if measure == "error_rate" else (measure,)
    return tuple(query_of(part, slot) for part in ("requests", *parts))


def values_of(
    measure: Measure, slot: Slot, seen: Observation, min_requests: float, newest: int | None = None
) -> dict[datetime, Value]:
    """The minutes with at least so many requests, oldest first, or only so many of the newest. An error rate is errors
    (of targets and balancer) divided by requests, each a CloudWatch Sum over one minute."""
    errors = measure == "error_rate"
    values = {point.at: point.value for point in seen.points(query_of("errors" if errors else measure, slot))}
    found: dict[datetime, Value] = {}
    for point in reversed(seen.points(query_of("requests", slot))):
        at, requests = point.at, point.value
        if requests >= min_requests and (errors or at in values):
            # ELB reports error counts only when there are any: absent beside requests means zero.
            value = values.get(at, 0.0)
            found[at] = Value(value / requests if errors else value, requests)
            if len(found) == newest:
                break
    return dict(reversed(found.items()))


def parse_amount(text: object, measure: Any) -> float:
    """`1%` or `800ms`, as the measure has it. Raises ValueError."""
    if isinstance(text, float) and math.isfinite(text):  # read before: plans are written down like that
        return text
    if str(measure).startswith("latency"):
        return parse_duration(text).total_seconds()
    return parse_share(text)


@lru_cache(maxsize=256)
def show_amount(value: float, measure: Measure) -> str:
    """The opposite."""
    return show_share(value) if measure == "error_rate" else show_duration(timedelta(seconds=value))
