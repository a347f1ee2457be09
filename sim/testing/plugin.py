"""The pytest plugin, loaded by name from the installed package (entry point `pytest11`).

It is loaded in every project of the environment, so this file imports nothing of ours before it is needed: a project
without scenario files pays for one small module.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sim.testing.seeds import seeds

if TYPE_CHECKING:
    from sim.testing.fixture import Rehearse
    from sim.testing.items import ScenarioFile

SUFFIX = ".scenario.yaml"
"""As in `sim.scenario`, which is too much to import for a comparison; a test holds both to each other."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("bluegreen", "rehearsed rollouts")
    group.addoption(
        "--bluegreen-seeds",
        metavar="1-5",
        default="",
        help="Rehearse each scenario with these seeds (1-5, or 1,4,9) instead of its own.",
    )
    group.addoption(
        "--bluegreen-tier",
        choices=("memory", "moto"),
        default="memory",
        help="memory: straight on the world, ten times faster and more. moto: the engine's own AWS adapters.",
    )
    group.addoption(
        "--bluegreen-reports", metavar="DIR", help="Where reports of what failed are written. Default: pytest's tmp."
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    if not file_path.name.endswith(SUFFIX):
        return None
    from sim.testing.items import ScenarioFile  # noqa: PLC0415

    return ScenarioFile.from_parent(parent, path=file_path)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that rehearses runs with each seed; one of Hypothesis draws its own."""
    asked = metafunc.config.getoption("--bluegreen-seeds")
    if asked and "bluegreen_seed" in metafunc.fixturenames and not hasattr(metafunc.function, "is_hypothesis_test"):
        metafunc.parametrize("bluegreen_seed", seeds(asked), scope="session")


def pytest_runtest_setup() -> None:
    if "sim.testing.recent" in sys.modules:
        sys.modules["sim.testing.recent"].RECENT.forget()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and call.when == "call" and call.excinfo is not None and "sim.testing.recent" in sys.modules:
        from sim.testing.items import explain  # noqa: PLC0415

        if text := explain(item, call.excinfo):
            report.sections.append(("rehearsed", text))
    return report


@pytest.fixture(scope="session")
def bluegreen_seed() -> int | None:
    """The seed of `--bluegreen-seeds` that is on."""
    return None


@pytest.fixture(scope="session")
def rollout() -> Path | str | None:
    """The rollout file that `rehearse` rehearses: override it in conftest.py. Default: each scenario's own."""
    return None


@pytest.fixture(scope="session")
def world() -> Mapping[str, Any]:
    """What is not as on an ordinary day, as a scenario says it under `world`: override it in conftest.py."""
    return {}


@pytest.fixture(scope="session")
def rehearse(
    request: pytest.FixtureRequest, rollout: Path | str | None, world: Mapping[str, Any], bluegreen_seed: int | None
) -> Rehearse:
    """Rehearses a drawn scenario, or one by its name or file, and judges it; see `sim.testing.fixture.Rehearse`."""
    from sim.testing.fixture import Rehearse  # noqa: PLC0415

    return Rehearse(request.config.getoption("--bluegreen-tier"), rollout, world, bluegreen_seed)
