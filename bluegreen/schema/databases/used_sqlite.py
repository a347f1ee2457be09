"""SQLite in use. A statement and its mark are in one transaction; PRAGMA, ATTACH and VACUUM, which must not be in one,
may be said twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta

from bluegreen.schema.databases.sqlite import Session, asking
from bluegreen.schema.outcome import Failure, failed
from bluegreen.schema.progress import TABLE, Mark, Part
from bluegreen.schema.statements import Statement

ALONE = ("PRAGMA", "ATTACH", "DETACH", "VACUUM")
MADE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
  file text PRIMARY KEY, done integer NOT NULL, "of" integer NOT NULL, content text NOT NULL,
  begun integer NOT NULL, at text NOT NULL DEFAULT CURRENT_TIMESTAMP
)
"""
KEEP = f'INSERT OR REPLACE INTO {TABLE} (file, done, "of", content, begun) VALUES (?, ?, ?, ?, ?)'


@contextmanager
def used_sqlite(file: str, limit: timedelta) -> Iterator[UsedSqlite]:
    """`bluegreen.schema.databases.used.used`: who writes waits for others to have written. Raises Unreachable."""
    with asking():
        connection = sqlite3.connect(file, limit.total_seconds(), isolation_level=None, check_same_thread=False)
    with closing(connection):
        yield UsedSqlite(connection, limit)


class UsedSqlite:
    """`bluegreen.schema.databases.used.Used`."""

    def __init__(self, connection: sqlite3.Connection, limit: timedelta) -> None:
        self._connection, self._session = connection, Session(connection, limit)

    def marks(self) -> Mapping[str, Mark]:
        with asking():
            self._connection.execute(MADE)
            found = self._connection.execute(f'SELECT file, done, "of", content, begun FROM {TABLE}').fetchall()
        return {file: Mark(done, of, content, begun == 1) for file, done, of, content, begun in found}

    def again(self, statement: Statement) -> Failure | None:
        return self._session.run(statement)

    def run(self, statement: Statement, part: Part, done: int) -> Failure | None:
        first = statement.piece.first
        if self._connection.in_transaction:
            return self._within(statement, part, done)
        if first == "BEGIN":  # the file has a transaction of its own: all of it or nothing
            return self._session.run(statement)
        if first in ALONE:
            if (failure := self._session.run(statement)) is None:
                self._mark(part, done)
            return failure
        with asking():
            self._connection.execute("BEGIN IMMEDIATE")
        if (failure := self._session.run(statement)) is None:
            self._mark(part, done)
            return self._committed(statement)
        self._undo()
        return failure

    # -- how it works ---------------------------------------------------------------------------------------------

    def _within(self, statement: Statement, part: Part, done: int) -> Failure | None:
        """In the file's own transaction: the mark comes before its end."""
        if statement.piece.first in ("COMMIT", "END"):
            self._mark(part, done)
        failure = self._session.run(statement)
        if failure is None and statement.piece.first == "ROLLBACK" and not self._connection.in_transaction:
            self._mark(part, done)
        return failure

    def _committed(self, statement: Statement) -> Failure | None:
        """Foreign keys that wait for the end are judged there."""
        try:
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            self._undo()
            return failed(statement, str(error), getattr(error, "sqlite_errorname", ""))
        return None

    def _undo(self) -> None:
        with asking():
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def _mark(self, part: Part, done: int) -> None:
        mark = part.mark(done)
        with asking():
            self._connection.execute(KEEP, (part.file.name, mark.done, mark.of, mark.content, int(mark.begun)))
