"""Where a rollout is, and what it remembers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from bluegreen.model.data import DataState
from bluegreen.model.names import End, Phase, Slot, Verdict
from bluegreen.model.people import Notice, Pause, Question

LEFT_OUT = Field(exclude_if=lambda value: value is None)
"""Not in the journal where there is none: those of rollouts without it are as they ever were."""


@dataclass(frozen=True, slots=True)
class CheckRun:
    """What a rollout remembers of a check's run: what was decided on it survives a crash, the run itself does not."""

    began: datetime
    state: Literal["running", "passed", "failed", "unknown", "stopped"] = "running"
    detail: str = ""
    accepted: tuple[str, ...] = ()  # manual acceptance: who has said yes so far


@dataclass(frozen=True, slots=True)
class Tally:
    """What one gate's looks said that cannot be seen again, one verdict a minute, since the step was in place. The
    counts are of the minutes before `minute`."""

    step: datetime | None = None  # since when the step is in place
    minute: datetime | None = None  # of the newest look
    worst: Verdict | None = None  # in that minute
    unread: bool = False  # ... in which nothing could be read
    failures: int = 0
    in_a_row: int = 0
    unknown: int = 0
    errors: int = 0
    well: bool = False  # an alarm was seen out of ALARM since users came, or just before


@dataclass(frozen=True, slots=True)
class Rollout:
    """Where a rollout is. Everything that must survive a crash is here; the rest is seen afresh."""

    id: str
    live: Slot
    phase: Phase
    started: datetime
    since: datetime  # when this phase (for HOLD: this step's hold) began
    step: int = 0  # index of the step being worked on
    looks: int = 0
    live_capacity: int = 0  # healthy instances of the live slot before anything was touched
    healthy_since: datetime | None = None  # VERIFY: healthy without a break since then
    exposed: bool = False  # users may have been sent to the candidate
    in_place: datetime | None = None  # since when the present weights are known to all DNS servers
    cause: str = ""  # why it rolls back
    not_made: bool = False  # ... and that the candidate could not be made at all: the plan is wrong, or its template
    aborted: bool = False  # ... and that an operator asked for it
    leaving: Slot | None = None  # DRAIN, RETIRE: the slot that goes
    end: End | None = None
    moved: datetime | None = None  # HOLD: since when users follow the weights that are in place
    reached: bool = False  # some request of users was counted at the candidate
    stepped: datetime | None = None  # ROLLBACK in steps: when the last one was asked for
    stepped_to: float = 0.0  # ... and the live slot's share then
    paused: Pause | None = None
    asked: Question | None = None
    letting_go: datetime | None = None  # DRAIN: since when what was held is given back, before it ends at its ceiling
    promoted: str = ""  # who cut this watch short, and why: until the next step no evidence is no obstacle
    runs: Mapping[str, CheckRun] = field(default_factory=dict)  # checks and hooks begun so far
    waiting: datetime | None = None  # since when it waits for a check, a hook or a window: no deadline counts that
    tested: tuple[Phase, ...] = ()  # phases in which the gates' alarms have been tested
    drilled: bool = False  # VERIFY: the alarms of the plan's drill have been seen in ALARM
    notices: tuple[Notice, ...] = ()  # what the last decision told people: told again after a crash
    tallies: Mapping[str, Tally] = field(default_factory=dict)  # of gates that need one, by name
    reserved: Mapping[Slot, int] = field(default_factory=dict)  # units there were before this rollout asked for more
    data: Annotated[DataState | None, LEFT_OUT] = None  # of a plan that has `data`

    @property
    def candidate(self) -> Slot:
        return self.live.other

    @property
    def finished(self) -> bool:
        return self.phase is Phase.DONE
