"""A step as any program that is given the database's URL."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

from bluegreen.schema.apply.base import VARIABLE, Apply, Program, Variable, Words, no_folder


class ApplyCommand(Apply):
    """Exit code 0 says that it is done, any other that it has failed. It finds the URL in `variable`, and for
    PostgreSQL its parts in PGHOST, PGPORT, PGUSER, PGPASSWORD and PGDATABASE."""

    kind: Literal["command"] = "command"
    run: Words
    folder: Path = Path()
    """Where it runs."""
    variable: Variable = VARIABLE
    environment: dict[Variable, str] = {}
    """Added to the environment."""

    @property
    def needs_url(self) -> bool:
        return False

    @property
    def words(self) -> str:
        return shlex.join(self.run)

    def program(self) -> Program:
        return Program(self.run, self.folder, self.variable, self.environment)

    def beside(self, folder: Path) -> Self:
        return self.model_copy(update={"folder": (folder / self.folder).resolve()})

    def problems(self) -> Iterator[str]:
        yield from no_folder(self.folder)
