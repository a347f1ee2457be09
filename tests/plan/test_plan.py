"""The rollout file: what is accepted, and what is said about what is not."""

import json
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from bluegreen.errors import UserError
from bluegreen.plan import Plan, load_plan
from bluegreen.yamlfile import load

ROOT = Path(__file__).resolve().parents[2]
SHOP = ROOT / "scenarios/rollouts/shop.rollout.yaml"


def problems(tmp_path, *changes):
    """What is said about the shop's file with `changes` (old, new) made to its text."""
    text = SHOP.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "shop.rollout.yaml"
    path.write_text(text)
    with pytest.raises(UserError) as caught:
        load_plan(path)
    return str(caught.value).replace(str(path), "FILE").splitlines()


def line_of(text):
    return next(n for n, line in enumerate(SHOP.read_text().splitlines(), 1) if text in line)


def test_the_shops_plan_is_read_with_defaults():
    plan = load_plan(SHOP)
    assert len(plan.steps) == 10 and plan.steps[-1].share == 1.0
    assert plan.service.answers_live_for.total_seconds() == 60
    assert [gate.name for gate in plan.gates] == ["error_rate", "latency_p99"]


def test_all_problems_are_told_at_once_in_order_of_their_lines(tmp_path):
    said = problems(tmp_path, ("step: 10%", "step: 10"), ("zone:", "zon:"), ("measure: error_rate", "measure: errs"))
    assert [line.split(":")[1] for line in said] == sorted((line.split(":")[1] for line in said), key=int)
    assert len(said) == 4


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        (("bake: 10m", "bakes: 10m"), "bakes", "unknown key"),
        (("bake: 10m", "bake: 10"), "bake", "10 is not a length of time; write it with a unit"),
        (("bake: 10m", "bake: 10 minutes"), "bake", "like 90s, 5m or 1h30m"),
        (("step: 10%", "step: 110%"), "strategy.step", "more than 100%"),
        (("kind: linear", "kind: linea"), "strategy", "possible are 'all_at_once', 'canary', 'custom', 'linear'"),
        (("kind: linear, ", ""), "strategy", "kind is missing"),
        (
            ("clone: {image: ami-0abcdef0123456789}", "instances: 3"),
            "candidate",
            "needs exactly one of clone, template, beanstalk or command, and has none",
        ),
        (("image: ami-0abcdef0123456789", "image: my-image"), "candidate.clone.image", "match pattern"),
        (("records: alias", "records: cname"), "service", "needs a ttl"),
        (("records: alias", "records: alias\n  ttl: 60s"), "service", "an alias record has no TTL of its own"),
        (("below: 1%", "below: 5m"), "gates.1.below", "not a percentage"),
        (("measure: latency_p99, below: 800ms", "measure: error_rate, below: 2%"), "gates", "two gates have one name"),
        (("below: 1%}", "below: 1%, periods: 2, failures: 3}"), "gates.1", "can never be reached in 2 periods"),
        (('["123456789012"]', '["12345"]'), "guard.accounts.1", "match pattern"),
        (("regions: [us-east-1]", "regions: []"), "guard.regions", "at least 1 item"),
        (("regions: [us-east-1]", "regions: us-east-1"), "guard.regions", "must be a list"),
        (("clone: {image: ami-0abcdef0123456789}", "clone: yes"), "candidate.clone", "must hold keys and values"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_was_possible(tmp_path, change, where, words):
    said = problems(tmp_path, change)
    assert any(f" {where}: " in line and words in line for line in said), said


def test_a_ttl_longer_than_the_hold_is_refused_with_the_remedy(tmp_path):
    said = problems(tmp_path, ("records: alias", "records: cname\n  ttl: 10m"))
    assert said == [
        "FILE:1: the file: a hold of 5m ends before caches ask again (TTL 10m): hold longer, or lower the TTL"
    ]


def test_custom_steps_that_do_not_reach_all_are_refused(tmp_path):
    steps = "{kind: custom, steps: [{share: 10%, hold: 5m}, {share: 90%, hold: 5m}]}"
    said = problems(tmp_path, ("{kind: linear, step: 10%, hold: 5m}", steps))
    assert "the last share is 90%; the weights must reach 100%" in said[0]
    assert said[0].startswith(f"FILE:{line_of('strategy')}:")


def test_custom_steps_that_do_not_rise_are_refused(tmp_path):
    steps = "{kind: custom, steps: [{share: 50%, hold: 5m}, {share: 50%, hold: 5m}, {share: 100%, hold: 5m}]}"
    assert (
        "the shares must rise: 50%, 50%, 100%" in problems(tmp_path, ("{kind: linear, step: 10%, hold: 5m}", steps))[0]
    )


def test_a_template_that_is_not_there_is_named(tmp_path):
    said = problems(tmp_path, ("clone: {image: ami-0abcdef0123456789}", "template: {file: green.yaml}"))
    assert said == [f"FILE: candidate.template.file: there is no file {tmp_path / 'green.yaml'}"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"a: [1", "is not YAML"),
        (b"a: 1\na: 2\n", "is not YAML"),
        (b"- 1\n", "must hold keys and values"),
        (b"", "must hold keys and values"),
        (b"\xff\xfe\x00", "is not UTF-8"),
    ],
)
def test_what_is_no_yaml_mapping_gets_one_clear_line(tmp_path, content, words):
    path = tmp_path / "x.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=words):
        load(path, Plan)


def test_a_missing_file_and_a_folder_get_a_clear_line(tmp_path):
    with pytest.raises(UserError, match="cannot be read: No such file"):
        load_plan(tmp_path / "nothing.yaml")
    with pytest.raises(UserError, match="cannot be read: Is a directory"):
        load_plan(tmp_path)


def test_the_json_schema_is_valid_and_accepts_the_catalogues_rollouts():
    schema = json.loads(json.dumps(Plan.model_json_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    for path in (ROOT / "scenarios/rollouts").glob("*.yaml"):
        jsonschema.validate(YAML(typ="safe").load(path), schema)


def test_the_hash_tells_plans_apart_and_nothing_else(tmp_path):
    same = tmp_path / "same.yaml"
    same.write_text("# another comment\n" + SHOP.read_text())
    other = tmp_path / "other.yaml"
    other.write_text(SHOP.read_text().replace("bake: 10m", "bake: 11m"))
    assert load_plan(SHOP).hash == load_plan(same).hash != load_plan(other).hash
