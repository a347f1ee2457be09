"""A command that runs beside the engine, in a keeper's care."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from bluegreen.outside import keeper
from bluegreen.outside.shown import secrets_of, shown

READ = 64_000
"""So many bytes of a command's output are looked at for its last lines."""
LAST = 2_000
"""So many letters of them are told."""
LINES = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command. Negative codes are signals, as in `subprocess`."""

    code: int | None
    late: bool
    error: str
    last: str
    """The last lines of its output."""

    @property
    def words(self) -> str:
        """In a few words."""
        if self.error:
            return self.error
        how = "ended at its time limit" if self.late else f"exit code {self.code}"
        if self.code is not None and self.code < 0:
            how = f"killed by signal {-self.code}"
        return f"{how}: {self.last}" if self.last else how


class Process:
    """One command, begun at once. Raises OSError when not even the keeper can be started."""

    def __init__(
        self,
        command: Sequence[str],
        output: Path,
        limit: timedelta,
        *,
        folder: Path | None,
        environment: Mapping[str, str],
    ) -> None:
        self._output, self._secrets = output, secrets_of(environment)
        keeping = [sys.executable, "-I", keeper.__file__, str(limit.total_seconds()), str(output.resolve())]
        self._keeper = subprocess.Popen(
            [*keeping, "--", *command],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the engine to understand, and must not reach the keeper
        )
        self._outcome: Outcome | None = None

    def outcome(self) -> Outcome | None:
        """None while it runs."""
        if self._outcome is None and self._keeper.poll() is not None:
            said = self._keeper.communicate()[0]
            self._outcome = self._read(said)
        return self._outcome

    def wait(self) -> Outcome:
        """Returns when it has ended, at its time limit at the latest."""
        self._keeper.wait()
        outcome = self.outcome()
        assert outcome is not None
        return outcome

    def stop(self) -> None:
        """End it, with all that it started."""
        if self._outcome is None:
            self._keeper.communicate()  # closes its standard input; it ends at once

    def last(self) -> str:
        """The last lines of its output so far."""
        try:
            with self._output.open("rb") as file:
                file.seek(max(0, self._output.stat().st_size - READ))
                text = shown(file.read(READ).decode(errors="replace"), self._secrets)
        except OSError:
            return ""
        return " / ".join([line.strip() for line in text[-LAST:].splitlines() if line.strip()][-LINES:])

    def _read(self, said: bytes) -> Outcome:
        try:
            told: dict[str, Any] = json.loads(said)
        except ValueError:
            return Outcome(None, late=False, error="its keeper died", last=self.last())
        return Outcome(told.get("code"), bool(told.get("late")), told.get("error", ""), self.last())


Begin = Callable[[], Process]
