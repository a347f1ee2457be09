"""Samples out of a journal alone: what CloudWatch, Route 53 and Auto Scaling told the engine, minute by minute.

A real deployment has no world that could be sampled; what the engine read is all that is known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bluegreen.report.trace import Line, Numbers, Sample, Trace

_MINUTE = 60.0
_RATES = {"requests", "errors"}  # sums over a minute
_MEASURES = {*_RATES, "latency_p99"}

Minutes = dict[float, dict[str, dict[str, float]]]


def measured(trace: Trace) -> tuple[Sample, ...]:
    """One sample for each minute that CloudWatch knows, and for each look before and after those. Requests are told
    of slots only whose errors were asked for, too: else nobody knows how many of them failed."""
    minutes = _minutes(trace)
    judged = judged_slots(trace)
    first, last = min(minutes, default=0.0), max(minutes, default=0.0)
    times = {at for at, _ in trace.looks if not minutes or at < first or at > last}
    samples, weights, instances = [], dict[str, float](), dict[str, float]()
    looks = list(trace.looks)
    for at in sorted(times | set(minutes)):
        while looks and looks[0][0] <= at:
            seen = looks.pop(0)[1]
            weights = _weights(seen) or weights
            instances = _healthy(seen) or instances
        samples.append(_sample(at, minutes.get(at), weights, instances, judged))
    return tuple(samples)


def _minutes(trace: Trace) -> Minutes:
    """The end of a minute -> measure -> slot -> value. A later look knows better than an earlier one."""
    minutes: Minutes = {}
    for _, seen in trace.looks:
        for reading in seen.get("readings") or ():
            query = reading.get("query") or {}
            measure, slot = str(query.get("measure")), query.get("slot")
            if slot is None or measure not in _MEASURES:
                continue
            for point in reading.get("points") or ():
                end = (datetime.fromisoformat(point["at"]) - trace.start).total_seconds() + _MINUTE
                value = float(point["value"]) / (_MINUTE if measure in _RATES else 1)
                minutes.setdefault(end, {}).setdefault(measure, {})[str(slot)] = value
    return minutes


def judged_slots(trace: Trace) -> frozenset[str]:
    """The slots whose errors the engine asked for."""
    readings = (reading for _, seen in trace.looks for reading in seen.get("readings") or ())
    queries = (reading.get("query") or {} for reading in readings)
    return frozenset(str(query.get("slot")) for query in queries if query.get("measure") == "errors")


def _sample(
    at: float, minute: Mapping[str, Numbers] | None, weights: Numbers, instances: Numbers, judged: frozenset[str]
) -> Sample:
    found = minute or {}
    requests = found.get("requests", {})
    total = sum(requests.values())
    return Sample(
        at=at,
        length=_MINUTE if minute else 0.0,
        demand=total if requests else None,
        weights=weights,
        share={slot: rate / total for slot, rate in requests.items()} if total else {},
        requests={slot: rate for slot, rate in requests.items() if slot in judged},
        errors=found.get("errors", {}),
        latency=found.get("latency_p99", {}),
        instances=instances,
    )


def _weights(seen: Line) -> dict[str, float]:
    traffic: Any = seen.get("traffic") or {}
    return {str(slot): float(weight) for slot, weight in (traffic.get("weights") or {}).items()}


def _healthy(seen: Line) -> dict[str, float]:
    views = (seen.get("environments") or {}).items()
    return {str(slot): float(view["healthy"]) for slot, view in views if view and "healthy" in view}
