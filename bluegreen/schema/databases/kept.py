"""A throw-away folder, with a PostgreSQL server if asked, in a keeper's care."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bluegreen.errors import Unreachable
from bluegreen.schema.databases import keeper


class Kept:
    """Begun at once; gone, with all that is in it, when it is closed or this process has ended. Raises Unreachable."""

    def __init__(self, programs: Path | None = None) -> None:
        """`programs`: where `postgres` and `initdb` are, when a server is wanted."""
        command = [sys.executable, "-I", keeper.__file__, *([str(programs)] if programs else [])]
        self._keeper = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the check to understand
        )
        told = self._told()
        if "error" in told:
            self.close()
            raise Unreachable(f"no database could be started: {told['error']}")
        self.folder = Path(told["folder"])
        """For files of the check's own; nobody else may read it."""
        self.url = ""
        """Of the server's first database."""
        if programs:
            self.url = f"postgresql://postgres:{told['password']}@127.0.0.1:{told['port']}/postgres"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Returns when nothing is left."""
        self._keeper.communicate()  # closes its standard input

    def _told(self) -> dict[str, Any]:
        assert self._keeper.stdout is not None
        try:
            told: dict[str, Any] = json.loads(self._keeper.stdout.readline())
        except ValueError:
            return {"error": "its keeper died"}
        return told
