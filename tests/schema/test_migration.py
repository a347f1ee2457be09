"""A rollout's expand and contract, run for real beside the engine: the same step as a schema check tries."""

import sys
from contextlib import closing

import psycopg
import pytest
from pydantic import TypeAdapter

from bluegreen.errors import UserError
from bluegreen.outside.migrations import command, need_migrations
from bluegreen.outside.runner import Runner
from bluegreen.plan import load_plan
from bluegreen.registry import kinds
from bluegreen.schema.apply.base import Apply
from bluegreen.schema.check import Check
from bluegreen.schema.migration import Migration
from bluegreen.schema.spec import load_schema_check
from bluegreen.schema.step import AnyStep
from bluegreen.yamlfile import write_yaml

from ..checks.waiting import ended, until
from ..data.test_tasks import BASE
from .conftest import written
from .test_alembic import ENV, REVISION, alembic

BEFORE = "CREATE TABLE customer (email text PRIMARY KEY);"
ADD = "ALTER TABLE customer ADD COLUMN name text;"
CODE = "SELECT email FROM customer;"
PROGRAM = f"""
import os, psycopg
assert os.environ["BLUEGREEN_STEP"] == "expand" and os.environ["PGDATABASE"] in os.environ["SHOP_URL"]
with psycopg.connect(os.environ["SHOP_URL"]) as base:
    base.execute("{ADD}")
"""
STEPS = {
    "sql": "add.sql",
    "folder": {"kind": "folder", "folder": "versions"},
    "alembic": alembic("two"),
    "command": {"run": [sys.executable, "program.py"], "variable": "SHOP_URL"},
}


@pytest.fixture
def folder(tmp_path):
    for place in ("versions", "alembic/versions"):
        (tmp_path / place).mkdir(parents=True)
    for name, text in (("add.sql", ADD), ("versions/V2__add.sql", ADD), ("program.py", PROGRAM)):
        (tmp_path / name).write_text(text)
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/alembic\n")
    (tmp_path / "alembic/env.py").write_text(ENV)
    two = REVISION.format(name="two", below=None, up=ADD, down="SELECT 1")
    (tmp_path / "alembic/versions/two.py").write_text(two)
    return tmp_path


@pytest.fixture
def runner(tmp_path):
    with closing(Runner(tmp_path / "checks", dict)) as port:
        yield port


def step(given, folder):
    return TypeAdapter(AnyStep).validate_python(given).beside(folder)


def migrated(runner, step, *, name="expand", url_from="DATABASE_URL"):
    runner.begin(f"data/{name}", Migration.of(name, step, url_from), {})
    return ended(runner, f"data/{name}")


def test_no_way_to_apply_a_step_is_left_out_here():
    assert set(STEPS) == set(kinds("bluegreen.schema.apply", Apply))


@pytest.mark.slow
@pytest.mark.parametrize("kind", STEPS)
def test_what_a_check_has_tried_is_what_a_rollout_does(kind, folder, postgres, runner, monkeypatch):
    """The same words in both files, and the same shape afterwards."""
    checked = load_schema_check(written(folder, before=BEFORE, expand=STEPS[kind], old=CODE, new=CODE))
    tried = Check(checked, postgres).run().changes["expand"].added
    room = postgres.fresh()
    with psycopg.connect(room.url) as there:
        there.execute(BEFORE)
    before = postgres.shape(room)
    monkeypatch.setenv("DATABASE_URL", room.url)
    for _ in range(1 if kind == "command" else 2):  # this program is not safe to repeat
        view = migrated(runner, step(STEPS[kind], folder))
        assert view.state == "passed", view.detail
        runner.stop("data/expand")
    done = {thing for thing in set(postgres.shape(room)) - set(before) if "bluegreen_applied" not in thing}
    assert done == set(tried)


@pytest.mark.slow
def test_one_that_was_killed_goes_on_and_waits_for_what_it_left_running_on_the_server(
    folder, postgres, runner, monkeypatch
):
    """The server does not hear that its client was killed while it works for it."""
    room = postgres.fresh()
    monkeypatch.setenv("DATABASE_URL", room.url)
    (folder / "versions/V1__before.sql").write_text(
        BEFORE + "\nINSERT INTO customer VALUES ('ann');\nSELECT pg_sleep(4);"
    )
    given = step(STEPS["folder"], folder)
    runner.begin("data/expand", Migration.of("expand", given, "DATABASE_URL"), {})
    asleep = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
    with psycopg.connect(room.url, autocommit=True) as there:
        until(lambda: there.execute(asleep).fetchone())
        runner.stop("data/expand")
        assert runner.look("data/expand").state == "absent"
        assert there.execute(asleep).fetchone()
        view = migrated(runner, given)
        assert (view.state, there.execute("SELECT count(*) FROM customer").fetchone()) == ("passed", (1,))
    assert "V1__before.sql: went on after statement 2 of 3 / V2__add.sql: applied / all is applied" in view.detail


def test_one_that_fails_says_where_and_how_far_it_came_and_no_password(folder, postgres, runner, monkeypatch):
    monkeypatch.setenv("SHOP", postgres.fresh().url)
    (folder / "versions/V1__before.sql").write_text(BEFORE)
    (folder / "versions/V2__add.sql").write_text(ADD + "\nALTER TABLE custmer ADD COLUMN x text;")
    view = migrated(runner, step(STEPS["folder"], folder), url_from="SHOP")
    assert view.state == "failed"
    assert "V1__before.sql: applied / V2__add.sql: statement 2 of 2 failed" in view.detail
    assert "V2__add.sql:2" in view.detail and 'relation "custmer" does not exist' in view.detail
    secret = "postgresql://shop:open-sesame@127.0.0.1:1/shop"
    monkeypatch.setenv("SHOP", secret)
    told = migrated(
        runner, step({"run": ["sh", "-c", "echo it is $SHOP; exit 1"]}, folder), name="contract", url_from="SHOP"
    )
    assert told.detail == "exit code 1: it is postgresql://shop:***@127.0.0.1:1/shop"


def test_a_database_that_is_not_there_is_unknown(folder, runner, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/shop")
    view = migrated(runner, step("add.sql", folder))
    assert view.state == "unknown" and "the database server" in view.detail


def test_a_program_that_knows_its_database_by_itself_needs_no_url(folder, runner, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert migrated(runner, step({"run": ["sh", "-c", "test $BLUEGREEN_STEP = expand"]}, folder)).state == "passed"
    assert (
        "DATABASE_URL" not in command(Migration.of("e", step({"run": ["x"]}, folder), "DATABASE_URL"), {}).environment
    )


# -- before anything is done ------------------------------------------------------------------------------------------


def plan(folder, **data):
    (folder / "shop.rollout.yaml").write_text(write_yaml({**BASE, "data": {"kind": "schema", **data}}))
    return load_plan(folder / "shop.rollout.yaml")


@pytest.mark.parametrize(
    ("data", "url", "said"),
    [
        ({"expand": "add.sql"}, None, "data.expand: the environment has no DATABASE_URL"),
        ({"expand": "add.sql", "url_from": "SHOP"}, None, "the environment has no SHOP"),
        ({"contract": alembic("two")}, None, "data.contract: the environment has no DATABASE_URL"),
        ({"expand": "add.sql"}, "mysql://a@b/c", "for others let a program do it"),
        ({"expand": ["add.sql", "more/add.sql"]}, "sqlite:///x", "two files are called add.sql"),
        ({"expand": "copy.sql"}, "sqlite:///x", "copy.sql:1"),
    ],
)
def test_a_step_that_cannot_be_applied_from_here_is_refused_before_anything_is_done(
    folder, monkeypatch, data, url, said
):
    (folder / "more").mkdir()
    (folder / "more/add.sql").write_text(ADD)
    (folder / "copy.sql").write_text("COPY customer FROM STDIN;")
    made = plan(folder, **data)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    if url:
        monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(UserError) as told:
        need_migrations(made)
    assert said in str(told.value)


def test_a_program_is_not_asked_for_a_url_before_anything_is_done(folder, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    need_migrations(plan(folder, expand={"run": ["./expand.sh"]}))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"expand": "gone.sql"}, "shop.rollout.yaml: data.expand: there is no file"),
        ({"contract": {"kind": "folder", "folder": "versions", "upto": 9}}, "data.contract: "),
        ({"expand": {"kind": "alembic", "revision": "a", "variable": "OTHER"}}, "does not read OTHER"),
        ({"expand": {"kind": "flyway"}}, "'alembic', 'command', 'folder', 'sql'"),
        ({"expand": {"run": ["x"], "name": "y"}}, "name"),
    ],
)
def test_what_is_not_there_or_not_possible_is_told_when_the_file_is_read(folder, data, said):
    with pytest.raises(UserError) as told:
        plan(folder, **data)
    assert said in str(told.value)


def test_where_a_checkout_lies_does_not_make_it_another_plan(folder, tmp_path):
    other = tmp_path / "other"
    (other / "versions").mkdir(parents=True)
    for name in ("add.sql", "versions/V2__add.sql"):
        (other / name).write_text(ADD)
    for data in ({"expand": ["add.sql"]}, {"contract": {"kind": "folder", "folder": "versions"}}):
        assert plan(folder, **data).hash == plan(other, **data).hash
    assert plan(folder, expand="add.sql").hash != plan(folder, expand="versions/V2__add.sql").hash
