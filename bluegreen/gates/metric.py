"""Any CloudWatch metric, or metric math over several, must stay on one side of a limit."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from bluegreen.gates.base import MINUTE, Evidence
from bluegreen.gates.series import Judged, MinuteGate
from bluegreen.metricmath.formula import Formula
from bluegreen.model import Query, Slot, query_of
from bluegreen.registry import Spec, examples

Known = Literal[
    "requests", "errors", "healthy_hosts", "latency_avg", "latency_p50", "latency_p90", "latency_p95", "latency_p99"
]
Id = Annotated[str, Field(pattern=r"^[a-z]\w*$")]
BALANCERS = ("AWS/ApplicationELB", "AWS/ELB")
SLOT = "{slot}"


class Series(Spec):
    """One series: a known measure of a slot, or a CloudWatch metric by its names."""

    measure: Known | None = None
    namespace: str = ""
    metric: str = ""
    dimensions: dict[str, str] = {}
    """Values may hold {slot}, which becomes the slot's colour. Metrics of balancers have none here: they are those of
    the slot's balancer."""
    statistic: str = "Average"
    of: Literal["candidate", "live"] = "candidate"

    @model_validator(mode="after")
    def _one_or_the_other(self) -> Self:
        if (self.measure is None) == (not self.metric):
            raise ValueError("give either a measure (like requests, errors, latency_p99), or a namespace and a metric")
        if self.metric and not self.namespace:
            raise ValueError(f"metric {self.metric} needs its namespace, like AWS/SQS")
        if self.metric and (self.namespace in BALANCERS) == bool(self.dimensions):
            wrong = "has those of the slot's balancer; leave dimensions out" if self.dimensions else "needs dimensions"
            raise ValueError(f"{self.namespace} {self.metric} {wrong}")
        return self

    def query(self, live: Slot, candidate: Slot) -> Query:
        """What is read."""
        slot = candidate if self.of == "candidate" else live
        if self.measure is not None:
            return query_of(self.measure, slot)
        if not self.dimensions:
            return Query(self.metric, slot, self.namespace, statistic=self.statistic)
        dimensions = tuple((name, value.replace(SLOT, slot)) for name, value in self.dimensions.items())
        return Query(self.metric, None, self.namespace, dimensions, self.statistic)


class Metric(MinuteGate):
    """Judge the newest `periods` minutes in which the value exists: at least `failures` of them at the limit or beyond
    it fail.

    An expression is worked out here, minute by minute, as CloudWatch's metric math would: a missing series counts as
    0 beside one that exists, and a minute in which the result would be divided by zero, or in which all of it is
    missing, has no value. A minute without a value is no evidence. Whoever wants it to be, says so with FILL."""

    model_config = examples({"name": "p99", "metrics": {"p99": {"measure": "latency_p99"}}, "below": 0.8})

    kind: Literal["metric"] = "metric"
    name: Annotated[str, Field(min_length=1)]
    metrics: Annotated[dict[Id, Series], Field(min_length=1, max_length=10)]
    """By the names that the expression uses."""
    expression: str = ""
    """Default: the only metric itself."""
    below: float | None = None
    above: float | None = None

    @field_validator("expression")
    @classmethod
    def _can_be_read(cls, text: str) -> str:
        if text:
            _formula(text)
        return text

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.below is None) == (self.above is None):
            raise ValueError("give either below (the value must stay below it) or above")
        if not self.expression and len(self.metrics) > 1:
            raise ValueError(f"which of {', '.join(self.metrics)}? Give an expression")
        if not self.formula.names:
            raise ValueError("the expression is made of no metric")
        if unknown := [name for name in self.formula.names if name not in self.metrics]:
            raise ValueError(f"{', '.join(unknown)} in the expression is none of {', '.join(self.metrics)}")
        return self

    @cached_property
    def formula(self) -> Formula:
        """The expression, read."""
        return _formula(self.expression or next(iter(self.metrics)))

    @property
    def lookback(self) -> timedelta:
        return self.periods * MINUTE + self.max_age

    @property
    def decides_alone(self) -> bool:
        return not self.dry_run and any(self.metrics[name].of == "candidate" for name in self.formula.names)

    def series(self, live: Slot, candidate: Slot) -> tuple[Query, ...]:
        return tuple(dict.fromkeys(one.query(live, candidate) for one in self.metrics.values()))

    def minutes(self, evidence: Evidence) -> list[Judged]:
        limit = self.below if self.below is not None else self.above
        assert limit is not None, "one of the two is given"
        return [Judged(at, value, limit) for at, value in self._values(evidence)[-self.periods :]]

    def _values(self, evidence: Evidence) -> list[tuple[datetime, float]]:
        """The expression's value in each minute that has one, oldest first."""
        parts = {
            name: {p.at: p.value for p in evidence.seen.points(one.query(evidence.live, evidence.candidate))}
            for name, one in self.metrics.items()
            if name in self.formula.names
        }
        known = sorted({at for points in parts.values() for at in points})
        if not known:
            return []
        grid = [known[0] + MINUTE * k for k in range((known[-1] - known[0]) // MINUTE + 1)]
        values = self.formula({name: [points.get(at) for at in grid] for name, points in parts.items()})
        return [(at, value) for at, value in zip(grid, values, strict=True) if value is not None]

    def breaks(self, minute: Judged) -> bool:
        return minute.value >= minute.limit if self.below is not None else minute.value <= minute.limit

    def badness(self, minute: Judged) -> float:
        return minute.value if self.below is not None else -minute.value

    def show(self, value: float) -> str:
        return f"{value:.6g}"

    @property
    def what(self) -> str:
        return self.name


@lru_cache(256)
def _formula(text: str) -> Formula:
    return Formula(text)
