"""What became of statements, steps and meetings: plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bluegreen.schema.statements import Statement


class State(StrEnum):
    """Of the schema, in the order in which it takes them."""

    BEFORE = "before"
    EXPANDED = "expanded"
    CONTRACTED = "contracted"


class Version(StrEnum):
    """Of the code."""

    OLD = "old"
    NEW = "new"

    @property
    def other(self) -> Version:
        return Version.NEW if self is Version.OLD else Version.OLD


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that did not work. `where`: file and line; `code`: the database's own, where it has one; `taken`: a
    key was there already."""

    where: str
    name: str
    error: str
    code: str = ""
    taken: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.name}: {self.error}"


def failed(statement: Statement, error: str, code: str = "", *, lines_below: int = 0, taken: bool = False) -> Failure:
    """Of a statement. `lines_below`: how far below its first line the database saw the mistake."""
    return Failure(f"{statement.shown}:{statement.line + lines_below}", statement.name, error, code, taken)


Shape = Mapping[str, str]
"""What there is in a database: each thing's name (`column public.customer.name`) and how it is defined."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a step did to the shape."""

    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        return not (self.added or self.gone or self.changed)


def change(before: Shape, after: Shape) -> Change:
    """From one shape to another."""
    both = sorted(set(before) & set(after))
    return Change(
        tuple(sorted(set(after) - set(before))),
        tuple(sorted(set(before) - set(after))),
        tuple(f"{name}: {before[name]} -> {after[name]}" for name in both if before[name] != after[name]),
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """Who wrote the rows that are there, and in which state."""

    by: Version
    at: State


@dataclass(frozen=True, slots=True)
class Meeting:
    """One version's code in one state, with rows that were written before: by itself in this state when `rows` is its
    own of the same state."""

    state: State
    reader: Version
    rows: Rows
    failures: tuple[Failure, ...] = ()
    taken: tuple[Failure, ...] = ()
    """What failed only since the samples of the other version had taken the key: says nothing."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step, applied with rows there (None: without any)."""

    name: str
    rows: Rows | None
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Undone:
    """How taking a step back went."""

    step: str
    failure: Failure | None
    left: Change = field(default_factory=Change)
    """How the shape differs from what it was before the step."""
    old: tuple[Failure, ...] = ()
    """What of old code failed after it."""

    @property
    def works(self) -> bool:
        return self.failure is None and self.left.nothing and not self.old


@dataclass(frozen=True, slots=True)
class Checked:
    """All that was seen."""

    database: str
    states: tuple[State, ...]
    meetings: tuple[Meeting, ...]
    steps: tuple[Step, ...]
    changes: Mapping[str, Change]
    undone: tuple[Undone, ...] = ()
