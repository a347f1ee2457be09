"""A team's own commands for real: processes in a keeper's care, and a mark in a file beside the journals."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from bluegreen.errors import Refused
from bluegreen.outside.making import Ended, Mark, Step
from bluegreen.outside.processes import Process
from bluegreen.plan.ways import Command

KEPT = 64_000
"""So many bytes of what a command wrote are looked through for its JSON."""
MARK = "mark.json"


class RealPrograms:
    """`bluegreen.outside.making.Programs`. What commands write, and the mark, are kept in `folder`."""

    def __init__(self, spec: Command, folder: Path, facts: Mapping[str, str]) -> None:
        """`facts`: added to the commands' environment, by names like BLUEGREEN_NAME."""
        self._spec, self._folder, self._facts = spec, folder, facts
        self._running: dict[Step, Process] = {}

    def begin(self, step: Step) -> None:
        command = getattr(self._spec, step)
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._running[step] = Process(
                shlex.split(command),
                self._output(step),
                self._spec.limit(step),
                folder=self._spec.folder,
                environment={**os.environ, **self._facts, "BLUEGREEN_STEP": step},
            )
        except OSError as error:
            raise Refused(f"candidate.command.{step} cannot be started: {error}") from error

    def ended(self, step: Step) -> Ended | None:
        outcome = self._running[step].outcome()
        if outcome is None:
            return None
        return Ended(None if outcome.late or outcome.error else outcome.code, outcome.words, self._lines(step))

    def begun(self, step: Step) -> bool:
        return step in self._running

    def last(self, step: Step) -> str:
        return self._running[step].last()

    def stop(self, step: Step) -> None:
        if step in self._running:
            self._running.pop(step).stop()

    def mark(self) -> Mark:
        """A file that cannot be read is not a file that is not there. Raises Refused."""
        file = self._folder / MARK
        try:
            said = json.loads(file.read_text(encoding="utf-8"))
            return Mark(said["stage"], said["outputs"])
        except FileNotFoundError:
            return Mark()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Refused(f"{file} cannot be read, and only it knows what was made: {error}") from error

    def keep(self, mark: Mark) -> None:
        """Written beside and moved into place, so that there is always a whole one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._folder / f"{MARK}.new"
        with beside.open("w", encoding="utf-8") as file:
            json.dump({"stage": mark.stage, "outputs": dict(mark.outputs)}, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._folder / MARK)

    def _output(self, step: Step) -> Path:
        return self._folder / f"{step}.log"

    def _lines(self, step: Step) -> tuple[str, ...]:
        try:
            with self._output(step).open("rb") as file:
                file.seek(max(0, self._output(step).stat().st_size - KEPT))
                return tuple(file.read().decode(errors="replace").splitlines())
        except OSError:
            return ()
