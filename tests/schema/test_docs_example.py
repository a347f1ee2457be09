"""The example of docs/schema.md runs, and answers what the page says."""

import os
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from bluegreen.checks.schema import SchemaCompatible
from bluegreen.registry import kinds
from bluegreen.schema.apply.base import Apply
from bluegreen.schema.statements import Expect

from ..test_docs import blocks, names, rows, section
from .test_command import run

PAGE = (Path(__file__).resolve().parents[2] / "docs/schema.md").read_text()


@pytest.mark.slow
def test_the_example_answers_as_the_page_says(tmp_path):
    for block in (*blocks(PAGE, "yaml"), *blocks(PAGE, "sql")):
        first, _, content = block.partition("\n")
        if "file: " in first:
            file = tmp_path / first.partition("file: ")[2]
            file.parent.mkdir(exist_ok=True)
            file.write_text(content)
    (answer,) = blocks(PAGE, "text")
    done = run("shop.schema.yaml", cwd=tmp_path, env={**os.environ, "COLUMNS": "200"})
    assert (done.returncode, done.stdout) == (0, answer)


def test_every_way_to_apply_a_step_and_every_expectation_is_named():
    told = names(section(PAGE, "How a step is applied"))
    for kind in set(kinds("bluegreen.schema.apply", Apply)) - {"sql"}:
        assert any(f"kind: {kind}" in word for word in told), kind
    (row,) = (row for row in rows(section(PAGE, "What code asks")) if "`expect`" in row[0])
    assert all(any(field in word for word in names(row[1])) for field in Expect.model_fields)


def test_the_check_of_the_page_is_one():
    assert "{kind: schema, file: shop.schema.yaml}" in section(PAGE, "In a rollout")
    assert (
        TypeAdapter(SchemaCompatible).validate_python({"kind": "schema", "file": "shop.schema.yaml"}).name == "schema"
    )
