"""What a mutant has to survive: the catalogue on the memory tier, which most do not, then the fast tests of what is
mutated.

Exits with 1 at the first thing that is wrong. Runs in a copy of the tree, never in the tree itself.
"""

from __future__ import annotations

import sys

import pytest

from power.probes import catalogue
from sim.tiers import Tier

TESTS = (
    "tests/gates",
    "tests/plan/test_strategies.py",
    "tests/engine",
    "tests/hooks/test_decisions.py",
    "tests/checks/test_progress.py",
    "tests/prewarm/test_decide.py",
    "tests/fallback/test_decide.py",
    "tests/drain",
    "tests/data/test_back.py",
    "tests/data/test_tasks.py",
    "--ignore=tests/gates/test_docs.py",
)
QUICK = ("-x", "-q", "--no-header", "--tb=line", "-p", "no:cacheprovider", "-m", "not slow", "-k", "not moto")
HERE = ("-W", "ignore:Module already imported")


def main() -> None:
    for probe in catalogue(Tier.MEMORY, 1):
        if failure := probe.run(lambda now, rollout: None):
            sys.exit(f"{probe.name}: {failure}")
    sys.exit(pytest.main([*QUICK, *HERE, *TESTS]))


if __name__ == "__main__":
    main()
