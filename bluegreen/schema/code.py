"""What a version of the code asks of the database, as people write it down: SQL with samples, or a test command."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import BeforeValidator, Field

from bluegreen.registry import Spec
from bluegreen.schema.apply.base import VARIABLE, Files, Program, Variable, Words, no_file, no_folder
from bluegreen.schema.step import as_sql
from bluegreen.units import PositiveDuration, parse_duration


class SqlCode(Spec):
    """Statements with sample values, each run by itself. The format is in `statements.py`."""

    kind: Literal["sql"] = "sql"
    files: Files

    def beside(self, folder: Path) -> Self:
        return self.model_copy(update={"files": tuple((folder / file).resolve() for file in self.files)})

    def problems(self) -> Iterator[str]:
        for file in self.files:
            yield from no_file(file)


class TestCommand(Spec):
    """Exit code 0 says that the code works. It is run in each state, and must bear rows that are there already, and
    leave its own behind for the other version to meet."""

    __test__ = False  # for pytest, which takes every class of such a name for a test

    kind: Literal["command"] = "command"
    run: Words
    folder: Path = Path()
    variable: Variable = VARIABLE
    environment: dict[Variable, str] = {}
    timeout: PositiveDuration = parse_duration("5m")

    def program(self) -> Program:
        """What to run."""
        return Program(self.run, self.folder, self.variable, self.environment)

    def beside(self, folder: Path) -> Self:
        return self.model_copy(update={"folder": (folder / self.folder).resolve()})

    def problems(self) -> Iterator[str]:
        yield from no_folder(self.folder)


Code = SqlCode | TestCommand
if TYPE_CHECKING:
    AnyCode = Code
else:
    Told = Annotated[Code, Field(discriminator="kind")]
    AnyCode = Annotated[Told, BeforeValidator(as_sql, json_schema_input_type=Told | str | tuple[str, ...])]
