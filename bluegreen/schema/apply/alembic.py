"""A step as a revision of Alembic's, applied by the team's own `alembic`."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.schema.apply.base import VARIABLE, Apply, Program, Variable, Words, no_file


class Alembic(Apply):
    """`alembic upgrade REVISION` (or `downgrade`), where alembic.ini is. The team's env.py must take the database's URL
    from the environment: one that does not would migrate whatever database its alembic.ini names, so it is refused."""

    kind: Literal["alembic"] = "alembic"
    revision: Annotated[str, Field(pattern=r"^[A-Za-z0-9_@:.+-]+$")]
    """A revision, or `base`, `heads`, `+1`, `-1`."""
    to: Literal["upgrade", "downgrade"] = "upgrade"
    config: Path = Path("alembic.ini")
    variable: Variable = VARIABLE
    """The environment variable in which env.py finds the URL."""
    run: Words = ("alembic",)
    """How alembic is called: [uv, run, alembic]."""

    @property
    def words(self) -> str:
        return f"{shlex.join(self.run)} {self.to} {self.revision}"

    def program(self) -> Program:
        words = (*self.run, "-c", str(self.config), self.to, self.revision)
        return Program(words, self.config.parent, self.variable)

    def beside(self, folder: Path) -> Self:
        return self.model_copy(update={"config": (folder / self.config).resolve()})

    def problems(self) -> Iterator[str]:
        yield from no_file(self.config)
        if not self.config.is_file():
            return
        script = self._env()
        if not script.is_file():
            yield f"there is no file {script}, of which alembic would learn the database's URL"
        elif not re.search(rf"\b{self.variable}\b", _text(script) + _text(self.config)):
            yield (
                f"{script} does not read {self.variable}: alembic would migrate whatever database {self.config.name}"
                f' names; let env.py take os.environ["{self.variable}"], give the name of yours as `variable`, or use'
                " `kind: command` if you know better"
            )

    def _env(self) -> Path:
        """Alembic documentation, tutorial: script_location holds env.py; %(here)s is where alembic.ini is."""
        here = str(self.config.parent)
        ini = configparser.ConfigParser({"here": here})
        try:
            ini.read_string(_text(self.config))
            place = ini.get("alembic", "script_location", fallback="alembic")
        except configparser.Error:
            place = "alembic"
        return self.config.parent / place / "env.py"


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
