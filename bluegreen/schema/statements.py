"""What code asks of the database, as SQL with samples: a comment above a statement gives its values, and what code
expects of the answer.

    -- name: read a customer
    -- with: {email: ann@example.com}
    -- expect: {rows: 1, not_null: [name], only: {status: [active, blocked]}}
    SELECT name, status FROM customer WHERE email = :email;

Plain SQL without any comment is fine. A comment line that begins with two spaces goes on with the one above it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, ValidationError

from bluegreen.errors import UserError
from bluegreen.registry import Spec
from bluegreen.schema.sqltext import Piece, pieces
from bluegreen.yamlfile import read_inline

KEYS = ("name", "with", "expect")
WRITTEN = re.compile(r"--\s?(?P<key>[A-Za-z_]\w*):(?:\s+(?P<value>.*))?$")
MORE = re.compile(r"--\s{2,}(?P<value>\S.*)$")
REMOVES = {"DELETE", "TRUNCATE"}
COMMITS = {
    "BEGIN",
    "START",
    "COMMIT",
    "END",
    "ROLLBACK",
    "ABORT",
    "SAVEPOINT",
    "RELEASE",
    "PREPARE",
    "VACUUM",
    "CALL",
    "DO",
}
"""What begins or ends transactions, or may, or wants none."""
LONGEST = 60
NEEDS_PSQL = (
    "COPY FROM stdin has its rows in the file, which only psql reads; write them as INSERT (pg_dump --inserts), or let"
    " psql apply the file: {kind: command, run: [sh, -c, 'psql -v ON_ERROR_STOP=1 -f FILE']}"
)


class Expect(Spec):
    """What the code takes for granted of an answer. It is also asked when rows of the other version are there."""

    rows: Annotated[int, Field(ge=0)] | None = None
    """So many rows, read or changed."""
    rows_at_least: Annotated[int, Field(ge=0)] = 0
    not_null: tuple[str, ...] = ()
    """Columns in which the code cannot bear NULL."""
    only: dict[str, tuple[Any, ...]] = {}
    """Values that the code knows, by column: all others are a surprise to it."""

    def missed(self, columns: Sequence[str], rows: Sequence[Sequence[Any]], count: int) -> str:
        """What is otherwise, or nothing. `count`: rows read, or changed; negative where nothing is counted."""
        count = max(count, 0)
        if self.rows is not None and count != self.rows:
            return f"{self.rows} rows were expected, and there are {count}"
        if count < self.rows_at_least:
            return f"at least {self.rows_at_least} rows were expected, and there are {count}"
        for column in (*self.not_null, *self.only):
            if column not in columns:
                return f"the answer has no column {column}; it has {', '.join(columns) or 'none'}"
        for column in self.not_null:
            if any(row[columns.index(column)] is None for row in rows):
                return f"{column} is NULL, which this code does not expect"
        for column, known in self.only.items():
            said = {str(value) for value in known}
            for row in rows:
                if (value := row[columns.index(column)]) not in known and str(value) not in said:
                    return f"{column} is {value!r}, which this code does not know: {', '.join(sorted(said))}"
        return ""


class Header(Spec):
    """The comment above a statement."""

    name: str = ""
    with_: Annotated[dict[str, Any], Field(alias="with")] = {}
    expect: Expect = Expect()


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its samples. `line`: where it begins in its file."""

    piece: Piece
    file: Path
    name: str
    values: Mapping[str, Any] = field(default_factory=dict)
    expect: Expect = field(default_factory=Expect)

    @property
    def line(self) -> int:
        return self.piece.line

    @property
    def shown(self) -> str:
        """Its file, from where people are."""
        here = Path.cwd()
        return str(self.file.relative_to(here) if self.file.is_relative_to(here) else self.file)

    @property
    def removes(self) -> bool:
        """Whether it takes rows away: it is left out where rows are to be found by the other version."""
        return self.piece.first in REMOVES

    @property
    def commits(self) -> bool:
        """Whether it must not be part of a transaction around it."""
        return self.piece.first in COMMITS or self.piece.says("CONCURRENTLY")


def plain(files: Sequence[Path]) -> tuple[Statement, ...]:
    """The statements of migrations: no samples, and a colon is nothing special. Raises UserError."""
    found = tuple(Statement(piece, file, _short(piece)) for file in files for piece in pieces(_read(file)))
    if wrong := [f"{each.file}:{each.line}: {NEEDS_PSQL}" for each in found if _needs_psql(each.piece)]:
        raise UserError("\n".join(wrong))
    return found


def statements(files: Sequence[Path]) -> tuple[Statement, ...]:
    """The statements of files with samples. Raises UserError with all that is wrong with them."""
    found, wrong = [], []
    for file in files:
        for piece in pieces(_read(file)):
            try:
                found.append(_statement(piece, file))
            except UserError as error:
                wrong.append(str(error))
        if not any(each.file == file for each in found) and not wrong:
            wrong.append(f"{file}:1: has no statement in it")
    if wrong:
        raise UserError("\n".join(wrong))
    return tuple(found)


def _statement(piece: Piece, file: Path) -> Statement:
    written = dict(_written(piece, file))
    try:
        header = Header.model_validate(written)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise UserError(f"{file}:{piece.line}: {told}") from error
    values = {name: _plain(value) for name, value in header.with_.items()}
    lost = [f":{name} has no value: add it to `-- with: {{...}}`" for name in piece.parameters if name not in values]
    lost += [f"the value {name} is not used: there is no :{name}" for name in values if name not in piece.parameters]
    if lost:
        raise UserError(f"{file}:{piece.line}: {'; '.join(lost)}")
    return Statement(piece, file, header.name or _short(piece), values, header.expect)


def _written(piece: Piece, file: Path) -> Iterator[tuple[str, Any]]:
    """Keys and values of the comment above."""
    found: list[tuple[int, str, str]] = []
    for line, comment in piece.above:
        if match := WRITTEN.match(comment):
            found.append((line, match["key"], match["value"] or ""))
        elif found and (more := MORE.match(comment)):
            at, key, value = found.pop()
            found.append((at, key, f"{value} {more['value']}"))
    for line, key, value in found:
        if key == "name":
            yield key, value
        elif key in KEYS:
            yield key, read_inline(value, f"{file}:{line}: {key}")
        elif value.startswith("{"):
            raise UserError(f"{file}:{line}: unknown key {key}; possible are {', '.join(KEYS)}")


def _plain(value: Any) -> Any:
    """As every driver takes it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return json.dumps(value)
    return list(value) if isinstance(value, list | tuple) else value


def _needs_psql(piece: Piece) -> bool:
    return piece.first == "COPY" and piece.says("STDIN")


def _short(piece: Piece) -> str:
    text = " ".join(piece.text.split())
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: is not UTF-8 text") from error
