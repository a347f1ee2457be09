"""What every gate answers: which evidence it wants, and what it says to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bluegreen.model import Judgement, Observation, Query, Slot, Verdict
from bluegreen.registry import Spec
from bluegreen.units import Duration, parse_duration


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a gate may judge on: the last look, the two roles, and since when this step has been in place."""

    seen: Observation
    live: Slot
    candidate: Slot
    since: datetime


class Gate(Spec):
    """The base of all gates."""

    name: str = ""
    max_wait: Duration = parse_duration("10m")
    """How long UNKNOWN is waited out beyond the hold before it counts as a reason to go back."""

    @property
    def lookback(self) -> timedelta:
        """How far back this gate wants to see."""
        return parse_duration("15m")

    def queries(self, live: Slot, candidate: Slot) -> tuple[Query, ...]:
        """The series this gate wants to see."""
        return ()

    def alarms(self) -> tuple[str, ...]:
        """The CloudWatch alarms this gate wants to see."""
        return ()

    def judge(self, evidence: Evidence) -> Judgement:
        """Pure. No data gives UNKNOWN; more errors never turn FAIL into PASS."""
        raise NotImplementedError

    def says(self, verdict: Verdict, why: str) -> Judgement:
        """This gate's judgement."""
        return Judgement(self.name, verdict, why)
