"""`docs/moto.md` is true: its tests exist, every measurement of moto is on it, and its operations are the code's."""

import ast
import re
from fnmatch import filter as matching
from fnmatch import fnmatch
from pathlib import Path

import pytest

from sim.cloud import SERVICES, WHOLE

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/moto.md").read_text()
NAME = re.compile(r"`([a-z0-9_]+)`")


def functions_in(*files):
    return {
        node.name
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def table(columns):
    """The cells of all rows that have so many columns."""
    rows = [line.strip("|").split("|") for line in PAGE.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in row] for row in rows if len(row) == columns]


DIFFERENCES = [row for row in table(5) if row[0] != "moto"]
OPERATIONS = {row[0]: row[1:] for row in table(3) if row[0] != "service"}
MEASURED = functions_in(*(ROOT / "tests/cloud/moto").glob("test_*.py"))


def test_the_page_names_only_tests_that_exist():
    named = {name for name in NAME.findall(PAGE) if name.startswith("test_")}
    assert named <= functions_in(*(ROOT / "tests").rglob("test_*.py"))


@pytest.mark.parametrize("row", DIFFERENCES, ids=lambda row: row[0][:40])
def test_each_difference_is_measured_against_moto_and_what_is_done_instead_is_held(row):
    _, here, _, measured, held = row
    assert set(NAME.findall(measured)) & MEASURED
    assert bool(here) == bool(NAME.findall(held)), "a rule has a test; where there is none, nothing is done instead"


def test_each_measurement_of_moto_is_on_the_page():
    assert {name for row in DIFFERENCES for name in NAME.findall(row[3])} == MEASURED


@pytest.mark.parametrize("service", (*SERVICES, *WHOLE), ids=lambda service: service.name)
def test_the_operations_on_the_page_are_those_of_the_service_file(service):
    ours = {name.removeprefix("on_") for name in dir(service) if name.startswith("on_")}
    lists = [", ".join(f"`{name}`" for name in sorted(names)) for names in (ours, service.moto)]
    assert OPERATIONS[service.name] == lists, f"the line should be: | {service.name} | {lists[0]} | {lists[1]} |"


def test_the_page_names_every_change_that_moto_keeps_and_the_world_does_not_follow():
    changes = {
        (service.name, operation)
        for service in SERVICES
        for operation in service.moto
        if not operation.startswith(("describe_", "get_", "list_"))
    }
    assert {(row[0], operation) for row in table(4) for operation in NAME.findall(row[1])} == changes


def test_the_page_names_every_file_in_which_moto_is_corrected():
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "sim/cloud").glob("*.py")}
    others = {f"sim/cloud/{name}.py" for name in ("__init__", "bindings", "furnish")}
    named = re.findall(r"`(sim/cloud/[a-z0-9_*]+\.py)`", PAGE)
    assert [name for name in files - others if not any(fnmatch(name, pattern) for pattern in named)] == []
    assert [pattern for pattern in named if not matching(files, pattern)] == []
