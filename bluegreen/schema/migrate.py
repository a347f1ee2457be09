"""SQL files of a rollout's step, applied to the database in use: a process of its own beside the engine.

python -m bluegreen.schema.migrate STEP VARIABLE

STEP is the step as JSON, VARIABLE the environment variable with the database's URL. Exit codes: 0 all is applied,
1 something is wrong with the files or failed, 3 the database cannot be reached. What was applied before is passed over.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from pydantic import TypeAdapter

from bluegreen.errors import OperatingError, Refused, UserError
from bluegreen.schema.apply.base import Apply
from bluegreen.schema.databases.used import Used, used
from bluegreen.schema.outcome import Failure
from bluegreen.schema.progress import Part, part_of
from bluegreen.schema.statements import Statement, plain
from bluegreen.schema.step import AnyStep


def main(step: str, variable: str) -> int:
    """What happens is written line by line; the last lines are what a journal keeps."""
    try:
        failure = _migrated(TypeAdapter(AnyStep).validate_json(step), os.environ[variable])
    except (UserError, Refused) as error:
        failure = str(error)
    except OperatingError as error:
        print(error)
        return 3
    print(failure or "all is applied")
    return 1 if failure else 0


def read(step: Apply) -> dict[Path, tuple[Statement, ...]]:
    """The statements of its files. Raises UserError, also when two files have one name: marks are kept by that."""
    files = step.sql_files()
    twice = sorted({file.name for file in files if [each.name for each in files].count(file.name) > 1})
    if twice:
        raise UserError(f"two files are called {', '.join(twice)}: how far each is applied is kept by its name")
    return {file: plain((file,)) for file in files}


def _migrated(step: Apply, url: str) -> str:
    """Apply it; returns what failed, and how far it came."""
    files = read(step)
    with used(url, step.timeout) as database:
        marks = database.marks()
        for part in [part_of(file, found, marks, stays=step.stays(file)) for file, found in files.items()]:
            if (failed := _applied(part, database)) is not None:
                number, failure = failed
                return f"{_failed(part, number)}: {failure}"
            print(f"{part.file.name}: {_said(part)}")
    return ""


def _applied(part: Part, database: Used) -> tuple[int, Failure] | None:
    """Up to the first statement that fails: which it is, from 0."""
    for statement in part.again if part.rest else ():
        if (failure := database.again(statement)) is not None:
            return part.done, failure
    for number, statement in enumerate(part.rest, start=part.done):
        if (failure := database.run(statement, part, number + 1)) is not None:
            return number, failure
    return None


def _said(part: Part) -> str:
    if not part.rest:
        return "was applied before"
    return f"went on after statement {part.done} of {len(part.all)}" if part.done else "applied"


def _failed(part: Part, number: int) -> str:
    where = f"{part.file.name}: statement {number + 1} of {len(part.all)} failed"
    return f"{where}; what is before it stays, and the next run goes on there"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
