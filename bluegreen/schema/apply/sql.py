"""A step as SQL files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, Self

from bluegreen.schema.apply.base import Apply, Files, no_file


class SqlFiles(Apply):
    """Files that are run one after the other. Each statement is committed by itself, unless the file says BEGIN."""

    kind: Literal["sql"] = "sql"
    files: Files

    @property
    def words(self) -> str:
        return ", ".join(file.name for file in self.files)

    def sql_files(self) -> tuple[Path, ...]:
        return self.files

    def beside(self, folder: Path) -> Self:
        return self.model_copy(update={"files": tuple((folder / file).resolve() for file in self.files)})

    def problems(self) -> Iterator[str]:
        for file in self.files:
            yield from no_file(file)
