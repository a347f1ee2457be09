"""What every gate answers: which evidence it wants, and what it says to it. What all kinds have in common is here:
how much evidence is needed, from when on it counts, how many failures are borne, and dry runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from bluegreen.gates.counts import Counts, Limits
from bluegreen.model import CheckRun, Judgement, Observation, Query, Reading, Slot, Tally, Verdict, query_of
from bluegreen.registry import Spec
from bluegreen.units import Duration, parse_duration, show_duration

if TYPE_CHECKING:
    from bluegreen.checks.base import Check

MINUTE = timedelta(minutes=1)
NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a gate may judge on: the last look, the two roles, since when this step has been in place, and what cannot
    be seen again."""

    seen: Observation
    live: Slot
    candidate: Slot
    since: datetime
    tally: Tally | None = None
    runs: Mapping[str, CheckRun] = field(default_factory=dict)
    """What was begun outside, as far as it was not forgotten."""

    def begun(self, since: datetime) -> Evidence:
        """As if nothing had been seen of the minutes before."""
        return replace(self, seen=_cut(self.seen, self.seen.at, since), since=since)

    def at(self, moment: datetime) -> Evidence:
        """As it would have been then, had all that is known now of the minutes before been known then."""
        return replace(self, seen=_cut(self.seen, moment, datetime.min.replace(tzinfo=moment.tzinfo)))


def _cut(seen: Observation, at: datetime, since: datetime) -> Observation:
    """Only whole minutes between `since` and `at`."""
    readings = tuple(
        Reading(each.query, tuple(p for p in each.points if since <= p.at and p.at + MINUTE <= at))
        for each in seen.readings or ()
    )
    return replace(seen, at=at, readings=None if seen.readings is None else readings)


def left_out(default: Any) -> Any:
    """A field that is not in a dump while it has its default: rollout files that say nothing of it keep their hash."""
    return Field(exclude_if=lambda value: bool(value == default))


class Gate(Spec):
    """The base of all gates."""

    name: str = ""
    max_wait: Duration = parse_duration("10m")
    """How long UNKNOWN is waited out beyond the hold before it counts as a reason to go back."""
    min_sample: Annotated[int, Field(ge=0), left_out(0)] = 0
    """Requests of the candidate that must have been observed in this step; with fewer the gate says nothing. What was
    observed counts, not the weight."""
    initial_delay: Annotated[Duration, left_out(NONE)] = NONE
    """For so long after the step is in place the gate says nothing."""
    warm_up: Annotated[Duration, left_out(NONE)] = NONE
    """Minutes that began earlier than this after the step was in place do not count, nor do those of steps before."""
    dry_run: Annotated[bool, left_out(False)] = False
    """It is judged and shown, and decides nothing."""
    limits: Annotated[Limits, left_out(Limits())] = Limits()
    """How much of what is bad or unknown is borne in a step. Default: the first FAIL goes back."""

    # -- what it wants to see

    @property
    def lookback(self) -> timedelta:
        """How far back this gate wants to see, whenever the step began."""
        return parse_duration("15m")

    @property
    def whole_step(self) -> bool:
        """Whether it wants to see every minute since the step began."""
        return self.min_sample > 0 or self.limits.count_minutes

    @property
    def decides_alone(self) -> bool:
        """Whether it can judge the candidate when it has all the traffic: then there is nothing to compare it with."""
        return not self.dry_run

    @cached_property
    def remembers(self) -> bool:
        """Whether it needs a tally of its looks."""
        return self.limits != Limits()

    def queries(self, live: Slot, candidate: Slot) -> tuple[Query, ...]:
        """The series this gate wants to see."""
        series = self.series(live, candidate)
        requests = query_of("requests", candidate)
        return (*series, requests) if self.min_sample and requests not in series else series

    def series(self, live: Slot, candidate: Slot) -> tuple[Query, ...]:
        """Those that its kind is made of."""
        return ()

    def alarms(self) -> tuple[str, ...]:
        """The CloudWatch alarms this gate wants to see."""
        return ()

    def alarms_before(self) -> tuple[str, ...]:
        """Those that it wants to see before any user is on the candidate, too."""
        return ()

    def check(self) -> Check | None:
        """What has to be run outside for it, under the name `run`."""
        return None

    @property
    def run(self) -> str:
        """The name under which its check is run."""
        return f"gate/{self.name}"

    # -- what it says

    def judge(self, evidence: Evidence) -> Judgement:
        """Pure. No data gives UNKNOWN; more errors never turn FAIL into PASS."""
        said = self._limited(self.opinion(evidence), evidence)
        return replace(said, decides=False, why=f"dry run: {said.why}") if self.dry_run else said

    def opinion(self, evidence: Evidence) -> Judgement:
        """What this look says, before earlier ones are counted."""
        if evidence.seen.at < evidence.since + self.initial_delay:
            delay = show_duration(self.initial_delay)
            return self.says(Verdict.UNKNOWN, f"it begins to judge {delay} after the step is in place")
        if self.warm_up:
            evidence = evidence.begun(evidence.since + self.warm_up)
        return self._sampled(self.verdict(evidence), evidence)

    def verdict(self, evidence: Evidence) -> Judgement:
        """What its kind says to the evidence."""
        raise NotImplementedError

    def counts(self, evidence: Evidence) -> Counts:
        """How many minutes of this step were bad or unknown."""
        return Counts.of(evidence.tally)

    def well(self, seen: Observation) -> bool:
        """Whether this look shows what clears it of an old suspicion: an alarm out of ALARM."""
        return False

    def unread(self, seen: Observation) -> bool:
        """Whether what it wants to see could not be read in this look."""
        return False

    def says(self, verdict: Verdict, why: str) -> Judgement:
        """This gate's judgement."""
        return Judgement(self.name, verdict, why)

    def _sampled(self, said: Judgement, evidence: Evidence) -> Judgement:
        """PASS needs the sample in this step; FAIL needs it in all that was looked at."""
        if not self.min_sample or said.verdict is Verdict.UNKNOWN:
            return said
        since = evidence.since if said.verdict is Verdict.PASS else datetime.min.replace(tzinfo=evidence.since.tzinfo)
        points = evidence.seen.points(query_of("requests", evidence.candidate))
        sample = round(sum(point.value for point in points if point.at >= since))
        if sample >= self.min_sample:
            return said
        return self.says(Verdict.UNKNOWN, f"{sample} of {self.min_sample} requests seen, too few to say: {said.why}")

    def _limited(self, said: Judgement, evidence: Evidence) -> Judgement:
        if not self.remembers:
            return said
        counts = self.counts(evidence)
        if (reached := self.limits.failed(counts)) and said.decides:
            return self.says(Verdict.FAIL, f"{reached}; last: {said.why}")
        if said.verdict is Verdict.FAIL and self.limits.bears_failures:
            return self.says(Verdict.UNKNOWN, f"{self.limits.borne(counts)}: {said.why}")
        if said.verdict is Verdict.UNKNOWN and (reached := self.limits.given_up(counts)):
            return replace(said, final=True, why=f"{reached}; last: {said.why}")
        return said
