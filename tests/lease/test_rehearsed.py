"""Two engines in a rehearsed world, on both tiers."""

import json
from pathlib import Path

import pytest

from bluegreen.journal.entries import Resumed, Started
from bluegreen.model import End
from bluegreen.plan import load_plan
from sim.run import run
from sim.scenario import load_scenario
from sim.tiers import Tier

ROOT = Path(__file__).resolve().parents[2] / "scenarios"
PLAN = load_plan(ROOT / "rollouts/team.rollout.yaml")

pytestmark = pytest.mark.slow


def rehearse(name, tier):
    done = run(load_scenario(ROOT / f"{name}.scenario.yaml"), PLAN, 1, tier=tier)
    assert not done.broken and done.rollout.end is End.SUCCEEDED
    lines = [json.loads(line) for line in done.trace.lines]
    return done, [line["what"] for line in lines if line["kind"] == "second engine"]


@pytest.mark.parametrize("tier", Tier)
def test_a_second_engine_is_refused_with_the_name_of_the_first_and_changes_nothing(tier):
    done, [told] = rehearse("two-engines", tier)
    assert "engine 2 on machine-2 (pid 2) was refused" in told
    assert "being rolled out by engine 1 on machine-1" in told and "alive" in told
    assert not [entry for entry in done.entries if isinstance(entry, Resumed)]


@pytest.mark.parametrize("tier", Tier)
def test_an_engine_whose_lease_was_taken_writes_nothing_more_and_the_other_goes_on(tier):
    done, told = rehearse("stolen-lease", tier)
    assert "engine 2 on machine-2 (pid 2) has the lease now (fence 2)" in told[0]
    assert "stopped before its next action" in told[1]
    begun = [entry for entry in done.entries if isinstance(entry, Started | Resumed)]
    assert [entry.by for entry in begun] == ["engine 1 on machine-1 (pid 1)", "engine 2 on machine-2 (pid 2)"]


def test_a_table_that_throttles_and_loses_answers_delays_and_breaks_nothing():
    done, _ = rehearse("team-table-shaky", Tier.MEMORY)
    assert any("dynamodb" in trouble.error for e in done.entries if hasattr(e, "seen") for trouble in e.seen.trouble)
