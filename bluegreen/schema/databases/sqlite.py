"""SQLite: rooms are files in the check's own folder."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from bluegreen.errors import Unreachable
from bluegreen.schema.databases.base import Room
from bluegreen.schema.databases.url import parts_of
from bluegreen.schema.outcome import Failure, Shape, failed
from bluegreen.schema.statements import Statement

TAKEN = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_ROWID")
LOST = (
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
)


class SqliteFiles:
    """`bluegreen.schema.databases.base.Database`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"SQLite {sqlite3.sqlite_version}"
        self._count = 0

    def close(self) -> None:
        """The files go with their folder."""

    def fresh(self) -> Room:
        self._count += 1
        file = self.folder / f"{self._count}.sqlite3"
        return Room(str(file), f"sqlite:///{file}")

    def copy(self, room: Room) -> Room:
        made = self.fresh()
        with asking(), closing(sqlite3.connect(room.name)) as there, closing(sqlite3.connect(made.name)) as here:
            there.backup(here)
        return made

    def drop(self, room: Room) -> None:
        for part in ("", "-wal", "-shm", "-journal"):
            Path(room.name + part).unlink(missing_ok=True)

    @contextmanager
    def session(self, room: Room, limit: timedelta) -> Iterator[Session]:
        with asking():
            connection = sqlite3.connect(room.name, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA synchronous = OFF")  # nobody will miss the data
        try:
            yield Session(connection, limit)
        finally:
            connection.close()

    @contextmanager
    def aside(self, room: Room, limit: timedelta) -> Iterator[Session]:
        """On a copy, which is a file only."""
        copy = self.copy(room)
        try:
            with self.session(copy, limit) as session:
                yield session
        finally:
            self.drop(copy)

    def shape(self, room: Room) -> Shape:
        with asking(), closing(sqlite3.connect(room.name)) as connection:
            return dict(_shape(connection))

    def environment(self, room: Room) -> Mapping[str, str]:
        return parts_of(room.url)


class Session:
    """`bluegreen.schema.databases.base.Session`."""

    def __init__(self, connection: sqlite3.Connection, limit: timedelta) -> None:
        self._connection, self._limit = connection, limit.total_seconds()

    def run(self, statement: Statement) -> Failure | None:
        timer = threading.Timer(self._limit, self._connection.interrupt)
        timer.start()
        try:
            cursor = self._connection.execute(statement.piece.text, dict(statement.values))
            rows = cursor.fetchall()
        except (sqlite3.Error, sqlite3.Warning) as error:
            return self._failed(statement, error)
        finally:
            timer.cancel()
        columns = [str(column[0]) for column in cursor.description or ()]
        missed = statement.expect.missed(columns, rows, len(rows) if columns else cursor.rowcount)
        return failed(statement, missed, "expect") if missed else None

    def _failed(self, statement: Statement, error: Exception) -> Failure:
        code = getattr(error, "sqlite_errorname", "")
        if getattr(error, "sqlite_errorcode", 0) in LOST:
            raise Unreachable(f"{statement.file}:{statement.line}: the database is gone: {error}") from error
        words = f"ended after {self._limit:g} s" if code == "SQLITE_INTERRUPT" else str(error)
        return failed(statement, words, code, taken=code in TAKEN)


def _shape(connection: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    there = "SELECT type, name, coalesce(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    for kind, name, text in connection.execute(there).fetchall():
        yield f"{kind} {name}", "" if kind == "table" else " ".join(text.split())
        if kind in ("table", "view"):
            for _, column, typed, needed, default, key in connection.execute(
                "SELECT * FROM pragma_table_info(?)", (name,)
            ):
                said = (typed, "not null" if needed else "", f"default {default}" if default is not None else "")
                yield f"column {name}.{column}", " ".join((*filter(None, said), *(["key"] if key else [])))


@contextmanager
def asking() -> Iterator[None]:
    """What goes wrong inside is Unreachable."""
    try:
        yield
    except sqlite3.Error as error:
        raise Unreachable(f"SQLite: {error}") from error
