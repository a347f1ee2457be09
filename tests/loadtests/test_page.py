"""docs/loadtests.md says what is so, and its examples run."""

import re
import shlex
import subprocess
import sys

import pytest

from bluegreen.checks.limits import Limits
from bluegreen.plan import load_plan
from bluegreen.yamlfile import load
from tests.preview.files import CLEAN
from tests.test_docs import blocks, names, rows

from .places import LOADTESTS, ROOT, Shop, verdict

PAGE = (ROOT / "docs/loadtests.md").read_text()


def test_the_examples_in_yaml_are_read(tmp_path):
    limits, asking = blocks(PAGE, "yaml")
    (tmp_path / "limits.yaml").write_text(limits)
    assert set(load(tmp_path / "limits.yaml", Limits).model_dump(exclude_unset=True)) < set(Limits.model_fields)
    without = re.sub(r"^gates:\n(  - .*\n)+", "", CLEAN, flags=re.MULTILINE)
    (tmp_path / "mine.rollout.yaml").write_text(without + asking)
    plan = load_plan(tmp_path / "mine.rollout.yaml")
    assert [check.name for check in plan.verify.checks] == ["locust"] and len(plan.gates) == 2


def test_every_load_test_has_its_row():
    shipped = {f"loadtests/{each.name}" for each in LOADTESTS.glob("*.py") if "(Share)" in each.read_text()}
    assert shipped <= {name for row in rows(PAGE) for name in names(row[0])}


OPTIONS = """
import loadtests.recorded
from locust.argument_parser import get_parser
for group in get_parser()._action_groups:
    for action in group._group_actions:
        print("bluegreen" in str(group.title), *action.option_strings)
"""


def test_every_option_that_is_named_exists_and_every_one_of_ours_is_named():
    line = [sys.executable, "-c", OPTIONS]
    said = subprocess.run(line, capture_output=True, text=True, check=True, cwd="/").stdout
    named = set(re.findall(r"--[a-z][a-z0-9-]+", PAGE))
    assert named <= set(re.findall(r"--[a-z][a-z0-9-]+", said))
    ours = set(re.findall(r"^True (--[a-z0-9-]+)", said, flags=re.MULTILINE))
    limits = {f"--{name.replace('_', '-')}" for name in Limits.model_fields}
    assert limits < ours and ours - limits <= named


@pytest.mark.slow
def test_the_first_example_runs_and_so_does_a_load_test_of_ones_own(tmp_path, locust):
    (line,) = blocks(PAGE, "sh")
    program, *words = shlex.split(line.replace("\\\n", " "))
    assert (program, words[:3]) == ("locust", ["-f", "loadtests/steady.py", "--headless"])
    (own,) = blocks(PAGE, "python")
    (tmp_path / "own.py").write_text(own)
    with Shop() as shop:
        shorter = {"http://shop.example.com": f"http://127.0.0.1:{shop.port}", "10s": "4s", "800ms": "1m"}
        words = [shorter.get(word, word) for word in words[3:]]  # the machine that runs this may be slow
        lenient = ("--reached-at-least", "1%", "--requests-at-least", 10)
        run = locust([tmp_path / "own.py", LOADTESTS / "steady.py"], *words, *lenient)
        assert run.ended() == 0, run.said()
        assert {path for _, _, path in shop.asked} == {"/basket", "/"}
    assert verdict(tmp_path)["outcome"] == "good"
