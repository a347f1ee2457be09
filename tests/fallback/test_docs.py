"""The page for users says what is so."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bluegreen.fallback.probe import Probe
from bluegreen.fallback.spec import Fallback
from bluegreen.plan import Plan
from sim.rehearsal import rehearse
from sim.scenario import built_in
from sim.tiers import Tier
from tests.tiers.conftest import PLAN

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "fallback.md").read_text()


def test_its_example_is_a_plan():
    examples = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    plans = [Plan.model_validate({**PLAN, **YAML(typ="safe").load(example)}) for example in examples]
    assert [plan.fallback.name for plan in plans] == ["www.example.com"] * 2
    assert plans[1].fallback.probe.path == "/health"


def test_it_names_every_key():
    named = set(re.findall(r"`(\w+)", PAGE[PAGE.index("| key |") : PAGE.index("## What is made")]))
    assert set(Fallback.model_fields) <= named
    probe = set(re.findall(r"`(\w+)", PAGE[PAGE.index("| key of `probe` |") : PAGE.index("- **No record follows")]))
    assert set(Probe.model_fields) <= probe


@pytest.mark.slow
def test_its_figures_are_those_of_the_two_scenarios():
    harm = {}
    for name in ("with", "without"):
        got = rehearse(built_in()[f"both-broken-{name}-fallback"], None, 1, tier=Tier.MEMORY)
        assert got.verdict == "as expected"
        samples = got.run.world.samples
        failed = sum(sums.errors for sample in samples for sums in sample.slots.values())
        shown = sum(sample.page or 0 for sample in samples)
        total = shown + sum(sums.requests for sample in samples for sums in sample.slots.values())
        harm[name] = (failed / total, shown / total)
    assert 0.4 < harm["without"][0] < 0.6 and harm["without"][1] == 0
    assert harm["with"][0] < 0.1 and 0.35 < harm["with"][1] < 0.5
