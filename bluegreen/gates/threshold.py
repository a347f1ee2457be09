"""A measure of the candidate must stay below a limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import Field, WithJsonSchema, field_validator, model_validator

from bluegreen.gates.base import Evidence, Gate
from bluegreen.model import Judgement, Observation, Point, Query, Slot, Verdict
from bluegreen.units import PositiveDuration, parse_duration, parse_share, show_about, show_duration, show_share

MINUTE = timedelta(minutes=1)

Measure = Literal["error_rate", "latency_avg", "latency_p50", "latency_p90", "latency_p95", "latency_p99"]


class Threshold(Gate):
    """Judge the newest `periods` minutes that have at least `min_requests` requests.

    FAIL when at least `failures` of them break the limit, also when they began before this step: bad is bad at any
    share. PASS when all of them lie in this step and fewer break it. UNKNOWN otherwise, and when the newest minute
    is older than `max_age`: old good news is no news. An error rate is errors (of targets and balancer) divided by
    requests, each a CloudWatch Sum over one minute.
    """

    kind: Literal["threshold"] = "threshold"
    measure: Measure
    below: Annotated[float, WithJsonSchema({"type": "string", "examples": ["1%", "800ms"]})]
    """The limit: a percentage for error_rate, a length of time for latencies (seconds inside)."""
    periods: Annotated[int, Field(ge=1, le=60)] = 3
    failures: Annotated[int, Field(ge=1)] = 2
    min_requests: Annotated[int, Field(ge=1)] = 100
    max_age: PositiveDuration = parse_duration("5m")

    @model_validator(mode="before")
    @classmethod
    def _name_from_measure(cls, data: Any) -> Any:
        return {"name": data["measure"], **data} if isinstance(data, dict) and "measure" in data else data

    @field_validator("below", mode="before")
    @classmethod
    def _limit(cls, text: object, info: Any) -> float:
        if isinstance(text, float):
            return text
        if str(info.data.get("measure", "")).startswith("latency"):
            return parse_duration(text).total_seconds()
        return parse_share(text)

    @model_validator(mode="after")
    def _failures_fit(self) -> Self:
        if self.failures > self.periods:
            raise ValueError(f"failures ({self.failures}) can never be reached in {self.periods} periods")
        return self

    @property
    def lookback(self) -> timedelta:
        return self.periods * MINUTE + self.max_age

    def queries(self, live: Slot, candidate: Slot) -> tuple[Query, ...]:
        measures = ("errors",) if self.measure == "error_rate" else (self.measure,)
        return tuple(Query(measure, candidate) for measure in ("requests", *measures))

    def judge(self, evidence: Evidence) -> Judgement:
        minutes = _per_minute(evidence.seen, evidence.candidate, self.measure, self.min_requests)[-self.periods :]
        broken = [minute.value for minute in minutes if minute.value >= self.below]
        if len(broken) >= self.failures:
            worst, limit = self._show(max(broken)), self._show(self.below)
            count = f"{len(broken)} of the last {len(minutes)} minutes"
            return self.says(Verdict.FAIL, f"{self.measure} was {worst} in {count}, limit {limit}")
        if minutes and (age := evidence.seen.at - (minutes[-1].at + MINUTE)) > self.max_age:
            return self.says(Verdict.UNKNOWN, f"the newest minute of {self.measure} is {show_about(age)} old")
        fresh = [minute.value for minute in minutes if minute.at >= evidence.since]
        if len(fresh) < self.periods:
            seen = f"{len(fresh)} of {self.periods} minutes with {self.min_requests} requests or more"
            return self.says(Verdict.UNKNOWN, f"{seen} seen since this step")
        worst = self._show(max(fresh))
        return self.says(Verdict.PASS, f"{self.measure} at most {worst}, limit {self._show(self.below)}")

    def _show(self, value: float) -> str:
        return show_share(value) if self.measure == "error_rate" else show_duration(timedelta(seconds=value))


def _per_minute(seen: Observation, slot: Slot, measure: str, min_requests: int) -> list[Point]:
    """One value for each minute that has enough requests, oldest first."""
    requests = {p.at: p.value for p in seen.points(Query("requests", slot))}
    errors = {p.at: p.value for p in seen.points(Query("errors", slot))}
    latency = {p.at: p.value for p in seen.points(Query(measure, slot))}
    values = []
    for at, count in sorted(requests.items()):
        if count < min_requests:
            continue
        if measure == "error_rate":
            # ELB reports error counts only when there are any: absent beside requests means zero.
            values.append(Point(at, errors.get(at, 0.0) / count))
        elif at in latency:
            values.append(Point(at, latency[at]))
    return values
