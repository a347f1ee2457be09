"""The docs' examples in a project of their own, with the wheel installed, and what its pytest says."""

import re
import shlex

import pytest

from .conftest import FEWER, SHOP, examples

pytestmark = pytest.mark.slow
BLIND = SHOP.read_text().replace("below: 1%", "below: 100%").replace("800ms", "60s").replace("step: 10%", "step: 50%")
"""Gates that let everything pass, and few steps: shrinking takes hundreds of runs."""


def test_the_ten_lines_pass_and_find_what_is_wrong_with_a_blind_gate(project):
    project.file("conftest.py", FEWER)
    project.file("test_rollout.py", examples()[0])
    assert len(examples()[0].splitlines()) <= 10
    code, said = project.pytest()
    assert code == 0, said

    assert BLIND.count("100%") == 1
    project.file("shop.rollout.yaml", BLIND)
    project.file("conftest.py", FEWER.replace("12", "40"))
    code, said = project.pytest("--bluegreen-reports", "found")
    assert code == 1, said
    assert "failed requests below: wanted 5%, got" in said
    assert "rollback" not in said.partition("rehearsed")[2].partition("users  ")[0], "nobody noticed"
    (command,) = re.findall(r"^replay +bluegreen (.*)$", said, flags=re.MULTILINE)
    saved = project.folder / "found/test_a_bad_version_hurts_few.scenario.yaml"
    assert saved.name in command
    assert saved.read_text().count("- {kind: ") == 1, "one fault is enough"

    for tier in ("memory", "moto"):
        words = shlex.split(command.replace("--tier memory", f"--tier {tier}"))
        code, said = project.bluegreen(*words)
        assert code == 1, said
        assert "expectation missed: failed requests below: wanted 5%" in said


def test_the_other_examples_of_the_page_run(project):
    _, bad_days, operators = examples()
    project.file("conftest.py", FEWER)
    project.file("test_bad_days.py", bad_days)
    project.file("test_people.py", operators)
    code, said = project.pytest()
    assert code == 0, said
    assert "2 passed" in said


def test_scenario_files_are_tests_for_each_seed_and_say_what_is_wrong_without_a_traceback(project):
    project.file("fine.scenario.yaml", f"about: fine\n{QUICK}expect: {{end: succeeded}}\n")
    project.file("wishful.scenario.yaml", f"about: wishful\n{QUICK}expect: {{end: aborted}}\n")
    project.file("typo.scenario.yaml", "about: typo\nwhirled: {}\n")
    code, said = project.pytest("--bluegreen-seeds", "1-2", "-n", "2", "--bluegreen-reports", "out")
    assert code == 1
    assert "2 passed" in said and "4 failed" in said
    assert "wishful.scenario.yaml::wishful[2]" in said
    assert "end: wanted aborted, got succeeded" in said
    assert "typo.scenario.yaml:2: whirled: unknown key" in said
    assert "Traceback" not in said and "site-packages" not in said and "runtest" not in said
    reports = re.findall(r"^report +(\S+)$", said, flags=re.MULTILINE)
    assert len(reports) == 2 and all((project.folder / page).is_file() for page in reports)


def test_fixtures_say_what_is_rehearsed_and_where(project):
    project.file("conftest.py", FIXTURES)
    project.file("test_ours.py", OURS)
    code, said = project.pytest("--bluegreen-seeds", "3,5")
    assert code == 1
    assert "2 passed" in said and "2 failed" in said
    assert "test_wrong[5]" in said and "replay   bluegreen rehearse" in said
    assert "what failed is an assertion of the test's own" in said


def test_a_project_that_does_not_use_it_pays_nothing(project):
    project.file("test_theirs.py", THEIRS)
    code, said = project.pytest()
    assert code == 0, said


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["--bluegreen-seeds", "many"], "--bluegreen-seeds many: write it like 1-5 or 1,4,9"),
        (["--bluegreen-tier", "cloud"], "invalid choice: 'cloud'"),
    ],
)
def test_a_mistake_on_the_command_line_is_told(project, words, wrong):
    project.file("fine.scenario.yaml", f"about: fine\n{QUICK}")
    code, said = project.pytest(*words)
    assert code != 0 and wrong in said
    assert "INTERNALERROR" not in said


QUICK = "change: {strategy: {kind: all_at_once, hold: 5m}}\n"

FIXTURES = """import pytest


@pytest.fixture(scope="session")
def rollout():
    return "shop.rollout.yaml"


@pytest.fixture(scope="session")
def world():
    return {"demand": {"rate": 300}}
"""

OURS = """def test_right(rehearse):
    done = rehearse("errors-at-30", expect={"end": "rolled back"})
    assert done.run.world.spec.demand.rate == 300
    assert done.scenario.seed in (3, 5)


def test_wrong(rehearse):
    assert rehearse("all-well").failed_share < 0
"""

THEIRS = """import sys


def test_nothing_of_bluegreen_is_loaded():
    loaded = {name for name in sys.modules if name.partition(".")[0] in ("bluegreen", "sim")}
    assert loaded == {"sim", "sim.testing", "sim.testing.plugin", "sim.testing.seeds"}
    assert not {"numpy", "simpy", "moto", "boto3", "pydantic", "ruamel"} & set(sys.modules)
"""
