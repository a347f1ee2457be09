"""How long a schema check takes: 50 statements in three states, with a PostgreSQL server that is started for it."""

import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figure import Figure
from bluegreen.schema.checking import checked_and_judged
from bluegreen.schema.databases.kept import Kept
from bluegreen.schema.databases.opened import programs
from bluegreen.schema.moments import Answer

STATEMENTS = 50
SPEC = """\
database: {database}
before: before.sql
expand: expand.sql
contract: contract.sql
old: old.sql
new: new.sql
"""


def figures() -> Iterator[Figure]:
    began = time.perf_counter()
    with Kept(programs(18)):
        yield Figure("schema check: starting PostgreSQL", time.perf_counter() - began, "s")
    for database, bound in (("postgres", "under 10 s"), ("sqlite", "")):
        name = f"schema check: {STATEMENTS} statements, 3 states, {database}"
        yield Figure(name, _seconds(database), "s", bound)


def _seconds(database: str) -> float:
    """From reading the file until nothing is left."""
    with TemporaryDirectory() as folder:
        file = _written(Path(folder), database)
        began = time.perf_counter()
        _, judged = checked_and_judged(file)
        assert judged.answer is Answer.WORKS, judged.why
        return time.perf_counter() - began


def _written(folder: Path, database: str) -> Path:
    tables = range(STATEMENTS // 4)
    parts = {
        "before": [f"CREATE TABLE t{n} (id int PRIMARY KEY, a text, b text);" for n in tables],
        "expand": [f"ALTER TABLE t{n} ADD COLUMN c text;" for n in tables],
        "contract": [f"ALTER TABLE t{n} DROP COLUMN b;" for n in tables],
        "old": [line for n in tables for line in _code(n, "a, b")],
        "new": [line for n in tables for line in _code(n, "a, c")],
    }
    for code in ("old", "new"):  # 50 do not divide by four
        parts[code].append("SELECT 1 AS one;")
    for name, lines in parts.items():
        (folder / f"{name}.sql").write_text("\n".join(lines))
    file = folder / "bench.schema.yaml"
    file.write_text(SPEC.format(database=database))
    return file


def _code(table: int, columns: str) -> list[str]:
    return [
        f"-- with: {{id: 1, a: some, b: text}}\nINSERT INTO t{table} (id, {columns}) VALUES (:id, :a, :b);",
        f"-- with: {{id: 1}}\n-- expect: {{rows: 1}}\nSELECT {columns} FROM t{table} WHERE id = :id;",
    ]
