"""Schema steps: files of checks that are wrong, and what locks tables while users wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bluegreen.checks.schema import SchemaCompatible
from bluegreen.data.schema import Schema
from bluegreen.errors import OperatingError, UserError
from bluegreen.preview.finding import Case, Hit, Place, Severity, finding
from bluegreen.schema.apply.base import Apply
from bluegreen.schema.spec import Postgres, SchemaCheck, load_schema_check
from bluegreen.schema.squawk import linter, remarks

STEPS = ("expand", "contract")
FACT = "squawk, a linter of PostgreSQL migrations, knows which lock a statement takes and whom it keeps waiting"


@finding(
    "schema-check-cannot-run",
    Severity.ERROR,
    fact="a check whose file is wrong answers nothing, and unknown never passes",
)
def wrong(case: Case) -> Iterator[Hit]:
    """A schema check's file is not there, or wrong."""
    for place, check in _checks(case):
        loaded = _loaded(check)
        if isinstance(loaded, UserError):
            yield Hit(
                (*place, "file"), str(loaded), "mend it; `bluegreen schema-check` tells the same, from this folder"
            )


@finding(
    "schema-not-checked",
    Severity.WARNING,
    fact="both versions work on one schema for as long as the stalest DNS cache lives, and again when the rollout goes"
    " back",
)
def unchecked(case: Case) -> Iterator[Hit]:
    """The rollout changes the schema (`data`), and no check has tried whether old and new code both work with it."""
    if isinstance(case.plan.data, Schema) and not any(True for _ in _checks(case)):
        what = "nobody has tried whether old code works with the expanded schema, and with what new code writes"
        yield Hit(("data",), what, "write a schema check, and ask it: `verify: {checks: [{kind: schema, file: ...}]}`")


@finding("migration-locks", Severity.WARNING, fact=FACT)
def locks(case: Case) -> Iterator[Hit]:
    """A step in SQL for PostgreSQL locks a table longer than it must, or waits for a lock for ever (where squawk is
    installed)."""
    program = linter()
    for place, _, step in _steps(case):
        files = step.sql_files()
        if program is None or not files:
            continue
        try:
            for remark in remarks(program, files):
                yield Hit(place, f"{_near(remark.file)}:{remark.line}: {remark.message} [{remark.rule}]", remark.mend)
        except OperatingError as error:
            yield Hit(place, str(error), "run squawk on the files yourself")


@finding("migration-not-linted", Severity.WARNING, fact=FACT)
def not_linted(case: Case) -> Iterator[Hit]:
    """A step for PostgreSQL was not looked through for locks: squawk is not installed, or the step is no SQL."""
    for place, name, step in _steps(case):
        if not step.sql_files():
            what = f"{name} is done by a program: nobody has looked at what it locks"
            yield Hit(place, what, "let it write SQL (alembic upgrade A:B --sql), and have squawk look at that")
        elif linter() is None:
            what = f"squawk is not installed here: nobody has looked at what {name} locks"
            yield Hit(place, what, "pip install 'bluegreen-rehearsal[schema]'")


@finding(
    "another-step-was-checked",
    Severity.WARNING,
    fact="a schema check says of a step what it found with that step; of another one it says nothing",
)
def another(case: Case) -> Iterator[Hit]:
    """The step that the rollout runs (`data`) is not the one that its schema check tries."""
    for _, check, loaded in _files(case):
        for name, step in _own_steps(case):
            tried = loaded.part(name)
            if tried is None or not _same(tried, step):
                there = "has none" if tried is None else f"tries {tried.words}"
                what = f"the rollout runs {step.words} to {name}, and {check.file.name} {there}"
                yield Hit(("data", name), what, "write the same step in both files")


def _steps(case: Case) -> Iterator[tuple[Place, str, Apply]]:
    """Every step of PostgreSQL's that a file names, each once: where, its name, how it is applied. What database a
    program of `data` changes is nobody's knowledge, and SQL is taken for PostgreSQL's unless a check has another."""
    own = dict(_own_steps(case))
    if all(isinstance(loaded.database, Postgres) for _, _, loaded in _files(case)):
        yield from ((("data", name), name, step) for name, step in own.items() if step.sql_files())
    for place, _, loaded in _files(case):
        for name in STEPS if isinstance(loaded.database, Postgres) else ():
            step = loaded.part(name)
            if step is not None and not (step.sql_files() and name in own and _same(step, own[name])):
                yield place, name, step


def _own_steps(case: Case) -> Iterator[tuple[str, Apply]]:
    if isinstance(case.plan.data, Schema):
        yield from case.plan.data.steps()


def _same(one: Apply, other: Apply) -> bool:
    """Whether they apply the same; how long each may take does not matter."""
    return (one.sql_files(), one.program()) == (other.sql_files(), other.program())


def _files(case: Case) -> Iterator[tuple[Place, SchemaCompatible, SchemaCheck]]:
    """The schema checks whose files are good."""
    for place, check in _checks(case):
        if isinstance(loaded := _loaded(check), SchemaCheck):
            yield place, check, loaded


def _checks(case: Case) -> Iterator[tuple[Place, SchemaCompatible]]:
    for place, _, check in case.checks:
        if isinstance(check, SchemaCompatible):
            yield place, check


def _loaded(check: SchemaCompatible) -> SchemaCheck | UserError:
    try:
        return load_schema_check(check.file)
    except UserError as error:
        return error


def _near(file: Path) -> Path:
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file
