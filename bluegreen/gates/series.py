"""Gates on series: what they say can be worked out again for every minute of the step. No kind of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from bluegreen.gates.base import MINUTE, Evidence, Gate
from bluegreen.gates.counts import Counts
from bluegreen.model import Judgement, Observation, Verdict
from bluegreen.units import PositiveDuration, parse_duration, show_about


class SeriesGate(Gate):
    """The base of gates on series."""

    max_age: PositiveDuration = parse_duration("5m")
    """When the newest minute is older, the verdict is UNKNOWN: old good news is no news."""

    def unread(self, seen: Observation) -> bool:
        return seen.readings is None

    def counts(self, evidence: Evidence) -> Counts:
        """What it would have said at the end of each whole minute of the step, on all that is known by now."""
        verdicts = (self.opinion(evidence.at(end)).verdict for end in self._ends(evidence))
        return Counts.over(verdicts, errors=Counts.of(evidence.tally).errors)

    def _ends(self, evidence: Evidence) -> Iterator[datetime]:
        """The ends of the minutes that count, up to the newest one of which something is known."""
        start = evidence.since + self.initial_delay + self.warm_up
        first = start.replace(second=0, microsecond=0) + MINUTE * (2 if start.second or start.microsecond else 1)
        for back in range((evidence.seen.at - first) // MINUTE + 1):
            yield first + MINUTE * back

    def stale(self, evidence: Evidence, newest: datetime) -> str:
        """Why a minute that began at `newest` is too old to be good news, or nothing."""
        age = evidence.seen.at - (newest + MINUTE)
        return f"the newest minute is {show_about(age)} old" if age > self.max_age else ""

    def beside_live(self, said: Judgement, evidence: Evidence) -> Judgement:
        """For gates that compare: when live has no weight any more, there is nothing to compare with, and whoever did
        not fail decides nothing."""
        traffic = evidence.seen.traffic
        if said.verdict is Verdict.FAIL or traffic is None or traffic.share(evidence.live) > 0:
            return said
        why = f"{evidence.live} has no traffic to compare with"
        return replace(said, verdict=Verdict.UNKNOWN, decides=False, why=why)


class Judged(NamedTuple):
    """One minute's value beside its limit; `detail` says how they came about."""

    at: datetime
    value: float
    limit: float
    detail: str = ""


class MinuteGate(SeriesGate):
    """Judge the newest `periods` minutes that say something. FAIL when at least `failures` of them break the limit,
    also when they began before this step: bad is bad at any share. PASS when all of them lie in this step and fewer
    break it. UNKNOWN otherwise, and when the newest minute is older than `max_age`."""

    periods: Annotated[int, Field(ge=1, le=60)] = 3
    failures: Annotated[int, Field(ge=1)] = 2

    @model_validator(mode="after")
    def _failures_fit(self) -> Self:
        if self.failures > self.periods:
            raise ValueError(f"failures ({self.failures}) can never be reached in {self.periods} periods")
        return self

    def minutes(self, evidence: Evidence) -> list[Judged]:
        """The newest `periods` minutes that say something, oldest first."""
        raise NotImplementedError

    def breaks(self, minute: Judged) -> bool:
        """Whether a minute breaks the limit."""
        return minute.value >= minute.limit

    def badness(self, minute: Judged) -> float:
        """The more, the further it is on the bad side."""
        return minute.value - minute.limit

    def show(self, value: float) -> str:
        """A value as people write it."""
        raise NotImplementedError

    @property
    def what(self) -> str:
        """What is measured, and what makes a minute say something."""
        raise NotImplementedError

    def verdict(self, evidence: Evidence) -> Judgement:
        minutes = self.minutes(evidence)
        broken = [minute for minute in minutes if self.breaks(minute)]
        if len(broken) >= self.failures:
            worst, count = self._most(broken), f"{len(broken)} of the last {len(minutes)} minutes"
            return self.says(Verdict.FAIL, f"{self.what} was {self.show(worst.value)} in {count}, {self._limit(worst)}")
        if minutes and (stale := self.stale(evidence, minutes[-1].at)):
            return self.says(Verdict.UNKNOWN, f"{self.what}: {stale}")
        fresh = [minute for minute in minutes if minute.at >= evidence.since]
        if len(fresh) < self.periods:
            return self.says(Verdict.UNKNOWN, f"{len(fresh)} of {self.periods} {self.countable} seen since this step")
        worst, count = self._most(fresh), f"{len(fresh)} minutes"
        why = f"{self.what} was {self.show(worst.value)} at worst in {count}, {self._limit(worst)}"
        return self.says(Verdict.PASS, why)

    @property
    def countable(self) -> str:
        """The minutes that say something, in words."""
        return f"minutes of {self.what}"

    def _limit(self, worst: Judged) -> str:
        return f"limit {self.show(worst.limit)}{worst.detail}"

    def _most(self, minutes: list[Judged]) -> Judged:
        return max(minutes, key=self.badness)
