"""A measure of the candidate must stay below a limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from bluegreen.gates.base import MINUTE, Evidence
from bluegreen.gates.measures import Amount, Measure, parse_amount, queries_of, show_amount, values_of
from bluegreen.gates.series import Judged, MinuteGate
from bluegreen.model import Query, Slot
from bluegreen.registry import examples


class Threshold(MinuteGate):
    """Judge the newest `periods` minutes that have at least `min_requests` requests: at least `failures` of them at or
    above the limit fail. An error rate is errors (of targets and balancer) divided by requests."""

    model_config = examples(
        {"measure": "error_rate", "below": "1%"},
        {"measure": "latency_p99", "below": "800ms"},
        {"measure": "error_rate", "below": "1%", "periods": 5, "failures": 4},
    )

    kind: Literal["threshold"] = "threshold"
    measure: Measure
    below: Amount
    """The limit: a percentage for error_rate, a length of time for latencies (seconds inside)."""
    min_requests: Annotated[int, Field(ge=1)] = 100

    @model_validator(mode="before")
    @classmethod
    def _name_from_measure(cls, data: Any) -> Any:
        return {"name": data["measure"], **data} if isinstance(data, dict) and "measure" in data else data

    @field_validator("below", mode="before")
    @classmethod
    def _limit_of_measure(cls, text: object, info: Any) -> float:
        return parse_amount(text, info.data.get("measure"))

    @property
    def lookback(self) -> timedelta:
        return self.periods * MINUTE + self.max_age

    def series(self, live: Slot, candidate: Slot) -> tuple[Query, ...]:
        return queries_of(self.measure, candidate)

    def minutes(self, evidence: Evidence) -> list[Judged]:
        found = values_of(self.measure, evidence.candidate, evidence.seen, self.min_requests, newest=self.periods)
        return [Judged(at, value.value, self.below) for at, value in found.items()]

    def show(self, value: float) -> str:
        return show_amount(value, self.measure)

    @property
    def what(self) -> str:
        return self.measure

    @property
    def countable(self) -> str:
        return f"minutes with {self.min_requests} requests or more"
