"""The database in use, for steps of a rollout: who keeps the marks, and which kind a URL names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from importlib.util import find_spec
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit

from bluegreen.errors import UserError
from bluegreen.schema.databases.opened import EXTRA
from bluegreen.schema.databases.url import kind_of
from bluegreen.schema.outcome import Failure
from bluegreen.schema.progress import Mark, Part
from bluegreen.schema.statements import Statement


class Used(Protocol):
    """A connection to a database in use, which nobody else migrates meanwhile. Every method raises Unreachable."""

    def marks(self) -> Mapping[str, Mark]:
        """How far each file is, by its name."""
        ...

    def again(self, statement: Statement) -> Failure | None:
        """Run what holds for the connection."""
        ...

    def run(self, statement: Statement, part: Part, done: int) -> Failure | None:
        """Run a statement and mark it, both or neither: `done` of the part's statements are done with it."""
        ...


def need_kind(url: str, variable: str) -> None:
    """Raises UserError when SQL files cannot be run on the database that a URL names, or not from here."""
    scheme = kind_of(url)
    if scheme == "postgresql":
        if find_spec("psycopg") is None:
            raise UserError(f"PostgreSQL's driver (psycopg) is not installed here; {EXTRA}")
    elif scheme != "sqlite":
        raise UserError(
            f"{variable} names a database of kind {scheme or 'nothing'}: SQL files are run on PostgreSQL"
            " (postgresql://...) and SQLite (sqlite:///file); for others let a program do it (kind command)"
        )


def used(url: str, limit: timedelta) -> AbstractContextManager[Used]:
    """Connected, alone: waits up to `limit` for a migration that was begun before, and gives each statement as long.
    Raises Unreachable, and UserError as `need_kind` does."""
    need_kind(url, "the URL")
    return _postgres(url, limit) if kind_of(url) == "postgresql" else _sqlite(url, limit)


@contextmanager
def _postgres(url: str, limit: timedelta) -> Iterator[Used]:
    from bluegreen.schema.databases.used_postgres import used_postgres  # noqa: PLC0415  its driver is an extra

    with used_postgres(urlunsplit(urlsplit(url)._replace(scheme="postgresql")), limit) as database:
        yield database


@contextmanager
def _sqlite(url: str, limit: timedelta) -> Iterator[Used]:
    from bluegreen.schema.databases.used_sqlite import used_sqlite  # noqa: PLC0415  not every Python has it

    with used_sqlite(urlsplit(url).path[1:], limit) as database:
        yield database
