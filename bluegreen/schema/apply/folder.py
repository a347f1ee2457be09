"""A step as a stretch of a folder of versioned SQL files, named as Flyway's are: `V2__add_display_name.sql`.

Flyway documentation, versioned and repeatable migrations: versions are numbers with dots or underscores between,
compared number by number; repeatable ones (`R__`) follow after all versions, in order of their descriptions; `U` files
undo, and are not run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, model_validator

from bluegreen.schema.apply.base import Apply, no_folder

NAMED = re.compile(r"V(?P<version>\d+(?:[._]\d+)*)__.+\.sql", re.IGNORECASE)
REPEATED = re.compile(r"R__.+\.sql", re.IGNORECASE)
Order = tuple[int, ...]


def _written(given: Any) -> Any:
    """YAML reads 1.10 as the number 1.1, which is another version."""
    if isinstance(given, float):
        raise ValueError(f'put the version in quotes, like "{given}"')
    text = str(given)
    if not re.fullmatch(r"\d+(?:[._]\d+)*", text):
        raise ValueError(f"{text!r} is no version; like 2, or 2.1")
    return text


Version = Annotated[str, BeforeValidator(_written, json_schema_input_type=int | str)]


class SqlFolder(Apply):
    """The versions above `after`, up to `upto`, lowest first."""

    kind: Literal["folder"] = "folder"
    folder: Path
    after: Version | None = None
    """What has been applied already. Default: nothing."""
    upto: Version | None = None
    """The last one. Default: all."""

    @model_validator(mode="after")
    def _upwards(self) -> Self:
        if self.after and self.upto and order(self.after) >= order(self.upto):
            raise ValueError(f"there is nothing above {self.after} up to {self.upto}")
        return self

    @property
    def words(self) -> str:
        above = f"above {self.after} " if self.after else ""
        return f"{self.folder.name}/, {above}up to {self.upto or 'the last'}"

    def stays(self, file: Path) -> bool:
        return NAMED.fullmatch(file.name) is not None

    def sql_files(self) -> tuple[Path, ...]:
        versions = sorted((order(match["version"]), file) for file, match in self._versioned())
        inside = [file for version, file in versions if self._in(version)]
        repeated = [file for file in self._listed() if REPEATED.fullmatch(file.name)]
        return (*inside, *repeated)

    def beside(self, folder: Path) -> Self:
        return self.model_copy(update={"folder": (folder / self.folder).resolve()})

    def problems(self) -> Iterator[str]:
        yield from no_folder(self.folder)
        if not self.folder.is_dir():
            return
        versions = [order(match["version"]) for _, match in self._versioned()]
        for said in (self.after, self.upto):
            if said is not None and order(said) not in versions:
                yield f"{self.folder} has no version {said}"
        for twice in sorted({version for version in versions if versions.count(version) > 1}):
            yield f"{self.folder} has two files of version {'.'.join(map(str, twice))}"
        if not any(self._in(version) for version in versions):
            yield f"{self.folder} has no file like V2__what_it_does.sql to be applied"

    def _in(self, version: Order) -> bool:
        above = self.after is None or version > order(self.after)
        return above and (self.upto is None or version <= order(self.upto))

    def _versioned(self) -> Iterator[tuple[Path, re.Match[str]]]:
        for file in self._listed():
            if match := NAMED.fullmatch(file.name):
                yield file, match

    def _listed(self) -> list[Path]:
        return sorted(file for file in self.folder.iterdir() if file.is_file())


def order(version: str) -> Order:
    """What versions are compared by: 1.10 is above 1.9, and 2.0 is the same as 2."""
    numbers = [int(number) for number in re.split(r"[._]", version)]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
