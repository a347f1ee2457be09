"""A project of its own, with the wheel on its path: what a team has."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/property-tests.md").read_text()
SHOP = ROOT / "scenarios/rollouts/shop.rollout.yaml"
LIMIT = 300
"""Seconds: a slow machine is no failure."""


def examples():
    """The docs' examples in Python, in their order."""
    return re.findall(r"^```python\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    """A folder with the built wheel installed in it, and nothing else."""
    built, installed = tmp_path_factory.mktemp("wheel"), tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", built]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=LIMIT)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", installed]
    subprocess.run([*pip, *built.glob("*.whl")], check=True, capture_output=True, timeout=LIMIT)
    return installed


class Project:
    """A team's folder, in which commands run as a person would type them."""

    def __init__(self, folder, wheel):
        self.folder, self._wheel = folder, wheel
        self._env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV", "CI"))}
        self._env |= {"PYTHONPATH": str(wheel), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": ""}

    def file(self, name, text):
        (self.folder / name).write_text(text)

    def runs(self, *words):
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env=self._env,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def pytest(self, *words):
        return self.runs("-m", "pytest", "-q", "-p", "no:cacheprovider", *words)

    def bluegreen(self, *words):
        return self.runs(self._wheel / "bin/bluegreen", *words)


@pytest.fixture
def project(tmp_path, wheel):
    folder = tmp_path / "shop"
    folder.mkdir()
    made = Project(folder, wheel)
    made.file("shop.rollout.yaml", SHOP.read_text())
    made.file("pytest.ini", "[pytest]\n")
    return made


FEWER = """from hypothesis import Phase, settings

phases = [Phase.generate, Phase.shrink]
settings.register_profile("fewer", max_examples=12, derandomize=True, database=None, phases=phases)
settings.load_profile("fewer")
"""
