"""docs/sync.md: its examples are files and rules that work, and its tables are whole."""

import re
from pathlib import Path

from bluegreen.gates.metric import Metric
from bluegreen.sync.counts import Count, Loss
from bluegreen.sync.merging import PythonMerge, _checked
from bluegreen.sync.spec import DynamoSync, PostgresSync, load_sync
from bluegreen.yamlfile import read_yaml

PAGE = (Path(__file__).resolve().parents[2] / "docs/sync.md").read_text()


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE)


def written(tmp_path, text):
    path = tmp_path / "example.yaml"
    path.write_text(text)
    return path


def test_the_examples_of_files_can_be_read(tmp_path):
    dynamo, gates, postgres = blocks("yaml")
    assert isinstance(load_sync(written(tmp_path, dynamo)), DynamoSync)
    assert isinstance(load_sync(written(tmp_path, postgres)), PostgresSync)
    assert [Metric.model_validate(gate).what for gate in read_yaml(written(tmp_path, gates))["gates"]] == [
        "sync lag", "stores apart",
    ]  # fmt: skip


def test_every_field_with_a_default_has_its_row(tmp_path):
    spec = load_sync(written(tmp_path, blocks("yaml")[0]))
    told = {name for cell in re.findall(r"^\| (`[^|]+`) \|", PAGE, flags=re.M) for name in re.findall(r"`(\w+)`", cell)}
    fields = {name for name, field in DynamoSync.model_fields.items() if not field.is_required()}
    assert fields - {"publish", "compare"} <= told
    assert {"publish", "compare"} <= set(re.findall(r"^(\w+):", blocks("yaml")[0], flags=re.M))
    assert spec.lease == DynamoSync.model_fields["lease"].default


def test_every_metric_is_named():
    assert {f"`{count.title()}`" for count in (*Count, *Loss)} <= set(re.findall(r"`\w+`", PAGE))


def test_the_rule_in_python_is_one():
    (example,) = blocks("python")
    names = {}
    exec(example, names)
    key = {"id": {"S": "a"}}
    items = [{**key, "articles": {"SS": articles}} for articles in (["x"], ["x", "y"])]
    assert _checked(names["carts"], "carts")(key, *items) == {**key, "articles": {"SS": ["x", "y"]}}
    assert PythonMerge(function="shop.merging:carts").function
