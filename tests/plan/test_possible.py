"""A key that nobody knows is answered with those that were possible."""

import pytest

from bluegreen.errors import UserError
from bluegreen.plan import Plan
from bluegreen.possible import instead, keys_at
from bluegreen.yamlfile import load
from sim.scenario import Scenario

FAULTS = ("faults", 0, "leak")


@pytest.mark.parametrize(
    ("model", "place", "some"),
    [
        (Plan, (), {"service", "gates", "bake"}),
        (Plan, ("service",), {"zone", "record"}),
        (Plan, ("candidate", "clone"), {"image"}),
        (Plan, ("strategy", "linear"), {"step", "hold"}),
        (Plan, ("gates", 0, "threshold"), {"measure", "below"}),
        (Scenario, ("world", "clients"), {"count", "never"}),
        (Scenario, FAULTS, {"per_hour", "at", "lasts"}),
        (Scenario, (*FAULTS, "per_hour"), set()),
        (Scenario, ("nowhere",), set()),
    ],
)
def test_the_keys_of_a_place_are_found_by_its_kind_too(model, place, some):
    keys = set(keys_at(model, place))
    assert some <= keys and bool(keys) == bool(some)


def test_what_is_near_is_asked_for_few_are_listed_and_many_are_not():
    assert instead("bakee", ["bake", "gates"]) == "; did you mean bake?"
    assert instead("xyz", ["b", "a"]) == "; possible are a, b"
    assert instead("xyz", [str(number) for number in range(50)]) == ""
    assert instead("xyz", []) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("abuot: x", "abuot: unknown key; did you mean about?"),
        ("about: x\nfaults: [{kind: leak, per_hour: 60%, att: 5m}]", "faults.1.att: unknown key; did you mean at?"),
        ("about: x\nworld: {clients: {shortest: 1990-01-01}}", "1990-01-01 is not a length of time"),
        ("about: x\nworld: {clients: {never: .nan}}", "nan is not a percentage"),
        ("about: x\nworld: {clients: {never: 0.1}}", "0.1 is not a percentage"),
        ("about: 7", "about: must be text; write it in quotes: '7'"),
        ("about: [x]", "about: must be text"),
    ],
)
def test_a_slip_in_a_file_is_answered_with_its_remedy(tmp_path, text, said):
    path = tmp_path / "mine.scenario.yaml"
    path.write_text(text + "\n")
    with pytest.raises(UserError) as told:
        load(path, Scenario)
    assert said in str(told.value)


def test_problems_of_one_line_come_in_the_order_of_the_fields(tmp_path):
    """Not in one that differs from process to process."""
    path = tmp_path / "mine.rollout.yaml"
    path.write_text("{}\n")
    with pytest.raises(UserError) as told:
        load(path, Plan)
    missing = [line.split(": ")[-1].removesuffix(" is missing") for line in str(told.value).splitlines()]
    assert missing == [name for name in Plan.model_fields if name in missing]
