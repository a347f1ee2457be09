"""A schema check, as people write it down.

database: postgres
before: {kind: folder, folder: migrations, upto: 1}
expand: {kind: folder, folder: migrations, after: 1, upto: 2}
contract: {kind: folder, folder: migrations, after: 2, upto: 3}
old: statements/old.sql
new: {kind: command, run: [pytest, tests/database]}
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import BeforeValidator, Field, model_validator

from bluegreen.errors import UserError
from bluegreen.registry import Spec
from bluegreen.schema.apply.base import Variable
from bluegreen.schema.code import AnyCode
from bluegreen.schema.step import AnyStep
from bluegreen.units import PositiveDuration, parse_duration
from bluegreen.yamlfile import check, place_of, read_yaml

HERE = ("localhost", "127.0.0.1", "::1")
PARTS = ("before", "expand", "contract", "undo.expand", "undo.contract", "old", "new")


class Postgres(Spec):
    """A PostgreSQL of its own, started for the check and removed after it; or databases of their own on a server that
    is given by URL, which are dropped after it. No database that is there is ever touched."""

    kind: Literal["postgres"] = "postgres"
    version: Literal[16, 18] = 18
    """Of the one that is started."""
    url: str = ""
    """A server, and a database on it from which others may be created."""
    url_from: Variable | None = None
    """The environment variable that holds the URL, where it has a password in it."""
    throw_away: bool = False
    """Says that the server may be used for this, where it is not on this machine."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.url and self.url_from is not None:
            raise ValueError("give url or url_from, not both")
        if self.url:
            self._allowed(self.url)
        return self

    def server(self) -> str:
        """The URL that was given; empty when a server is to be started. Raises UserError."""
        if self.url_from is None:
            return self.url
        url = os.environ.get(self.url_from, "")
        if not url:
            raise UserError(f"database.url_from: the environment has no {self.url_from}")
        try:
            self._allowed(url)
        except ValueError as error:
            raise UserError(f"database.url_from: {error}") from error
        return url

    def _allowed(self, url: str) -> None:
        if urlsplit(url).scheme not in ("postgres", "postgresql"):
            raise ValueError("the URL of a server is like postgresql://user@127.0.0.1:5432/postgres")
        far = [host for host in hosts_of(url) if host not in HERE and not host.startswith("/")]
        if far and not self.throw_away:
            raise ValueError(
                f"{far[0]} is not this machine: a check creates and drops databases there and loads it; if that server"
                " is for such things, say so with `throw_away: true`"
            )


def hosts_of(url: str) -> tuple[str, ...]:
    """All servers that a URL may lead to: in its place, as parameters, and by PGHOST (libpq, connection URIs)."""
    parts = urlsplit(url)
    named = parts.netloc.rpartition("@")[2].split(",")
    found = [host.partition("]")[0][1:] if host.startswith("[") else host.partition(":")[0] for host in named]
    found += [host for key, text in parse_qsl(parts.query) if key in ("host", "hostaddr") for host in text.split(",")]
    found = [unquote(host) for host in found if host]
    return tuple(found) or tuple(filter(None, os.environ.get("PGHOST", "").split(",")))


class Sqlite(Spec):
    """A file of its own."""

    kind: Literal["sqlite"] = "sqlite"


def _named(given: object) -> object:
    return {"kind": given} if isinstance(given, str) else given


if TYPE_CHECKING:
    AnyDatabase = Postgres | Sqlite
else:
    Told = Annotated[Postgres | Sqlite, Field(discriminator="kind")]
    AnyDatabase = Annotated[Told, BeforeValidator(_named, json_schema_input_type=Told | Literal["postgres", "sqlite"])]


class Undo(Spec):
    """How steps are taken back, where that is prepared."""

    expand: AnyStep | None = None
    contract: AnyStep | None = None


class SchemaCheck(Spec):
    """A whole file."""

    database: AnyDatabase = Postgres()
    before: AnyStep
    """From an empty database to the schema that old code runs on today, with rows if they matter."""
    expand: AnyStep | None = None
    """What is added for new code."""
    contract: AnyStep | None = None
    """What is taken away from old code."""
    undo: Undo = Undo()
    old: AnyCode
    new: AnyCode
    statement_timeout: PositiveDuration = parse_duration("10s")
    """After this a statement of old or new code has failed. Migrations have their own `timeout`."""

    @model_validator(mode="after")
    def _has_steps(self) -> Self:
        if self.expand is None and self.contract is None:
            raise ValueError("there is nothing to check: give expand, contract, or both")
        for step in ("expand", "contract"):
            if getattr(self.undo, step) is not None and getattr(self, step) is None:
                raise ValueError(f"undo.{step} takes back a step that is not there: give {step}")
        return self

    def part(self, name: str) -> Any:
        """One of PARTS."""
        outer, _, inner = name.partition(".")
        found = getattr(self, outer)
        return getattr(found, inner) if inner else found


def load_schema_check(path: Path) -> SchemaCheck:
    """Read a file; paths in it are meant from its own folder. Raises UserError with one line for each problem."""
    content: Any = read_yaml(path)
    spec = check(content, SchemaCheck, path)
    folder = path.resolve().parent
    placed = {name: part.beside(folder) for name in PARTS if (part := spec.part(name)) is not None}
    wrong = [problem for name, part in placed.items() for problem in _problems(path, content, name, part)]
    if wrong:
        raise UserError("\n".join(wrong))
    undo = Undo(**{name.partition(".")[2]: part for name, part in placed.items() if "." in name})
    return spec.model_copy(update={**{name: part for name, part in placed.items() if "." not in name}, "undo": undo})


def _problems(path: Path, content: Any, name: str, part: Any) -> Iterator[str]:
    _, line = place_of(content, name.split("."))
    for problem in part.problems():
        yield f"{path}:{line}: {name}: {problem}"
