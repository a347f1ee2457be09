"""docs/gates.md: every example can be written into a rollout file, every kind is there, and its table is right."""

import re
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from bluegreen.gates.base import Gate
from bluegreen.gates.sequential import Sequential
from bluegreen.gates.threshold import Threshold
from bluegreen.plan import Plan
from bluegreen.registry import kinds
from bluegreen.statistics.power import RUNS, Traffic, characteristics

from ..tiers.conftest import PLAN

PAGE = (Path(__file__).resolve().parents[2] / "docs/gates.md").read_text()
EXAMPLES = [YAML(typ="safe").load(text) for text in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)]
ROWS = [[int(cell.split()[0]) for cell in row.strip("| \n").split("|")] for row in re.findall(r"^\| \d.*$", PAGE, re.M)]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["gates"][0]["kind"])
def test_an_example_is_a_rollout_file(example):
    Plan.model_validate({**PLAN, **example})


def test_every_kind_has_an_example_and_a_row():
    assert {gate["kind"] for example in EXAMPLES for gate in example["gates"]} == set(kinds("bluegreen.gates", Gate))
    assert set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE)) == set(kinds("bluegreen.gates", Gate))


@pytest.mark.parametrize(("n", "first", "two_of_three", "calm", "bad"), ROWS, ids=str)
def test_the_table_of_thresholds_is_right(n, first, two_of_three, calm, bad):
    """Within five standard errors of the simulation here."""
    threshold = {"measure": "error_rate", "below": "1%", "min_requests": 1}
    quick = Threshold(**threshold, periods=1, failures=1)
    runs, few = 1000, 100
    for gate, rate, cell, count in [
        (quick, 0.005, first, runs),
        (Threshold(**threshold), 0.005, two_of_three, runs),
        (Sequential(below="1%"), 0.005, calm, few),
        (Sequential(below="1%"), 0.03, bad, RUNS if n == 20 else few),
    ]:
        (found,) = characteristics(gate, Traffic(n, 12), rates=[rate], runs=count)
        share = cell / 100
        error = (max(share * (1 - share), 0.01) / count) ** 0.5
        assert abs(found.fails - share) <= 5 * error + 0.005, (gate.kind, rate, found.fails)
