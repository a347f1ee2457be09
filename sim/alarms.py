"""CloudWatch alarms: what they watch, and M out of N with missing data (Amazon CloudWatch User Guide, configuring how
alarms treat missing data). The evaluation reproduces all rows of AWS's tables for every previous state."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Literal, Self

from pydantic import Field, model_validator

from bluegreen.metricmath.formula import Formula
from bluegreen.model import Slot
from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration
from sim.cloudwatch.measures import DERIVED, percentile, source
from sim.cloudwatch.rules import Rule

AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
TreatMissing = Literal["missing", "ignore", "breaching", "notBreaching"]
Comparison = Literal[">", ">=", "<", "<="]
Premature = Literal["keep", "insufficient_data", "ok"]

MOST_METRICS = 10
"""An expression that an alarm watches has at most so many metrics."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
DAY, WEEK = timedelta(days=1), timedelta(days=7)

COMPARE: Mapping[Comparison, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class EvaluationSpec(Spec):
    """What AWS leaves open about missing data; the alarms of target tracking are no others."""

    extra_periods: int = Field(2, ge=0)
    """How many periods beyond N an alarm looks back for data. AWS's examples show 5 for N = 3; for other N it is
    unpublished."""
    premature: Premature = "keep"
    """The state of an alarm that treats missing data as `missing` and sees only a few breaching points, all of them
    younger than M periods. AWS says that it does not go to ALARM, and no more: assumed is that it stays as it is. A
    table of 2018 said INSUFFICIENT_DATA."""


ASSUMED = EvaluationSpec()
"""Where nobody says otherwise."""


class MetricSpec(Spec):
    """A series that an alarm's expression is made of."""

    slot: Slot
    measure: str
    statistic: str | None = None

    @model_validator(mode="after")
    def _measured(self) -> Self:
        source(self.measure, self.statistic)
        return self


class AlarmSpec(Spec):
    """An alarm on one measure of one slot, on an `expression` over measures, or, with a `rule`, on other alarms."""

    name: str = Field(min_length=1, max_length=255)
    slot: Slot | None = None
    measure: str | None = None
    statistic: str | None = None
    """Sum, Average, Minimum, Maximum, SampleCount or a percentile like p99; unset: the measure's natural one."""
    expression: str | None = None
    """Metric math over the slot's measures by name, and over `metrics`: (target_5xx + elb_5xx) / requests."""
    dimensions: dict[str, str] = {}
    """What it names instead of its slot's balancer, like {LoadBalancer: app/shop-bleu/0123456789abcdef}: nobody
    publishes that, so it never gets data."""
    metrics: dict[str, MetricSpec] = {}
    """Further names for the expression."""
    rule: str | None = None
    """Of a composite alarm: ALARM(a) AND NOT ALARM(b). The alarms that it names must have been made before."""
    threshold: float | None = None
    comparison: Comparison = ">"
    period: PositiveDuration = parse_duration("60s")
    """The length of one data point; the window slides every minute."""
    periods: int = Field(1, ge=1)
    """N, of which `datapoints` (M) must breach. Default: all."""
    datapoints: int | None = Field(None, ge=1)
    treat_missing: TreatMissing = "missing"
    actions: tuple[str, ...] = ()
    """ARNs of what goes off with it. Nothing does here: told, for those who must know."""
    low_samples: Literal["evaluate", "ignore"] = "evaluate"
    """ignore: a percentile of too few samples leaves the state as it is."""

    @model_validator(mode="after")
    def _watches_one_thing(self) -> Self:
        if sum(what is not None for what in (self.measure, self.expression, self.rule)) != 1:
            raise ValueError("an alarm watches a measure, an expression, or other alarms by a rule: one of the three")
        if self.rule is not None:
            if strange := sorted(self.model_fields_set - {"name", "rule", "actions"}):
                raise ValueError(f"an alarm with a rule has no {', '.join(strange)}")
            assert self.rules, "read: raises where it cannot"
            return self
        if self.threshold is None:
            raise ValueError("an alarm needs a threshold")
        if self.slot is None and (self.measure is not None or set(self._formula_names()) - set(self.metrics)):
            raise ValueError("an alarm on measures needs a slot")
        return self

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        if self.measure is not None and self.measure not in DERIVED:
            source(self.measure, self.statistic)
        elif self.statistic is not None:
            raise ValueError("a statistic belongs to a measure; an expression has none of its own")
        if self.metrics and self.expression is None:
            raise ValueError("metrics are for an expression")
        if self.dimensions and (self.measure is None or self.measure in DERIVED):
            raise ValueError("dimensions are for an alarm on one measure that CloudWatch has")
        for name in self._formula_names():
            if name not in self.metrics and name not in DERIVED:
                source(name)
        if self.expression is not None and len(set(self._formula_names()) | set(self.metrics)) > MOST_METRICS:
            raise ValueError(f"an expression that an alarm watches has at most {MOST_METRICS} metrics")
        if self.low_samples == "ignore" and self.percent is None:
            raise ValueError("low_samples is for percentiles")
        return self

    @model_validator(mode="after")
    def _m_of_n(self) -> Self:
        if self.datapoints is not None and self.datapoints > self.periods:
            raise ValueError(f"{self.datapoints} of {self.periods} periods can never breach")
        if self.period % MINUTE:
            raise ValueError(
                f"a period is a multiple of 60s, not {self.period}: 10, 20 and 30 s are for one's own metrics in high "
                "resolution, which the world has not"
            )
        if self.window > (WEEK if self.period >= HOUR else DAY):
            raise ValueError(f"{self.periods} periods of {self.period}: at most a day, or 7 days in periods of hours")
        return self

    def _formula_names(self) -> tuple[str, ...]:
        return self.formula.names if self.formula else ()

    @property
    def formula(self) -> Formula | None:
        """The expression, read."""
        return None if self.expression is None else _formula(self.expression)

    @property
    def rules(self) -> Rule | None:
        """The rule, read."""
        return None if self.rule is None else _rule(self.rule)

    @property
    def window(self) -> timedelta:
        """N x period: what is judged when nothing is missing."""
        return self.periods * self.period

    @property
    def needed(self) -> int:
        return self.datapoints or self.periods

    @property
    def percent(self) -> float | None:
        """The percentile that is watched, from 0 to 100."""
        if self.measure is None or self.measure in DERIVED:
            return None
        return percentile(source(self.measure, self.statistic).statistic)

    def breaches(self, value: float) -> bool:
        assert self.threshold is not None, f"{self.name} is composite"
        return COMPARE[self.comparison](value, self.threshold)


@lru_cache(256)
def _formula(text: str) -> Formula:
    return Formula(text)


@lru_cache(256)
def _rule(text: str) -> Rule:
    return Rule(text)


def evaluate(
    points: Sequence[bool | None],
    periods: int,
    needed: int,
    treat: TreatMissing,
    before: AlarmState,
    *,
    premature: Premature = "keep",
) -> AlarmState:
    """The alarm's state. `points` is the evaluation range, newest last: breaching or not, None for missing.
    `premature`: what a few young breaching points alone make of it when missing data are `missing`."""
    real = [point for point in points if point is not None]
    if len(real) >= periods:
        return "ALARM" if sum(real[-periods:]) >= needed else "OK"
    if not real:
        return _without_data(treat, before)
    breaching = sum(real)
    if treat == "breaching":
        breaching += periods - len(real)
    if breaching >= needed:
        return "ALARM"
    if treat in ("breaching", "notBreaching") or not all(real):
        return "OK"
    if treat == "ignore":
        return before
    # Only breaching points, fewer than M: premature unless the oldest is at least M periods old.
    oldest = len(points) - list(points).index(True)
    return "ALARM" if oldest >= needed else _premature(premature, before)


def _premature(how: Premature, before: AlarmState) -> AlarmState:
    states: dict[Premature, AlarmState] = {"keep": before, "insufficient_data": "INSUFFICIENT_DATA", "ok": "OK"}
    return states[how]


def _without_data(treat: TreatMissing, before: AlarmState) -> AlarmState:
    states: dict[TreatMissing, AlarmState] = {
        "missing": "INSUFFICIENT_DATA",
        "ignore": before,
        "breaching": "ALARM",
        "notBreaching": "OK",
    }
    return states[treat]
