"""What programs are told of a database beside its URL."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote, urlsplit

PARTS = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
"""libpq's names of connection parameters, and of its environment variables."""


def kind_of(url: str) -> str:
    """postgresql, sqlite or another; SQLAlchemy's drivers (postgresql+psycopg) are passed over."""
    scheme = urlsplit(url).scheme.partition("+")[0]
    return "postgresql" if scheme == "postgres" else scheme


def parts_of(url: str) -> Mapping[str, str]:
    """PostgreSQL's parts, as libpq reads them; SQLite's file; of other databases nothing."""
    split = urlsplit(url)
    if kind_of(url) == "sqlite":
        return {"DATABASE_FILE": split.path[1:]}
    if kind_of(url) != "postgresql":
        return {}
    where = split.netloc.rpartition("@")[2]
    host, _, port = where.rpartition(":") if where.rpartition(":")[2].isdigit() else (where, "", "")
    found = {
        "host": unquote(host.strip("[]")),
        "port": port,
        "user": unquote(split.username or ""),
        "password": unquote(split.password or ""),
        "dbname": unquote(split.path[1:]),
        **dict(parse_qsl(split.query)),
    }
    return {variable: found[part] for part, variable in PARTS.items() if found[part]}
