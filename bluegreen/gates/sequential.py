"""Is the candidate's error rate proven to be too high, or proven not to be? May be asked as often as one likes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from bluegreen.gates.proportion import ProportionGate
from bluegreen.model import Observation, Query, Slot, query_of
from bluegreen.registry import examples


class Sequential(ProportionGate):
    """Errors (5xx of targets and balancer) out of requests. The test is in `bluegreen/statistics/sequential.py`."""

    model_config = examples({"below": "1%"}, {"difference": "0.5%"})

    kind: Literal["sequential"] = "sequential"
    name: str = "errors, sequential"

    @property
    def what(self) -> str:
        return "failed"

    def series(self, live: Slot, candidate: Slot) -> tuple[Query, ...]:
        slots = (candidate, live) if self.compares else (candidate,)
        return tuple(query_of(measure, slot) for slot in slots for measure in ("requests", "errors"))

    def tally(self, slot: Slot, seen: Observation) -> Mapping[datetime, tuple[int, int]]:
        errors = {point.at: round(point.value) for point in seen.points(query_of("errors", slot))}
        requests = {point.at: round(point.value) for point in seen.points(query_of("requests", slot))}
        return {at: (count, min(errors.get(at, 0), count)) for at, count in requests.items()}
