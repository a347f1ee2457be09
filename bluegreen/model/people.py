"""What people say to a rollout, and what they are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bluegreen.model.names import End, Phase

Verb = Literal["pause", "resume", "promote", "abort", "retry", "accept", "refuse"]


@dataclass(frozen=True, slots=True)
class Command:
    """What an operator asked of a rollout. `id` tells it from any other: one that is in the journal is not taken
    again."""

    verb: Verb
    who: str
    why: str
    id: str = ""
    at: datetime | None = None  # when it was asked, by the asker's clock


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command: `why` says what it does, or why it makes no sense now and what would be possible."""

    command: Command
    accepted: bool
    why: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when, by whom and why nothing is changed."""

    at: datetime
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Question:
    """What an operator has to decide, since when."""

    at: datetime
    what: str


Event = Literal["started", "step", "rollback", "asked", "ended"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What people are told at an event. Times are aware UTC datetimes, `share` a fraction."""

    event: Event
    at: datetime
    rollout: str
    service: str
    record: str
    phase: Phase
    share: float
    why: str
    end: End | None = None
