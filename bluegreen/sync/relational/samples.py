"""`bluegreen.sync.compare.Samples` of a PostgreSQL table.

A sample is drawn from whole pages of the table (PostgreSQL documentation, SELECT, TABLESAMPLE SYSTEM), more of them
than needed, and of their rows some at random; rows are fetched by their primary key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg import sql

from bluegreen.errors import UserError
from bluegreen.sync.relational.session import Session

MORE = 20
"""So many times as many rows are in the pages that are looked at."""
COLUMNS = """
SELECT a.attname FROM pg_index i
JOIN unnest(i.indkey) WITH ORDINALITY AS k(number, at) ON true
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE i.indrelid = to_regclass(%(table)s) AND i.indisprimary ORDER BY k.at
"""


@dataclass(frozen=True, slots=True)
class PostgresSamples:
    """Rows as JSON without columns that may differ. The order of columns does not matter."""

    session: Session
    table: str
    keys: tuple[str, ...]
    ignore: tuple[str, ...] = ()

    def draw(self, count: int, seed: int) -> Sequence[str]:
        ((estimate,),) = self.session.ask(
            "SELECT reltuples::float8 FROM pg_class WHERE oid = to_regclass(%(table)s)", {"table": self.table}
        )
        share = min(100.0, 100.0 * MORE * count / estimate) if estimate > 0 else 100.0
        query = sql.SQL(
            "SELECT k FROM (SELECT {key} AS k FROM {table} t TABLESAMPLE SYSTEM (%(share)s) REPEATABLE (%(seed)s)) s"
            " ORDER BY md5(k || %(seed)s::text) LIMIT %(count)s"
        ).format(key=self._key(), table=self._table())
        return [str(key) for (key,) in self.session.ask(query, {"share": share, "seed": seed, "count": count})]

    def contents(self, keys: Sequence[str]) -> Mapping[str, str]:
        query = sql.SQL(
            "SELECT {key}, (to_jsonb(t) - %(ignore)s::text[])::text FROM {table} t"
            " JOIN jsonb_populate_recordset(NULL::{table}, %(keys)s::jsonb) AS wanted USING ({columns})"
        ).format(
            key=self._key(),
            table=self._table(),
            columns=sql.SQL(", ").join(sql.Identifier(name) for name in self.keys),
        )
        wanted = json.dumps([json.loads(key) for key in keys])
        rows = self.session.ask(query, {"ignore": list(self.ignore), "keys": wanted})
        return {str(key): str(content) for key, content in rows}

    def count(self) -> int:
        """Exactly: the whole table is read for it."""
        ((count,),) = self.session.ask(sql.SQL("SELECT count(*) FROM {}").format(self._table()))
        return int(count)

    def _table(self) -> sql.Identifier:
        return sql.Identifier(*self.table.split("."))

    def _key(self) -> sql.Composed:
        parts = [sql.SQL("{}::text, t.{}").format(sql.Literal(name), sql.Identifier(name)) for name in self.keys]
        return sql.SQL("jsonb_build_object({})::text").format(sql.SQL(", ").join(parts))


def samples_of(session: Session, table: str, ignore: tuple[str, ...]) -> PostgresSamples:
    """Raises UserError when there is no such table, or it has no primary key."""
    ((there,),) = session.ask("SELECT to_regclass(%(table)s)::text", {"table": table})
    if there is None:
        raise UserError(f"{session.side}: there is no table {table}")
    keys = tuple(str(name) for (name,) in session.ask(COLUMNS, {"table": table}))
    if not keys:
        raise UserError(f"{session.side}: {table} has no primary key, by which its rows could be found again")
    return PostgresSamples(session, table, keys, ignore)
