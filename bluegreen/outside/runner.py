"""The Checks port for real: commands, migrations, locust and schema checks as processes, HTTP in threads."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from bluegreen.checks.base import Check
from bluegreen.checks.command import CommandCheck
from bluegreen.checks.http import Http
from bluegreen.checks.locust import Locust
from bluegreen.checks.schema import SchemaCompatible
from bluegreen.errors import Refused
from bluegreen.model import CheckView
from bluegreen.outside import migrations, schemas
from bluegreen.outside.load import command, figures_file, judge
from bluegreen.outside.processes import Process
from bluegreen.outside.smoke import Smoke, target
from bluegreen.schema.migration import Migration

Urls = Callable[[], Mapping[str, str]]
"""Where the slots are: BLUEGREEN_CANDIDATE_URL and BLUEGREEN_LIVE_URL, as far as they are known. May raise
OperatingError."""


class Running(Protocol):
    """Something that was begun."""

    def view(self) -> CheckView: ...

    def stop(self) -> None: ...


class Runner:
    """`bluegreen.ports.Checks`. Output and results of commands are kept in `folder`."""

    def __init__(self, folder: Path, urls: Urls) -> None:
        self._folder, self._urls = folder, urls
        self._runs: dict[str, Running] = {}

    def begin(self, run: str, check: Check, facts: Mapping[str, str]) -> None:
        if run in self._runs:
            return
        facts = {**facts, **self._urls()}
        try:
            self._runs[run] = self._started(run, check, facts)
        except (OSError, ValueError) as error:  # a NUL in an argument is a ValueError
            self._runs[run] = _Never(f"{check.name} cannot be started: {error}")
        except KeyError as missing:
            self._runs[run] = _Never(f"{check.name} cannot be started: there is no {missing} yet")

    def look(self, run: str) -> CheckView:
        known = self._runs.get(run)
        return known.view() if known is not None else CheckView("absent")

    def stop(self, run: str) -> None:
        known = self._runs.pop(run, None)
        if known is not None:
            known.stop()

    def close(self) -> None:
        """End all that is running still."""
        for run in list(self._runs):
            self.stop(run)

    def _started(self, run: str, check: Check, facts: Mapping[str, str]) -> Running:
        match check:
            case Http():
                return Smoke(check, target(check, facts), facts)
            case CommandCheck():
                return _Command(check, self._file(run, ".log"), facts)
            case Locust():
                return _Load(check, self._file(run, ".log"), facts)
            case Migration():
                return _Command(migrations.command(check, os.environ), self._file(run, ".log"), facts)
            case SchemaCompatible():
                return _Schema(check, self._file(run, ".log"), facts)
            case _:
                raise Refused(f"{run}: checks like {check.name} are not run outside")

    def _file(self, run: str, suffix: str) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / (re.sub(r"[^a-z0-9_.-]+", "-", run) + suffix)


class _Command:
    def __init__(self, check: CommandCheck, log: Path, facts: Mapping[str, str]) -> None:
        self._check = check
        environment = {**os.environ, **facts, **check.environment}
        self._process = Process(check.run, log, check.timeout, folder=check.folder, environment=environment)

    def view(self) -> CheckView:
        outcome = self._process.outcome()
        if outcome is None:
            return CheckView("running", self._process.last())
        if outcome.code == 0:
            return CheckView("passed", outcome.words)
        unknown = outcome.error or outcome.late or outcome.code in self._check.unknown_codes
        return CheckView("unknown" if unknown else "failed", outcome.words)

    def stop(self) -> None:
        self._process.stop()


class _Load:
    def __init__(self, check: Locust, log: Path, facts: Mapping[str, str]) -> None:
        self._check, self._results = check, log.with_suffix("")
        figures_file(self._results).unlink(missing_ok=True)  # of a run that was cut off, and is begun again
        line = command(check, check.host or facts["BLUEGREEN_CANDIDATE_URL"], self._results)
        self._process = Process(line, log, check.timeout, folder=None, environment={**os.environ, **facts})

    def view(self) -> CheckView:
        outcome = self._process.outcome()
        return CheckView("running", "") if outcome is None else judge(self._check, outcome, self._results)

    def stop(self) -> None:
        self._process.stop()


class _Schema:
    def __init__(self, check: SchemaCompatible, log: Path, facts: Mapping[str, str]) -> None:
        self._log = log
        line = schemas.command(check, log.with_suffix(".html"))
        self._process = Process(line, log, check.timeout, folder=None, environment={**os.environ, **facts})

    def view(self) -> CheckView:
        outcome = self._process.outcome()
        return CheckView("running", "") if outcome is None else schemas.judge(outcome, self._log)

    def stop(self) -> None:
        self._process.stop()


class _Never:
    """What could not even be begun."""

    def __init__(self, why: str) -> None:
        self._why = why

    def view(self) -> CheckView:
        return CheckView("unknown", self._why)

    def stop(self) -> None:
        """It does not run."""
