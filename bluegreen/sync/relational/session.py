"""A connection to PostgreSQL that looks and changes nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from bluegreen.errors import Unreachable, UserError
from bluegreen.sync.spec import Database

CONNECT_S = 10
OPTIONS = "-c default_transaction_read_only=on -c TimeZone=UTC -c statement_timeout=300000 -c search_path=public"
"""Texts must be the same on both sides, whatever their settings are."""

Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Session:
    """One side."""

    side: str
    connection: psycopg.Connection[Row]

    def ask(self, query: LiteralString | sql.Composed, given: Mapping[str, Any] | None = None) -> list[Row]:
        """All rows. Raises Unreachable, UserError for what the database refuses."""
        try:
            return self.connection.execute(query, given).fetchall()
        except psycopg.OperationalError as error:
            raise Unreachable(f"{self.side}: {_words(error)}") from error
        except psycopg.Error as error:
            raise UserError(f"{self.side}: the database says: {_words(error)}") from error


@contextmanager
def session(spec: Database) -> Iterator[Session]:
    """Raises UserError when there is no URL, or it is none; Unreachable."""
    url = os.environ.get(spec.url_from, "")
    if not url:
        raise UserError(f"{spec.side}: the environment variable {spec.url_from} must have the database's URL")
    try:
        connection: psycopg.Connection[Row] = psycopg.connect(
            url, autocommit=True, connect_timeout=CONNECT_S, options=OPTIONS, application_name="bluegreen sync"
        )
    except psycopg.OperationalError as error:
        raise Unreachable(f"{spec.side}: {_words(error)}") from error
    except psycopg.Error as error:
        raise UserError(f"{spec.side}: {spec.url_from} is no URL of a PostgreSQL database: {_words(error)}") from error
    try:
        yield Session(spec.side, connection)
    finally:
        connection.close()


def _words(error: psycopg.Error) -> str:
    return " ".join((error.diag.message_primary or str(error)).split())
