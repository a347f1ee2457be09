"""CloudWatch alarms: M out of N, with missing data (Amazon CloudWatch User Guide, configuring how alarms treat
missing data). The algorithm reproduces all rows of AWS's tables for every previous state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from bluegreen.model import Slot
from bluegreen.registry import Spec

AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
TreatMissing = Literal["missing", "ignore", "breaching", "notBreaching"]
Comparison = Literal[">", ">=", "<", "<="]

EXTRA_PERIODS = 2
"""How many periods beyond N are fetched. AWS's examples show 5 for N = 3; for other N it is unpublished."""


class AlarmSpec(Spec):
    """An alarm on one measure of one slot, in periods of a minute."""

    name: str
    slot: Slot
    measure: str
    threshold: float
    comparison: Comparison = ">"
    periods: int = Field(1, ge=1)
    """N, of which `datapoints` (M) must breach. Default: all."""
    datapoints: int | None = Field(None, ge=1)
    treat_missing: TreatMissing = "missing"

    @model_validator(mode="after")
    def _m_of_n(self) -> Self:
        if self.datapoints is not None and self.datapoints > self.periods:
            raise ValueError(f"{self.datapoints} of {self.periods} periods can never breach")
        return self

    @property
    def needed(self) -> int:
        return self.datapoints or self.periods

    @property
    def range(self) -> int:
        """How many periods are looked at."""
        return self.periods + EXTRA_PERIODS

    def breaches(self, value: float) -> bool:
        match self.comparison:
            case ">":
                return value > self.threshold
            case ">=":
                return value >= self.threshold
            case "<":
                return value < self.threshold
            case "<=":
                return value <= self.threshold


def evaluate(
    points: Sequence[bool | None], periods: int, needed: int, treat: TreatMissing, before: AlarmState
) -> AlarmState:
    """The alarm's state. `points` is the evaluation range, newest last: breaching or not, None for missing."""
    real = [point for point in points if point is not None]
    if len(real) >= periods:
        return "ALARM" if sum(real[-periods:]) >= needed else "OK"
    if not real:
        return _without_data(treat, before)
    breaching = sum(real)
    if treat == "breaching":
        breaching += periods - len(real)
    if treat in ("breaching", "notBreaching") or not all(real):
        return "ALARM" if breaching >= needed else "OK"
    # Only breaching points, fewer than N: premature unless the oldest is at least M periods old.
    oldest = len(points) - list(points).index(True)
    return "ALARM" if treat == "missing" and oldest >= needed else before


def _without_data(treat: TreatMissing, before: AlarmState) -> AlarmState:
    states: dict[TreatMissing, AlarmState] = {
        "missing": "INSUFFICIENT_DATA",
        "ignore": before,
        "breaching": "ALARM",
        "notBreaching": "OK",
    }
    return states[treat]
