"""Gates on a share of requests that is tested sequentially: may be looked at as often as one likes. No kind of its
own; `sequential` and `sequential_latency` say what is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from bluegreen.gates.base import Evidence
from bluegreen.gates.series import SeriesGate
from bluegreen.model import Judgement, Observation, Slot, Verdict
from bluegreen.statistics.sequential import Minute, enough, interval, not_worse, worse
from bluegreen.units import Share, show_share

Chance = Annotated[Share, Field(gt=0, lt=1)]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """The candidate's share must not be above ratio times live's, plus margin."""

    ratio: float
    margin: float


class ProportionGate(SeriesGate):
    """FAIL when the minutes of this step prove the candidate to be worse than allowed, PASS when they prove that it is
    not, UNKNOWN until then: `below` is a fixed limit; `ratio` and `difference` allow so many times live's share in the
    same minute, and so much on top. With both, either may fail and both must pass."""

    below: Annotated[Share, Field(gt=0, lt=1)] | None = None
    ratio: Annotated[float, Field(ge=1, le=1000)] | None = None
    """Default, with a difference: 1."""
    difference: Share | None = None
    alpha: Chance = 0.001
    """In one step, the chance to fail a candidate that is as good as allowed: however often one looks."""
    beta: Chance = 0.05
    """The same for passing one that is as bad as not allowed."""

    @model_validator(mode="after")
    def _compares(self) -> Self:
        if self.below is None and self.ratio is None and self.difference is None:
            raise ValueError("it needs a limit: below, or (against live) ratio, difference or both")
        if self.ratio in (None, 1) and self.difference == 0:
            raise ValueError("with ratio 1 and difference 0% no candidate can ever be proven good enough: allow some")
        if self.ratio == 1 and self.difference is None:
            raise ValueError("with ratio 1 no candidate can ever be proven good enough: allow a difference")
        return self

    @property
    def whole_step(self) -> bool:
        return True

    @property
    def decides_alone(self) -> bool:
        return not self.dry_run and self.below is not None

    @property
    def compares(self) -> bool:
        """Whether it compares with live."""
        return self.ratio is not None or self.difference is not None

    @property
    def what(self) -> str:
        """What the requests that count did: `failed`."""
        raise NotImplementedError

    def tally(self, slot: Slot, seen: Observation) -> Mapping[datetime, tuple[int, int]]:
        """For each minute, of how many requests how many count."""
        raise NotImplementedError

    def verdict(self, evidence: Evidence) -> Judgement:
        ours = {at: n for at, n in self.tally(evidence.candidate, evidence.seen).items() if at >= evidence.since}
        theirs = self.tally(evidence.live, evidence.seen) if self.compares else {}
        minutes = [Minute(*ours[at], *theirs.get(at, (0, 0))) for at in sorted(ours)]
        asked = self._hypotheses(evidence)
        facts = self._facts(minutes, asked)
        if any(enough(worse(minutes, h.ratio, h.margin), self.alpha / len(asked)) for h in asked):
            return self.says(Verdict.FAIL, f"proven worse than allowed: {facts}")
        if not asked:
            return self.beside_live(self.says(Verdict.UNKNOWN, facts), evidence)
        if not minutes:
            return self.says(Verdict.UNKNOWN, "no whole minute with requests seen since this step")
        if stale := self.stale(evidence, max(ours)):
            return self.says(Verdict.UNKNOWN, f"{stale}: {facts}")
        if all(enough(not_worse(minutes, h.ratio, h.margin), self.beta) for h in asked):
            return self.says(Verdict.PASS, f"proven not worse than allowed: {facts}")
        return self.says(Verdict.UNKNOWN, f"nothing proven yet: {facts}")

    def _hypotheses(self, evidence: Evidence) -> list[Hypothesis]:
        """Those that can be judged: without weight on live there is nothing to compare with."""
        fixed = [] if self.below is None else [Hypothesis(0.0, self.below)]
        traffic = evidence.seen.traffic
        alone = traffic is not None and traffic.share(evidence.live) == 0
        if not self.compares or alone:
            return fixed
        return [*fixed, Hypothesis(self.ratio or 1.0, self.difference or 0.0)]

    def _facts(self, minutes: list[Minute], asked: list[Hypothesis]) -> str:
        """Counts, interval and limits."""
        requests, errors = sum(m.requests for m in minutes), sum(m.errors for m in minutes)
        low, high = interval(minutes, self.alpha / max(1, len(asked)), self.beta)
        counted = f"{errors} of {requests} requests {self.what} in {len(minutes)} minutes"
        limits = [self._limit(h, minutes) for h in asked]
        return f"{counted}, so between {show_share(low)} and {show_share(high)}; {' and '.join(limits) or 'no limit'}"

    def _limit(self, asked: Hypothesis, minutes: list[Minute]) -> str:
        if asked.ratio == 0:
            return f"limit {show_share(asked.margin)}"
        errors, requests = sum(m.live_errors for m in minutes), sum(m.live_requests for m in minutes)
        times = f"{asked.ratio:g} times " if asked.ratio != 1 else ""
        more = f" + {show_share(asked.margin)}" if asked.margin else ""
        return f"limit {times}live's {errors} of {requests}{more}"
