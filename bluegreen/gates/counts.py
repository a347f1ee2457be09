"""How many bad, unknown and unreadable minutes a gate bears in one step, and how they are counted.

Counted are minutes, not looks: how often the engine looks says nothing about the candidate. Of several looks in one
minute the worst counts. What can be seen again (series) is counted afresh from the series in each look; what cannot
(states of alarms, answers of checks, a CloudWatch that could not be read) is tallied in the rollout.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from pydantic import Field

from bluegreen.model import Tally, Verdict
from bluegreen.registry import Spec

Limit = Annotated[int, Field(ge=1)] | None
BADNESS = {Verdict.PASS: 0, Verdict.UNKNOWN: 1, Verdict.FAIL: 2}


class Limits(Spec):
    """With so many minutes in one step it is enough. None: that kind of minute is not counted."""

    failures: Limit = None
    """Minutes with FAIL until the gate fails. Neither this nor `consecutive`: the first one."""
    consecutive: Limit = None
    """The same, in a row: minutes without evidence between them do not end the row."""
    inconclusive: Limit = None
    """Minutes with UNKNOWN until it is not waited any longer: back or ask, as the plan's `on_unknown` says."""
    errors: Limit = None
    """The same for minutes in which what the gate wants to see could not be read."""

    @property
    def bears_failures(self) -> bool:
        return self.failures is not None or self.consecutive is not None

    @property
    def count_minutes(self) -> bool:
        """Whether minutes of a series have to be counted."""
        return self.bears_failures or self.inconclusive is not None

    def failed(self, counts: Counts) -> str:
        """Why it is enough, or nothing."""
        if self.failures is not None and counts.failures >= self.failures:
            return f"{counts.failures} minutes failed in this step, limit {self.failures}"
        if self.consecutive is not None and counts.in_a_row >= self.consecutive:
            return f"{counts.in_a_row} minutes failed in a row, limit {self.consecutive}"
        return ""

    def borne(self, counts: Counts) -> str:
        """How far it is from that."""
        parts = []
        if self.failures is not None:
            parts.append(f"{counts.failures} of {self.failures} failed minutes in this step")
        if self.consecutive is not None:
            parts.append(f"{counts.in_a_row} of {self.consecutive} failed minutes in a row")
        return ", ".join(parts)

    def given_up(self, counts: Counts) -> str:
        """Why waiting for evidence is of no use any more, or nothing."""
        if self.inconclusive is not None and counts.unknown >= self.inconclusive:
            return f"{counts.unknown} minutes said nothing, limit {self.inconclusive}"
        if self.errors is not None and counts.errors >= self.errors:
            return f"{counts.errors} minutes could not be read, limit {self.errors}"
        return ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Minutes of one step."""

    failures: int = 0
    in_a_row: int = 0
    unknown: int = 0
    errors: int = 0

    @classmethod
    def of(cls, tally: Tally | None) -> Counts:
        """Those of a tally, with its unfinished minute."""
        if tally is None:
            return cls()
        done = cls(tally.failures, tally.in_a_row, tally.unknown, tally.errors)
        return done if tally.worst is None else done.after(tally.worst, unread=tally.unread)

    @classmethod
    def over(cls, verdicts: Iterable[Verdict], errors: int = 0) -> Counts:
        """Those of one verdict a minute, oldest first."""
        counts = cls(errors=errors)
        for verdict in verdicts:
            counts = counts.after(verdict, unread=False)
        return counts

    def after(self, verdict: Verdict, *, unread: bool) -> Counts:
        """With one more minute."""
        if unread:
            return replace(self, errors=self.errors + 1)
        match verdict:
            case Verdict.FAIL:
                return replace(self, failures=self.failures + 1, in_a_row=self.in_a_row + 1)
            case Verdict.PASS:
                return replace(self, in_a_row=0)
            case Verdict.UNKNOWN:
                return replace(self, unknown=self.unknown + 1)


def tallied(tally: Tally | None, step: datetime, at: datetime, verdict: Verdict, *, unread: bool) -> Tally:
    """The tally after a look at `at` in the step that is in place since `step`. The same look twice counts once."""
    minute = at.replace(second=0, microsecond=0)
    well = tally is not None and tally.well
    if tally is None or tally.step != step or tally.minute is None:
        return Tally(step, minute, verdict, unread, well=well)
    if tally.minute == minute:
        worst = max(tally.worst or verdict, verdict, key=BADNESS.__getitem__)
        return replace(tally, worst=worst, unread=tally.unread and unread)
    done = Counts.of(tally)
    return Tally(step, minute, verdict, unread, done.failures, done.in_a_row, done.unknown, done.errors, well)
