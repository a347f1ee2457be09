"""Minutes of the candidate beside minutes of live, as Kayenta judges them. For comparison."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from bluegreen.gates.base import Evidence
from bluegreen.gates.measures import Measure, queries_of, show_amount, values_of
from bluegreen.gates.series import SeriesGate
from bluegreen.model import Judgement, Query, Slot, Verdict
from bluegreen.registry import examples
from bluegreen.statistics.mannwhitney import Shift, kayenta


class MannWhitney(SeriesGate):
    """FAIL when Kayenta's judge would call the candidate's minutes of this step `High`, PASS when it would not, UNKNOWN
    with fewer than `min_minutes` of either. What it gets wrong is told in `bluegreen/statistics/mannwhitney.py`; a
    gate that is not for comparison is `sequential`."""

    model_config = examples({"measure": "latency_p99"})

    kind: Literal["mann_whitney"] = "mann_whitney"
    measure: Measure
    allowed_increase: Annotated[float, Field(ge=1)] = 1.0
    """The ratio of the means below which a difference does not count."""
    min_minutes: Annotated[int, Field(ge=4)] = 10
    """Kayenta itself only warns below 50 points."""
    min_requests: Annotated[int, Field(ge=1)] = 100

    @model_validator(mode="before")
    @classmethod
    def _name_from_measure(cls, data: Any) -> Any:
        named = isinstance(data, dict) and "measure" in data
        return {"name": f"{data['measure']}, Mann-Whitney", **data} if named else data

    @property
    def whole_step(self) -> bool:
        return True

    @property
    def lookback(self) -> timedelta:
        return self.max_age

    @property
    def decides_alone(self) -> bool:
        return False

    def series(self, live: Slot, candidate: Slot) -> tuple[Query, ...]:
        return (*queries_of(self.measure, candidate), *queries_of(self.measure, live))

    def verdict(self, evidence: Evidence) -> Judgement:
        return self.beside_live(self._verdict(evidence), evidence)

    def _verdict(self, evidence: Evidence) -> Judgement:
        ours, theirs = (
            {at: v.value for at, v in values_of(self.measure, slot, evidence.seen, self.min_requests).items()}
            for slot in (evidence.candidate, evidence.live)
        )
        ours = {at: value for at, value in ours.items() if at >= evidence.since}
        theirs = {at: value for at, value in theirs.items() if at >= evidence.since}
        if len(ours) < self.min_minutes or len(theirs) < self.min_minutes:
            seen = f"{len(ours)} minutes of the candidate and {len(theirs)} of live"
            return self.says(Verdict.UNKNOWN, f"{seen} seen since this step, of {self.min_minutes} each")
        if stale := self.stale(evidence, max(ours)):
            return self.says(Verdict.UNKNOWN, stale)
        said, shift = kayenta(list(ours.values()), list(theirs.values()), self.allowed_increase)
        verdict = Verdict.FAIL if said == "high" else Verdict.PASS
        return self.says(verdict, self._facts(shift, len(ours), len(theirs)))

    def _facts(self, shift: Shift, ours: int, theirs: int) -> str:
        low, estimate, high = (self._show(value) for value in (shift.low, shift.estimate, shift.high))
        limit = self._show(abs(shift.estimate) / 4)
        counted = f"{ours} minutes of the candidate against {theirs} of live"
        return f"{self.measure} differs by {estimate}, so between {low} and {high}, in {counted}; limit {limit}"

    def _show(self, value: float) -> str:
        sign = "-" if value < 0 else ""
        return sign + show_amount(abs(value), self.measure)
