"""Scenario files as tests: collected, run, and what is said when they fail."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bluegreen.errors import UserError
from sim.errors import NotModelled
from sim.rehearsal import Rehearsal, rehearse
from sim.scenario import SUFFIX
from sim.testing.recent import RECENT
from sim.testing.saved import save_failure, told
from sim.testing.seeds import seeds
from sim.tiers import Tier


class ScenarioFile(pytest.File):
    """One file: one test, or one for each seed that was asked for. It is read when the test runs, so that a mistake in
    it fails that test alone."""

    def collect(self) -> Iterator[ScenarioItem]:
        name, asked = self.path.name.removesuffix(SUFFIX), self.config.getoption("--bluegreen-seeds")
        for seed in seeds(asked) if asked else [None]:
            yield ScenarioItem.from_parent(self, name=name if seed is None else f"{name}[{seed}]", seed=seed)


class NotAsExpected(Exception):
    """The rehearsal went otherwise than its file expects."""

    def __init__(self, done: Rehearsal) -> None:
        super().__init__(done.verdict)
        self.done = done


class ScenarioItem(pytest.Item):
    """A rehearsal: no invariant breaks, there is a named end, and it goes as the file expects."""

    def __init__(self, *, seed: int | None, **more: object) -> None:
        super().__init__(**more)  # type: ignore[arg-type]
        self.seed = seed

    def runtest(self) -> None:
        tier = Tier(self.config.getoption("--bluegreen-tier"))
        done = rehearse(self.path, None, self.seed, tier=tier)
        if done.verdict != "as expected":
            raise NotAsExpected(done)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        error = excinfo.value
        if isinstance(error, NotAsExpected):
            return told(error.done, reports_of(self), filename(self))
        if isinstance(error, UserError | NotModelled):
            return str(error)
        where = excinfo.traceback[-1]
        place = f"{where.path}:{where.lineno + 1}"
        return f"{type(error).__name__}: {error}\n(in {place}: a fault of bluegreen's, not of your file)"

    def reportinfo(self) -> tuple[Path, None, str]:
        return self.path, None, f"scenario {self.name}"


def explain(item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException]) -> str:
    """What to say of a failed test in which something was rehearsed: the last of it, which is Hypothesis's smallest."""
    scenario, tier = RECENT.scenario, RECENT.tier
    if scenario is None or tier is None:
        return ""
    why = str(excinfo.value).partition("\n")[0] or type(excinfo.value).__name__
    return save_failure(scenario, tier, reports_of(item), filename(item), why)


def filename(item: pytest.Item) -> str:
    return re.sub(r"[^\w.-]+", "-", item.name).strip("-")


def reports_of(item: pytest.Item) -> Path:
    """The folder for reports: as asked, or of pytest's own tmp, which it cleans up after some sessions."""
    asked = item.config.getoption("--bluegreen-reports")
    if asked:
        return Path(asked)
    factory = getattr(item.config, "_tmp_path_factory", None)
    base = factory.getbasetemp() if factory is not None else Path(tempfile.mkdtemp())
    return Path(base) / "bluegreen"
