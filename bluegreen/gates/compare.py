"""The candidate beside live, in the same minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from bluegreen.gates.base import MINUTE, Evidence
from bluegreen.gates.measures import Amount, Measure, parse_amount, queries_of, show_amount, values_of
from bluegreen.gates.series import Judged, MinuteGate
from bluegreen.model import Judgement, Query, Slot
from bluegreen.registry import examples
from bluegreen.units import show_share


class Compare(MinuteGate):
    """Judge the newest `periods` minutes in which both slots have at least `min_requests` requests. A minute's limit is
    `ratio` times what live had in it, plus `difference`: what is slow or broken for both is not the candidate's fault.
    When live has no weight any more, this gate decides nothing."""

    model_config = examples(
        {"measure": "error_rate", "difference": "1%"},
        {"measure": "latency_p99", "ratio": 1.5, "difference": "50ms"},
    )

    kind: Literal["compare"] = "compare"
    measure: Measure
    ratio: Annotated[float, Field(ge=1, le=1000)] = 1.0
    difference: Amount = 0.0
    """A percentage (in points) for error_rate, a length of time for latencies."""
    min_requests: Annotated[int, Field(ge=1)] = 100

    @model_validator(mode="before")
    @classmethod
    def _name_from_measure(cls, data: Any) -> Any:
        named = isinstance(data, dict) and "measure" in data
        return {"name": f"{data['measure']} against live", **data} if named else data

    @field_validator("difference", mode="before")
    @classmethod
    def _difference_of_measure(cls, text: object, info: Any) -> float:
        return parse_amount(text, info.data.get("measure"))

    @model_validator(mode="after")
    def _bears_something(self) -> Self:
        if self.ratio == 1 and self.difference == 0:
            raise ValueError("equal slots differ by chance every minute: give a ratio above 1, a difference, or both")
        return self

    @property
    def lookback(self) -> timedelta:
        return self.periods * MINUTE + self.max_age

    @property
    def decides_alone(self) -> bool:
        return False

    def series(self, live: Slot, candidate: Slot) -> tuple[Query, ...]:
        return (*queries_of(self.measure, candidate), *queries_of(self.measure, live))

    def verdict(self, evidence: Evidence) -> Judgement:
        return self.beside_live(super().verdict(evidence), evidence)

    def minutes(self, evidence: Evidence) -> list[Judged]:
        ours = values_of(self.measure, evidence.candidate, evidence.seen, self.min_requests)
        theirs = values_of(self.measure, evidence.live, evidence.seen, self.min_requests)
        both = [at for at in ours if at in theirs][-self.periods :]
        return [self._judged(at, ours[at].value, theirs[at].value, evidence.live) for at in both]

    def _judged(self, at: Any, ours: float, theirs: float, live: Slot) -> Judged:
        parts = f"{live}'s {self.show(theirs)}"
        parts = f"{self.ratio:g} times {parts}" if self.ratio != 1 else parts
        parts = f"{parts} + {self.show(self.difference)}" if self.difference else parts
        return Judged(at, ours, self.ratio * theirs + self.difference, f" ({parts})")

    def breaks(self, minute: Judged) -> bool:
        return minute.value > minute.limit

    def show(self, value: float) -> str:
        return show_share(value) if self.measure == "error_rate" else show_amount(round(value, 3), self.measure)

    @property
    def what(self) -> str:
        return self.measure

    @property
    def countable(self) -> str:
        return f"minutes with {self.min_requests} requests or more on both slots"
