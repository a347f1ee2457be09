"""The corpus: what once failed goes well, on both tiers."""

from pathlib import Path

import pytest

from sim.rehearsal import rehearse
from sim.scenario import SUFFIX, load_scenario
from sim.tiers import Tier

FOUND = sorted((Path(__file__).parents[2] / "scenarios" / "found").glob("*" + SUFFIX))


@pytest.mark.slow
@pytest.mark.parametrize("tier", Tier)
@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name.removesuffix(SUFFIX))
def test_what_was_found_once_ends_well(path, tier):
    done = rehearse(path, None, load_scenario(path).seed, tier=tier)
    assert done.run.broken == () and done.run.rollout.end is not None


def test_every_file_says_what_broke():
    assert FOUND and all(path.read_text().startswith("# ") for path in FOUND)
