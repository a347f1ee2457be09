"""What the docs say is there: files, links, fields, and examples that run."""

import re
import subprocess
from pathlib import Path

import pytest

from bluegreen.plan import Plan
from bluegreen.registry import kinds
from bluegreen.yamlfile import load
from sim.faults.base import Deed, Fault
from sim.population import ClientsSpec
from sim.scenario import Expect, Scenario, load_scenario
from sim.world import World

ROOT = Path(__file__).resolve().parent.parent
FILES = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
"""What is committed: a folder must be on the map when it is, and not while it is begun."""
PAGES = [page for page in FILES if page.endswith(".md") and (ROOT / page).is_file()]
TOP = {file.split("/")[0] for file in FILES}
REHEARSE = (ROOT / "docs/rehearse.md").read_text()


def prose(page):
    """A page without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", (ROOT / page).read_text(), flags=re.DOTALL | re.MULTILINE)


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def section(text, heading):
    return text.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def rows(text):
    """The cells of all rows of tables, headings left out."""
    lines = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names(text):
    return re.findall(r"`([^`]+)`", text)


def anchors(page):
    headings = re.findall(r"^#+ (.*)$", prose(page), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


# -- files and links --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        there = (ROOT / page).parent / path if path else ROOT / page
        assert there.exists(), target
        assert not anchor or anchor in anchors(there.resolve().relative_to(ROOT).as_posix()), target


@pytest.mark.parametrize("page", PAGES)
def test_every_file_and_folder_that_a_page_names_exists(page):
    """In backquotes, from the top of the project; `<kind>` stands for any."""
    for word in names(prose(page)):
        if re.fullmatch(r"[\w.*/<>-]+", word) and word.split("/")[0] in TOP and "/" in word:
            assert list(ROOT.glob(re.sub(r"<\w+>", "*", word).rstrip("/"))), word


def mapped():
    """The paths on the map of docs/architecture.md: names on the left, one or several, under those that are less far
    to the right."""
    (plan,) = (block for block in blocks((ROOT / "docs/architecture.md").read_text(), "") if "engine.py" in block)
    above, found = {}, []
    for line in plan.splitlines():
        left = re.match(r"( *)((?:[\w.]+(?:/|\.py) ?)+) {1,}\S", line)
        assert left, line
        depth, here = len(left[1]), left[2].split()
        folder = "".join(above[at] for at in sorted(above) if at < depth)
        found += [folder + name for name in here]
        above = {at: name for at, name in above.items() if at < depth} | {depth: here[-1]}
    return found


def test_everything_on_the_map_exists():
    assert [path for path in mapped() if not (ROOT / path).exists()] == []


def test_every_folder_is_on_the_map():
    tops = {file.split("/")[0] + "/" for file in FILES if "/" in file and not file.startswith(".")}
    inside = {
        "/".join(file.split("/")[:2]) + "/"
        for file in FILES
        if file.startswith(("bluegreen/", "sim/", "tests/")) and file.count("/") > 1
    }
    assert (tops | inside) - set(mapped()) == set()


# -- what a scenario may say ------------------------------------------------------------------------------------------

FAULTS = kinds("sim.faults", Fault)
TABLE = {names(row[0])[0]: row for row in rows(section(REHEARSE, "Write a scenario")) if names(row[0])}


def test_every_fault_has_a_row_and_every_row_a_fault():
    assert set(TABLE) == set(FAULTS)


@pytest.mark.parametrize("kind", FAULTS)
def test_a_faults_row_names_its_own_fields_and_whether_it_is_done_at_once(kind):
    fault = FAULTS[kind]
    assert set(names(TABLE[kind][1])) == set(fault.model_fields) - set(Fault.model_fields) - {"kind"}
    assert ("◆" in TABLE[kind][2]) is issubclass(fault, Deed)


def test_every_expectation_is_named():
    told = REHEARSE.partition("Expectations: ")[2].partition("\n\n")[0]
    assert set(names(told)) == set(Expect.model_fields)


def test_every_field_of_the_clients_is_named():
    assert {name for row in rows(section(REHEARSE, "Your own users"))[1:] for name in names(row[0])} == set(
        ClientsSpec.model_fields
    )


# -- examples ---------------------------------------------------------------------------------------------------------


def test_the_examples_of_scenarios_are_scenarios(tmp_path):
    (recorded,) = blocks(REHEARSE, "csv")
    (tmp_path / "monday.csv").write_text(recorded)
    plan = load(ROOT / "scenarios/rollouts/shop.rollout.yaml", Plan)
    examples = blocks(REHEARSE, "yaml")
    assert len(examples) == 2
    for number, example in enumerate(examples):
        (tmp_path / f"{number}.scenario.yaml").write_text(example)
        scenario = load_scenario(tmp_path / f"{number}.scenario.yaml")
        assert isinstance(scenario, Scenario)
        World(scenario.world, plan, 1)


def test_the_example_of_a_rollout_file_is_one(tmp_path):
    (example,) = blocks((ROOT / "docs/rollout-file.md").read_text(), "yaml")
    (tmp_path / "shop.rollout.yaml").write_text(example)
    assert load(tmp_path / "shop.rollout.yaml", Plan).service.name == "shop"


def test_the_examples_in_python_run(capsys):
    for example in blocks(REHEARSE, "python"):
        exec(compile(example, "docs/rehearse.md", "exec"), {})
    stretching, *times = capsys.readouterr().out.splitlines()
    assert stretching.startswith("stretching: ")
    assert len(times) == 2
