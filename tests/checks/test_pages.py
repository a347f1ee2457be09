"""The examples of the pages on checks and hooks are read as rollout files and scenarios."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bluegreen.checks.base import Check
from bluegreen.decide.facts import facts_of
from bluegreen.hooks.spec import BESIDE, Stage
from bluegreen.model import Phase, Rollout, Slot
from bluegreen.plan import Plan
from bluegreen.registry import kinds
from sim.clock import EPOCH
from sim.scenario import Scenario

from ..tiers.conftest import PLAN

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = {name: (DOCS / name).read_text() for name in ("checks.md", "hooks.md")}
BLOCKS = [block for page in PAGES.values() for block in re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split(":")[0])
def test_an_example_is_what_it_says(block):
    content = YAML(typ="safe").load(block)
    if "about" in content:
        assert Scenario.model_validate(content).expect.begun == {"migrate": 2}
    else:
        assert Plan.model_validate({**PLAN, **content})


def test_every_kind_every_stage_and_every_fact_has_its_place():
    assert all(f"| `{kind}` |" in PAGES["checks.md"] for kind in kinds("bluegreen.checks", Check))
    stages = Stage.__args__
    assert all(f"| `{stage}` |" in PAGES["hooks.md"] for stage in stages) and set(BESIDE) <= set(stages)
    facts = facts_of(Plan.model_validate(PLAN), Rollout("shop-1", Slot.BLUE, Phase.VERIFY, EPOCH, EPOCH))
    assert all(f"`{name}`" in PAGES["checks.md"] for name in facts)
