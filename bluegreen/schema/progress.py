"""How far SQL files have been applied to a database that is in use, and where the next run goes on. Pure.

Each statement is committed together with a mark of how far its file is. So a run that dies in the middle is taken up at
the statement after the last mark: nothing is left out, and nothing is done twice. A statement that cannot be part of a
transaction (CREATE INDEX CONCURRENTLY) has a mark before it and one after; when only the first is there, nobody knows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bluegreen.errors import Refused
from bluegreen.schema.statements import Statement

TABLE = "bluegreen_applied"
"""The table in which the marks are, one row for each file's name."""
SETS_UP = {"SET", "RESET", "PRAGMA", "ATTACH"}
"""First words of statements that hold for a connection: a run that goes on says them again."""


@dataclass(frozen=True, slots=True)
class Mark:
    """So many statements of a file are `done`, `of` so many. `content`: a digest of those that are done. `begun`: one
    more was begun by itself, and did not say that it ended well."""

    done: int
    of: int
    content: str
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A file, and what of it is to be done: `again` holds for a connection, and was said before."""

    file: Path
    all: tuple[Statement, ...]
    done: int

    @property
    def again(self) -> tuple[Statement, ...]:
        return tuple(each for each in self.all[: self.done] if each.piece.first in SETS_UP)

    @property
    def rest(self) -> tuple[Statement, ...]:
        return self.all[self.done :]

    def mark(self, done: int, *, begun: bool = False) -> Mark:
        """For when so many are done."""
        return Mark(done, len(self.all), digest(self.all[:done]), begun)


def part_of(file: Path, all_of_it: Sequence[Statement], marks: Mapping[str, Mark], *, stays: bool) -> Part:
    """`stays`: it must not change once it was applied. Raises Refused when nobody can say where to go on."""
    statements, mark = tuple(all_of_it), marks.get(file.name)
    if mark is None:
        return Part(file, statements, 0)
    if mark.begun:
        raise Refused(_nobody_knows(file, statements, mark))
    if mark.content == digest(statements[: mark.done]) and mark.done <= len(statements):
        return Part(file, statements, mark.done)
    if mark.done < mark.of:
        raise Refused(
            f"{file.name}: {mark.done} of its {mark.of} statements were applied, and these were changed since: give it"
            f" their old text and mend what comes after them, or {_forget(file)}"
        )
    if stays:
        raise Refused(
            f"{file.name}: it was changed after it was applied: give it its old text and write a new version, or"
            f" {_forget(file)}"
        )
    return Part(file, statements, 0)


def digest(statements: Sequence[Statement]) -> str:
    """Of their text; comments and blanks between them do not count."""
    text = "\0".join(each.piece.text for each in statements)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _nobody_knows(file: Path, statements: Sequence[Statement], mark: Mark) -> str:
    where = f"{file.name}:{statements[mark.done].line}" if mark.done < len(statements) else file.name
    return (
        f"{where}: this statement was begun, cannot be part of a transaction, and did not say that it ended well: look"
        f" what it has left (an index that is not valid?) and remove that; then UPDATE {TABLE} SET begun = 0 WHERE file"
        f" = '{file.name}' lets it run again"
    )


def _forget(file: Path) -> str:
    return f"DELETE FROM {TABLE} WHERE file = '{file.name}' to have it run from its beginning"
