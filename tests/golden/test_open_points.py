"""`docs/open-points.md` is true: each parameter that it names exists and has the default that it states, and every
field or constant whose own words call it assumed or unpublished is on it."""

import ast
import importlib
import inspect
import re
from dataclasses import fields, is_dataclass
from datetime import timedelta
from difflib import unified_diff
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import BaseModel

from bluegreen.units import show_duration

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/open-points.md").read_text()
GUESSED = re.compile(r"\b(assumed|unpublished)\b", re.IGNORECASE)


def table(heading):
    """The cells of the rows under a heading."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


POINTS, OTHERS = table("Open points of the facts"), table("Other numbers")


def default(parameter):
    """What a dotted name stands for: a constant, or the default of a spec's or dataclass's field."""
    parts = parameter.split(".")
    for split in range(len(parts) - 1, 0, -1):
        if (ROOT / "/".join(parts[:split])).with_suffix(".py").exists() or (ROOT / "/".join(parts[:split])).is_dir():
            found = importlib.import_module(".".join(parts[:split]))
            break
    for part in parts[split:]:
        if inspect.isclass(found) and issubclass(found, BaseModel):
            field = found.model_fields[part]
            found = "required" if field.is_required() else field.get_default(call_default_factory=True)
        elif is_dataclass(found):
            found = next(field.default for field in fields(found) if field.name == part)
        else:
            found = getattr(found, part)
    return found


def show(value):
    return show_duration(value) if isinstance(value, timedelta) else str(value)


def guessed(path):
    """The fields and constants of a file whose docstring calls them assumed or unpublished, by dotted name."""
    module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
    scopes = [(module, ast.parse(path.read_text()).body)]
    for scope, body in scopes:
        scopes += [(f"{scope}.{node.name}", node.body) for node in body if isinstance(node, ast.ClassDef)]
        for node, words in pairwise(body):
            said = isinstance(words, ast.Expr) and isinstance(words.value, ast.Constant) and str(words.value.value)
            if said and GUESSED.search(said) and isinstance(node, (ast.AnnAssign, ast.Assign)):
                yield f"{scope}.{ast.unparse(node.target if isinstance(node, ast.AnnAssign) else node.targets[0])}"


FOUND = sorted(
    name for package in ("bluegreen", "sim") for path in (ROOT / package).rglob("*.py") for name in guessed(path)
)


def test_every_open_point_of_the_facts_is_answered():
    assert sorted({int(row[0]) for row in POINTS}) == list(range(1, 10))


@pytest.mark.parametrize("row", POINTS, ids=lambda row: f"{row[0]}-{row[2]}")
def test_open_point(row):
    assert show(default(row[2])) == row[3]


def test_all_other_numbers_that_call_themselves_assumed_or_unpublished_are_on_the_page_and_no_more():
    named = {row[2] for row in POINTS}
    wanted = [f"| `{name}` | {show(default(name))} |" for name in FOUND if name not in named]
    there = [f"| `{name}` | {value} |" for name, value in OTHERS]
    assert there == wanted, "\n".join(["to be changed in docs/open-points.md:", *unified_diff(there, wanted, n=0)])
