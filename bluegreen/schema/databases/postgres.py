"""PostgreSQL: rooms are databases of its own on one server, copies are made by the server (CREATE DATABASE, TEMPLATE).

What it makes is named `bluegreen_check_RUN_NUMBER`. A check that was killed could not drop its own on a server that is
given by URL: the next one does, for all runs whose connection is gone.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import psycopg
from psycopg import sql
from psycopg.pq import TransactionStatus

from bluegreen.errors import Unreachable
from bluegreen.schema.databases.base import Room
from bluegreen.schema.databases.url import parts_of
from bluegreen.schema.outcome import Failure, Shape, failed
from bluegreen.schema.statements import Statement

OURS = "bluegreen_check"
CONNECT = 10
"""Seconds to connect."""
OWN = timedelta(minutes=2)
"""For what the check itself asks of the server."""
TAKEN, ABORTED = ("23505", "23P01"), "25P02"
"""unique_violation and exclusion_violation, in_failed_sql_transaction (PostgreSQL documentation, error codes)."""
SHAPE = """
WITH mine AS (
  SELECT c.oid, n.nspname || '.' || c.relname AS name, c.relkind
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%'
)
SELECT CASE relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'view ' WHEN 'S' THEN 'sequence ' ELSE 'table ' END || name,
       CASE WHEN relkind IN ('v', 'm') THEN pg_get_viewdef(oid) ELSE '' END
FROM mine WHERE relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
UNION ALL
SELECT 'column ' || m.name || '.' || a.attname, format_type(a.atttypid, a.atttypmod)
       || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
       || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
FROM mine m JOIN pg_attribute a ON a.attrelid = m.oid
LEFT JOIN pg_attrdef d ON d.adrelid = m.oid AND d.adnum = a.attnum
WHERE m.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT 'constraint ' || m.name || '.' || c.conname, pg_get_constraintdef(c.oid)
FROM mine m JOIN pg_constraint c ON c.conrelid = m.oid WHERE c.contype <> 'n'
UNION ALL
SELECT 'index ' || m.name, pg_get_indexdef(m.oid) FROM mine m WHERE m.relkind IN ('i', 'I')
UNION ALL
SELECT 'trigger ' || m.name || '.' || t.tgname, pg_get_triggerdef(t.oid)
FROM mine m JOIN pg_trigger t ON t.tgrelid = m.oid WHERE NOT t.tgisinternal
UNION ALL
SELECT 'enum ' || n.nspname || '.' || t.typname, string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)
FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid JOIN pg_namespace n ON n.oid = t.typnamespace
GROUP BY n.nspname, t.typname
"""


class PostgresServer:
    """`bluegreen.schema.databases.base.Database`."""

    def __init__(self, url: str, folder: Path) -> None:
        """`url`: a database on the server from which others may be created. Raises Unreachable."""
        self._url, self.folder = url, folder
        self._run = f"{OURS}_{secrets.token_hex(4)}"
        self._made: list[Room] = []
        with asking():
            self._admin = psycopg.connect(
                url, autocommit=True, connect_timeout=CONNECT, application_name=self._run, options=_limited(OWN)
            )
            self._sweep()
        self.name = f"PostgreSQL {self._admin.info.server_version // 10_000}"

    def close(self) -> None:
        """Nothing of it is left on the server."""
        with asking():
            for room in list(self._made):
                self.drop(room)
            self._admin.close()

    def fresh(self) -> Room:
        return self._create("")

    def copy(self, room: Room) -> Room:
        with asking():
            self._admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (room.name,)
            )
        return self._create(room.name)

    def drop(self, room: Room) -> None:
        with asking():
            self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(room.name)))
        self._made.remove(room)

    @contextmanager
    def session(self, room: Room, limit: timedelta) -> Iterator[Session]:
        with connected(room.url, limit) as connection:
            yield Session(connection)

    @contextmanager
    def aside(self, room: Room, limit: timedelta) -> Iterator[Session]:
        """In one transaction that is rolled back; constraints are checked after each statement, as its commit would."""
        with self.session(room, limit) as session:
            with asking():
                session.connection.execute("BEGIN")
                session.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            yield _Aside(session.connection)

    def shape(self, room: Room) -> Shape:
        with self.session(room, OWN) as session, asking():
            return {str(name): str(defined) for name, defined in session.connection.execute(SHAPE)}

    def environment(self, room: Room) -> Mapping[str, str]:
        return parts_of(room.url)

    # -- how it works ---------------------------------------------------------------------------------------------

    def _create(self, template: str) -> Room:
        name = f"{self._run}_{len(self._made)}_{secrets.token_hex(2)}"
        made = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template:
            made += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
        with asking():
            self._admin.execute(made)
        room = Room(name, _with_database(self._url, name))
        self._made.append(room)
        return room

    def _sweep(self) -> None:
        """Drop what runs have left that are dead. Only what this account made, whose connections it can see."""
        alive = {str(name) for (name,) in self._admin.execute("SELECT application_name FROM pg_stat_activity")}
        mine = self._admin.execute(
            "SELECT d.datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba WHERE r.rolname = current_user"
        )
        for (name,) in mine.fetchall():
            run = re.fullmatch(rf"({OURS}_[0-9a-f]{{8}})_\d+_[0-9a-f]{{4}}", name)
            if run and run[1] not in alive:
                self._admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def connected(url: str, limit: timedelta) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection on which a statement may take so long. Raises Unreachable."""
    with asking():
        connection = psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=CONNECT,
            options=_limited(limit),
            cursor_factory=psycopg.RawCursor,
        )
    try:
        yield connection
    finally:
        connection.close()


class Session:
    """`bluegreen.schema.databases.base.Session`."""

    def __init__(self, connection: psycopg.Connection[tuple[object, ...]]) -> None:
        self.connection = connection

    def run(self, statement: Statement) -> Failure | None:
        piece, names = statement.piece, statement.piece.parameters if statement.values else ()
        text = piece.numbered() if names else piece.text
        try:
            cursor = self.connection.execute(text.encode(), [statement.values[name] for name in names] or None)
            rows = cursor.fetchall() if cursor.description else []
        except psycopg.Error as error:
            return self.failed(statement, text, error)
        columns = [column.name for column in cursor.description or ()]
        missed = statement.expect.missed(columns, rows, cursor.rowcount)
        return failed(statement, missed, "expect") if missed else None

    def failed(self, statement: Statement, text: str, error: psycopg.Error) -> Failure | None:
        """What the error says. Raises Unreachable when the server is gone."""
        if self.connection.broken or self.connection.closed:
            raise Unreachable(f"{statement.file}:{statement.line}: the database is gone: {_words(error)}") from error
        code = error.sqlstate or ""
        if code == ABORTED and self.connection.info.transaction_status == TransactionStatus.INERROR:
            return None  # the consequence of a failure that was told already
        at = int(error.diag.statement_position or 1) - 1
        return failed(statement, _words(error), code, lines_below=text[:at].count("\n"), taken=code in TAKEN)


class _Aside(Session):
    """Each statement in a savepoint, so that those after it do not mind how it ends."""

    def run(self, statement: Statement) -> Failure | None:
        with asking():
            self.connection.execute("SAVEPOINT each")
        failure = super().run(statement)
        with asking():
            if self.connection.info.transaction_status == TransactionStatus.INERROR:
                self.connection.execute("ROLLBACK TO SAVEPOINT each")
            self.connection.execute("RELEASE SAVEPOINT each")
        return failure


@contextmanager
def asking() -> Iterator[None]:
    """What goes wrong inside is Unreachable."""
    try:
        yield
    except psycopg.Error as error:
        raise Unreachable(f"the database server: {_words(error)}") from error


def _words(error: psycopg.Error) -> str:
    """The database's own, without the lines in which it repeats the statement."""
    diag = error.diag
    said = [diag.severity and f"{diag.severity}: {diag.message_primary}", diag.message_detail, diag.message_hint]
    told = [part for part in said if part] if diag.message_primary else [" ".join(str(error).split())]
    return " ".join(told)


def _limited(limit: timedelta) -> str:
    return f"-c statement_timeout={max(1, round(limit.total_seconds() * 1000))} -c client_min_messages=error"


def _with_database(url: str, name: str) -> str:
    parts = urlsplit(url)
    query = [(key, value) for key, value in parse_qsl(parts.query) if key != "dbname"]
    return urlunsplit(parts._replace(scheme="postgresql", path=f"/{name}", query=urlencode(query)))
