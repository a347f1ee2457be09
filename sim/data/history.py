"""What became of a sample of keys, written down event by event, and what must be true of it.

A register history (Herlihy and Wing, "Linearizability", 1990) where an item holds one value, and an append history
(Kingsbury and Alvaro, "Elle", 2020) where each write adds to it: in the second, a write that took effect twice is there
twice. Each write has an id that no other write has, and a version that orders the writes of its key. Pure: whoever
watches stores (the world, a copier's tests) writes events, and `judge` names what should not have been.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Form(StrEnum):
    """What a write does to its item. An item has writes of SET and DELETE, or of ADD alone."""

    SET = "set"
    ADD = "add"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Wrote:
    """A client's write. `acked` is when it was told that the write is done, None when it never was: such a write may
    have happened or not. Times are milliseconds, sides are names of stores."""

    key: str
    id: str
    version: int
    side: str
    at: int
    acked: int | None
    form: Form = Form.SET
    code: str = "old"
    failed: bool = False
    """The store refused it: it must not show anywhere."""


@dataclass(frozen=True, slots=True)
class Read:
    """A client's read, which began `at`: the ids that it saw, none for an item that is not there."""

    key: str
    seen: tuple[str, ...]
    side: str
    at: int
    code: str = "old"


@dataclass(frozen=True, slots=True)
class Applied:
    """A write changed what a store holds: the client's own write, or a copy of it that arrived."""

    key: str
    id: str
    side: str
    at: int


@dataclass(frozen=True, slots=True)
class Promoted:
    """From now on `side` is the one whose answers count."""

    side: str
    at: int


@dataclass(frozen=True, slots=True)
class Contracted:
    """The old form of the schema was removed: code of the version `old` cannot work from now on."""

    at: int
    old: str = "old"


Event = Wrote | Read | Applied | Promoted | Contracted


@dataclass(slots=True)
class History:
    """Everything that happened, in the order of time, and what the stores held when all was quiet."""

    authority: str
    """The side whose answers count at first."""
    events: list[Event] = field(default_factory=list)
    final: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """By side and key: the ids of what is there at the end. An item that is not there may be left out."""
    reported: set[str] = field(default_factory=set)
    """Ids of writes that were told to be lost: counted conflicts, or losses that an operator confirmed."""

    def writes(self) -> dict[str, Wrote]:
        """By id."""
        return {event.id: event for event in self.events if isinstance(event, Wrote)}

    def last_authority(self) -> str:
        """The side whose answers count at the end."""
        sides = [self.authority, *(event.side for event in self.events if isinstance(event, Promoted))]
        return sides[-1]


class Wrong(StrEnum):
    """What a history can show."""

    LOST = "lost write"
    RESURRECTED = "resurrected value"
    DOUBLED = "double effect"
    STALE = "stale read after promotion"
    BEHIND = "promotion at lag"
    EARLY = "contract too early"
    APART = "stores apart"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that should not have been: which key (empty when it concerns all), when, and what happened."""

    wrong: Wrong
    key: str
    at: int
    why: str

    def __str__(self) -> str:
        return f"{self.wrong}{f' of {self.key}' if self.key else ''} at {self.at} ms: {self.why}"


def version_of(seen: Sequence[str], writes: Mapping[str, Wrote]) -> int:
    """How new what was seen is: the version of the newest write in it, 0 for nothing."""
    return max((writes[id_].version for id_ in seen if id_ in writes), default=0)
