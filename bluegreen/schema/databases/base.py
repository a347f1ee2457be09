"""What the check needs of a database, whichever it is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from bluegreen.outside.processes import Process
from bluegreen.schema.apply.base import Program
from bluegreen.schema.outcome import Failure, Shape
from bluegreen.schema.statements import Statement


@dataclass(frozen=True, slots=True)
class Room:
    """A database of the check's own. `url`: for programs."""

    name: str
    url: str


class Session(Protocol):
    """A connection, on which statements are run one by one, each committed unless a transaction was begun."""

    def run(self, statement: Statement) -> Failure | None:
        """Raises Unreachable when the server is gone."""
        ...


class Database(Protocol):
    """Somewhere to have rooms. Every method raises Unreachable when the server does not answer as it should."""

    name: str
    """What it is, for people."""
    folder: Path
    """For files of the check's own."""

    def fresh(self) -> Room:
        """An empty one."""
        ...

    def copy(self, room: Room) -> Room:
        """One with the same in it. Nobody may be connected to the first; who still is gets cut off."""
        ...

    def drop(self, room: Room) -> None: ...

    def session(self, room: Room, limit: timedelta) -> AbstractContextManager[Session]:
        """`limit`: after this a statement is ended, and has failed."""
        ...

    def aside(self, room: Room, limit: timedelta) -> AbstractContextManager[Session]:
        """A session of which nothing will be left in the room. Statements must not end transactions themselves."""
        ...

    def shape(self, room: Room) -> Shape: ...

    def environment(self, room: Room) -> Mapping[str, str]:
        """What programs are told beside the URL."""
        ...


def run_each(session: Session, statements: Iterable[Statement]) -> tuple[Failure, ...]:
    """All statements, whatever becomes of those before."""
    return tuple(failure for each in statements if (failure := session.run(each)) is not None)


def run_until(session: Session, statements: Iterable[Statement]) -> Failure | None:
    """Statements up to the first that fails."""
    return next((failure for each in statements if (failure := session.run(each)) is not None), None)


def run_program(
    database: Database, room: Room, program: Program, limit: timedelta, facts: Mapping[str, str]
) -> Failure | None:
    """`facts`: what it is told beside the database."""
    words = " ".join(program.run)
    told = {**os.environ, **database.environment(room), program.variable: room.url, **facts, **program.environment}
    try:
        process = Process(program.run, database.folder / "program.log", limit, folder=program.folder, environment=told)
    except (OSError, ValueError) as error:  # a NUL in an argument is a ValueError
        return Failure(words, "cannot be started", str(error))
    try:
        outcome = process.wait()
    finally:
        process.stop()
    return None if outcome.code == 0 else Failure(words, "failed", outcome.words)
