"""docs/environments.md and docs/traffic.md say what is accepted, and what is refused."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bluegreen.outside.making import outputs_of
from bluegreen.plan import Plan, load_plan
from bluegreen.plan.ways import WAYS
from bluegreen.registry import kinds
from bluegreen.traffic.base import Mover
from sim.programs import CommandSpec
from sim.scenario import merge

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS, TRAFFIC = ((ROOT / "docs" / name).read_text() for name in ("environments.md", "traffic.md"))
SHOP = YAML(typ="safe").load(ROOT / "scenarios/rollouts/shop.rollout.yaml")


def examples(page):
    return [YAML(typ="safe").load(text) for text in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]


@pytest.mark.parametrize("example", examples(ENVIRONMENTS) + examples(TRAFFIC), ids=str)
def test_every_example_is_a_part_of_a_rollout_file_that_is_accepted(example):
    content = {**merge(SHOP, {}), **example}
    assert Plan.model_validate(content)


def test_both_pages_name_every_way():
    assert set(re.findall(r"^\| `(\w+)` \|", ENVIRONMENTS, re.MULTILINE)[:4]) == set(WAYS)
    assert set(re.findall(r"^\| `(\w+)` \|", TRAFFIC, re.MULTILINE)[:4]) == set(kinds("bluegreen.traffic", Mover))


def test_the_json_of_the_contract_is_understood():
    (line,) = re.findall(r"`(\{\"balancer\".*\})`", ENVIRONMENTS)
    assert outputs_of((line,)) == {"balancer": "shop-green", "group": "shop-green"}


def test_the_rehearsals_answer_is_written_as_the_page_says():
    (text,) = re.findall(r"`cloud: (\{command: .*?\}\})`", ENVIRONMENTS)
    CommandSpec.model_validate(YAML(typ="safe").load(text)["command"])


def test_opsworks_is_refused_with_its_end_of_life_and_the_four_ways(tmp_path):
    file = tmp_path / "old.rollout.yaml"
    text = (ROOT / "scenarios/rollouts/shop.rollout.yaml").read_text()
    file.write_text(text.replace("clone: {image: ami-0abcdef0123456789}", "opsworks: {stack: shop}"))
    with pytest.raises(Exception, match="26 May 2024") as caught:
        load_plan(file)
    assert all(f"`{way}`" in str(caught.value) for way in WAYS)
    assert ": candidate: " in str(caught.value)


@pytest.mark.parametrize(
    ("candidate", "words"),
    [
        ({}, "has none"),
        ({"command": {"create": "a", "remove": "b"}, "clone": {"image": "ami-0abcdef0123456789"}}, "clone and command"),
    ],
)
def test_a_candidate_has_exactly_one_way(candidate, words):
    with pytest.raises(ValueError, match=words):
        Plan.model_validate({**SHOP, "candidate": candidate})


@pytest.mark.parametrize(
    "live", [{"balancer": "b"}, {"group": "g"}, {}, {"environment": "e", "group": "g"}], ids=" ".join
)
def test_a_live_slot_is_a_balancer_and_a_group_or_an_environment(live):
    with pytest.raises(ValueError, match="needs both balancer and group, or an environment"):
        Plan.model_validate({**SHOP, "live": live})


def test_the_folder_of_a_command_is_meant_from_the_rollout_file_and_must_be_there(tmp_path):
    file = tmp_path / "own.rollout.yaml"
    text = (ROOT / "scenarios/rollouts/shop.rollout.yaml").read_text()
    command = "command: {create: make green, remove: make clean, folder: infrastructure}"
    file.write_text(text.replace("clone: {image: ami-0abcdef0123456789}", command))
    with pytest.raises(Exception, match=r"candidate\.command\.folder: there is no folder"):
        load_plan(file)
    (tmp_path / "infrastructure").mkdir()
    assert load_plan(file).candidate.command.folder == tmp_path / "infrastructure"
