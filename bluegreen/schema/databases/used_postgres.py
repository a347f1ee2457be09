"""PostgreSQL in use. Most statements can be part of a transaction, schema changes too: the mark is in the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from bluegreen.schema.databases.postgres import Session, asking, connected
from bluegreen.schema.outcome import Failure
from bluegreen.schema.progress import TABLE, Mark, Part
from bluegreen.schema.statements import Statement

ALONE = ("25001", "2D000")
"""active_sql_transaction, invalid_transaction_termination: it must not be within a transaction, and has done nothing
(PostgreSQL documentation, error codes)."""
MADE = """
CREATE TABLE IF NOT EXISTS {table} (
  file text PRIMARY KEY, done integer NOT NULL, "of" integer NOT NULL, content text NOT NULL,
  begun integer NOT NULL, at timestamptz NOT NULL DEFAULT now()
)
"""
KEEP = """
INSERT INTO {table} (file, done, "of", content, begun) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (file) DO UPDATE SET done = $2, "of" = $3, content = $4, begun = $5, at = now()
"""
LOCKED = f"SELECT pg_advisory_lock(hashtext('{TABLE}'))"
"""Also held by what a killed migration has left running on the server, until that is over."""


@contextmanager
def used_postgres(url: str, limit: timedelta) -> Iterator[UsedPostgres]:
    """`bluegreen.schema.databases.used.used`. Raises Unreachable."""
    with connected(url, limit) as connection:
        with asking():
            connection.execute(LOCKED)
            (schema,) = connection.execute("SELECT current_schema()").fetchone() or ("public",)
        yield UsedPostgres(connection, sql.Identifier(str(schema), TABLE))


class UsedPostgres:
    """`bluegreen.schema.databases.used.Used`."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]], table: sql.Identifier) -> None:
        self._connection, self._session = connection, Session(connection)
        self._keep = sql.SQL(KEEP).format(table=table)
        self._table = table

    def marks(self) -> Mapping[str, Mark]:
        with asking():
            self._connection.execute(sql.SQL(MADE).format(table=self._table))
            asked = sql.SQL('SELECT file, done, "of", content, begun FROM {}').format(self._table)
            found = self._connection.execute(asked).fetchall()
        return {str(file): Mark(int(str(done)), int(str(of)), str(c), begun == 1) for file, done, of, c, begun in found}

    def again(self, statement: Statement) -> Failure | None:
        return self._session.run(statement)

    def run(self, statement: Statement, part: Part, done: int) -> Failure | None:
        if self._inside:
            return self._within(statement, part, done)
        if statement.piece.first in ("BEGIN", "START"):  # the file has a transaction of its own: all of it or nothing
            return self._session.run(statement)
        self._say("BEGIN")
        failure = self._session.run(statement)
        if failure is None:
            self._mark(part, part.mark(done))
            return self._committed(statement)
        self._say("ROLLBACK")
        return self._alone(statement, part, done) if failure.code in ALONE else failure

    # -- how it works ---------------------------------------------------------------------------------------------

    @property
    def _inside(self) -> bool:
        return self._connection.info.transaction_status != TransactionStatus.IDLE

    def _within(self, statement: Statement, part: Part, done: int) -> Failure | None:
        """In the file's own transaction: the mark comes before its end."""
        if statement.piece.first in ("COMMIT", "END"):
            self._mark(part, part.mark(done))
        failure = self._session.run(statement)
        if failure is None and not self._inside and statement.piece.first in ("ROLLBACK", "ABORT"):
            self._mark(part, part.mark(done))
        return failure

    def _alone(self, statement: Statement, part: Part, done: int) -> Failure | None:
        """A mark before and one after; when it fails the first one stays, since it may have left something."""
        self._mark(part, part.mark(done - 1, begun=True))
        failure = self._session.run(statement)
        if failure is None:
            self._mark(part, part.mark(done))
        return failure

    def _committed(self, statement: Statement) -> Failure | None:
        """Constraints that wait for the end are judged there."""
        try:
            self._connection.execute("COMMIT")
        except psycopg.Error as error:
            return self._session.failed(statement, statement.piece.text, error)
        return None

    def _mark(self, part: Part, mark: Mark) -> None:
        with asking():
            values = [part.file.name, mark.done, mark.of, mark.content, int(mark.begun)]
            self._connection.execute(self._keep, values)

    def _say(self, words: str) -> None:
        with asking():
            self._connection.execute(words.encode())
