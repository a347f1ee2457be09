"""What every way to apply a step has: a time limit, and either SQL files or a program of the team's.

Exactly one of `sql_files` and `program` says something. Both are only read here; who runs them is told the database by
its URL: programs in an environment variable.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Self

from pydantic import BeforeValidator, Field

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration

VARIABLE = "DATABASE_URL"
"""Where a program finds the URL of the database unless it is told another name."""
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Words = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
"""Program and arguments, one by one: no shell looks at them."""


def _listed(given: object) -> object:
    return (given,) if isinstance(given, str | Path) else given


Files = Annotated[tuple[Path, ...], Field(min_length=1), BeforeValidator(_listed)]
"""One file, or several in order."""


@dataclass(frozen=True, slots=True)
class Program:
    """Something to run. `variable`: in which the database's URL is expected; `environment`: added to the runner's."""

    run: tuple[str, ...]
    folder: Path | None = None
    variable: str = VARIABLE
    environment: Mapping[str, str] = field(default_factory=dict)


class Apply(Spec):
    """The base of all ways to apply a step."""

    timeout: PositiveDuration = parse_duration("10m")
    """After this a program, or a single SQL statement, is ended and has failed. A rollout ends the whole step then."""
    retries: Annotated[int, Field(ge=0, le=100)] = 0
    """How often a rollout begins it again when it has failed. A check does not."""

    @property
    def needs_url(self) -> bool:
        """Whether it cannot do without the database's URL. A program of the team's may know its database by itself."""
        return True

    @property
    def words(self) -> str:
        """What is applied, for people. Nothing is read for it."""
        raise NotImplementedError

    def sql_files(self) -> tuple[Path, ...]:
        """The SQL files in order; none when a program does it."""
        return ()

    def stays(self, file: Path) -> bool:
        """Whether an SQL file that was applied must never change. Else another content is another change."""
        return False

    def program(self) -> Program | None:
        """What to run; None when it is SQL files."""
        return None

    def beside(self, folder: Path) -> Self:
        """The same with its paths meant from a folder."""
        raise NotImplementedError

    def problems(self) -> Iterator[str]:
        """What is not there, once the paths are known."""
        yield from ()


def no_file(file: Path) -> Iterator[str]:
    """The complaint when it is not there."""
    if not file.is_file():
        yield f"there is no file {file}"


def no_folder(folder: Path) -> Iterator[str]:
    """The complaint when it is not there."""
    if not folder.is_dir():
        yield f"there is no folder {folder}"
