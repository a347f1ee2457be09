"""Small changes that teams make, right and wrong, on real databases: what is found, and when each step is safe."""

import os
import subprocess
from datetime import timedelta

import pytest

from bluegreen.errors import UserError
from bluegreen.schema.databases.base import run_until
from bluegreen.schema.databases.opened import programs
from bluegreen.schema.moments import Answer, works
from bluegreen.schema.outcome import State, Version
from bluegreen.schema.statements import plain

from .conftest import seen

OLD, NEW = Version.OLD, Version.NEW
BEFORE, EXPANDED, CONTRACTED = State

CUSTOMERS = "CREATE TABLE customer (email text PRIMARY KEY, name text NOT NULL);"
OLD_CODE = """
-- name: old adds a customer
-- with: {email: ann@example.com, name: Ann}
INSERT INTO customer (email, name) VALUES (:email, :name);
-- name: old reads a customer
-- with: {email: ann@example.com}
-- expect: {rows: 1, not_null: [name]}
SELECT email, name FROM customer WHERE email = :email;
"""
NEW_CODE = """
-- name: new adds a customer
-- with: {email: ann@example.com, name: Ann}
INSERT INTO customer (email, display_name) VALUES (:email, :name);
-- name: new reads a customer
-- with: {email: ann@example.com}
-- expect: {rows: 1, not_null: [display_name]}
SELECT email, display_name FROM customer WHERE email = :email;
"""
RENAME = {"before": CUSTOMERS, "old": OLD_CODE, "new": NEW_CODE}
PG_EXPAND = """
ALTER TABLE customer ADD COLUMN display_name text;
ALTER TABLE customer ALTER COLUMN name DROP NOT NULL;
UPDATE customer SET display_name = name;
CREATE FUNCTION both_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.display_name := coalesce(NEW.display_name, NEW.name);
  NEW.name := coalesce(NEW.name, NEW.display_name);
  RETURN NEW;
END $$;
CREATE TRIGGER both_names BEFORE INSERT OR UPDATE ON customer FOR EACH ROW EXECUTE FUNCTION both_names();
"""
PG_CONTRACT = """
DROP TRIGGER both_names ON customer;
DROP FUNCTION both_names();
ALTER TABLE customer DROP COLUMN name;
ALTER TABLE customer ALTER COLUMN display_name SET NOT NULL;
"""
LITE_EXPAND = """
CREATE TABLE customer_2 (email text PRIMARY KEY, name text, display_name text);
INSERT INTO customer_2 SELECT email, name, name FROM customer;
DROP TABLE customer;
ALTER TABLE customer_2 RENAME TO customer;
CREATE TRIGGER both_names AFTER INSERT ON customer BEGIN
  UPDATE customer SET display_name = coalesce(display_name, name), name = coalesce(name, display_name)
  WHERE email = NEW.email;
END;
"""
LITE_CONTRACT = "DROP TRIGGER both_names; ALTER TABLE customer DROP COLUMN name;"
STEPS = {"postgres": (PG_EXPAND, PG_CONTRACT), "sqlite": (LITE_EXPAND, LITE_CONTRACT)}
BOTH = [pytest.param("postgres", marks=pytest.mark.slow), "sqlite"]


def matrix(checked):
    """By reader, then by whose rows: a letter for each state."""
    return {
        f"{reader}-{by}": "".join("x."[works(checked, state, reader, by)] for state in checked.states)
        for reader in Version
        for by in Version
    }


@pytest.mark.parametrize("kind", BOTH)
def test_a_column_renamed_by_expand_and_contract_works_and_the_point_of_no_return_is_named(kind, request, tmp_path):
    expand, contract = STEPS[kind]
    database = request.getfixturevalue(kind)
    checked, judged = seen(database, tmp_path, database=kind, **RENAME, expand=expand, contract=contract)
    assert judged.why == () and judged.answer is Answer.WORKS
    assert matrix(checked) == {"old-old": "..x", "old-new": "..x", "new-old": "x..", "new-new": "x.."}
    first, last = judged.moments
    assert first.safe and first.when.startswith("before any user reaches new code")
    assert first.back == "code can go back and leave it in place"
    assert last.safe and "going back has been given up and no old code is reached" in last.when
    assert "old adds a customer" in last.when and "column" in last.when
    assert "customer.name, trigger " in last.back and "values are gone with it" in last.back


@pytest.mark.parametrize("kind", BOTH)
def test_a_contract_that_comes_as_the_expand_breaks_old_code(kind, request, tmp_path):
    rename = "ALTER TABLE customer RENAME COLUMN name TO display_name;"
    database = request.getfixturevalue(kind)
    _, judged = seen(database, tmp_path, database=kind, **RENAME, expand=rename)
    assert judged.answer is Answer.FAILS
    assert any("old code, expanded, its own rows: " in why and "old.sql:4: old adds" in why for why in judged.why)
    (moment,) = judged.moments
    assert not moment.safe and moment.when.startswith("never while old code serves")


@pytest.mark.parametrize("kind", BOTH)
def test_new_code_that_reads_what_old_code_still_writes_elsewhere_is_found(kind, request, tmp_path):
    """The backfill did what was there; nobody fills in what old code writes after it."""
    expand = "ALTER TABLE customer ADD COLUMN display_name text; UPDATE customer SET display_name = name;"
    new = NEW_CODE.replace(
        "(email, display_name) VALUES (:email, :name)", "(email, name, display_name) VALUES (:email, :name, :name)"
    )
    database = request.getfixturevalue(kind)
    checked, judged = seen(database, tmp_path, database=kind, before=CUSTOMERS, old=OLD_CODE, new=new, expand=expand)
    (why,) = judged.why
    assert why.startswith("new code, expanded, rows of old code: ") and "display_name is NULL" in why
    assert all(not m.failures for m in checked.meetings if m.rows.at is BEFORE and m.state is EXPANDED)


@pytest.mark.slow
def test_a_column_that_old_code_does_not_fill_may_not_be_required(postgres, tmp_path):
    expand = """
ALTER TABLE customer ADD COLUMN display_name text NOT NULL DEFAULT '';
ALTER TABLE customer ALTER COLUMN display_name DROP DEFAULT;
"""
    new = NEW_CODE.replace(
        "(email, display_name) VALUES (:email, :name)", "(email, name, display_name) VALUES (:email, :name, :name)"
    )
    _, judged = seen(postgres, tmp_path, before=CUSTOMERS, old=OLD_CODE, new=new, expand=expand)
    assert judged.answer is Answer.FAILS
    assert 'ERROR: null value in column "display_name"' in judged.why[0]


@pytest.mark.slow
def test_a_migration_that_fails_on_rows_that_are_there_is_found_and_named(postgres, tmp_path):
    expand = "SELECT 1;\n\nALTER TABLE customer ADD COLUMN display_name text NOT NULL;"
    _, judged = seen(postgres, tmp_path, before=CUSTOMERS, old=OLD_CODE, new=OLD_CODE, expand=expand)
    assert any(
        why.startswith("expand fails on rows of old code (before): ")
        and "expand.sql:3: " in why
        and "null values" in why
        for why in judged.why
    )


@pytest.mark.slow
def test_a_column_whose_type_changes_under_old_code_is_found(postgres, tmp_path):
    before = "CREATE TABLE visit (id int PRIMARY KEY, seconds text NOT NULL);"
    expand = "ALTER TABLE visit ALTER COLUMN seconds TYPE int USING seconds::int;"
    old = "-- with: {id: 1, s: 90s}\nINSERT INTO visit VALUES (:id, :s);"
    new = "-- with: {id: 1, s: 90}\nINSERT INTO visit VALUES (:id, :s);\nSELECT seconds + 1 FROM visit;"
    _, judged = seen(postgres, tmp_path, before=before, old=old, new=new, expand=expand)
    assert any("invalid input syntax for type integer" in why for why in judged.why)


@pytest.mark.parametrize("kind", BOTH)
def test_a_value_that_old_code_does_not_know_is_found_in_rows_of_new_code(kind, request, tmp_path):
    before = "CREATE TABLE sale (id int PRIMARY KEY, status text NOT NULL);"
    expand = "ALTER TABLE sale ADD COLUMN refunded_at text;"
    old = """
-- with: {id: 1}
INSERT INTO sale (id, status) VALUES (:id, 'paid');
-- name: list sales
-- expect: {rows_at_least: 1, only: {status: [open, paid]}}
SELECT id, status FROM sale;
"""
    new = "-- with: {id: 2}\nINSERT INTO sale (id, status, refunded_at) VALUES (:id, 'refunded', 'today');"
    database = request.getfixturevalue(kind)
    _, judged = seen(database, tmp_path, database=kind, before=before, old=old, new=new, expand=expand)
    (why,) = judged.why
    assert why.startswith("old code, expanded, rows of new code: ")
    assert "status is 'refunded', which this code does not know: open, paid" in why


@pytest.mark.slow
def test_a_unique_constraint_that_old_codes_rows_do_not_keep_fails_the_step(postgres, tmp_path):
    before = "CREATE TABLE customer (id serial PRIMARY KEY, email text NOT NULL);"
    expand = "ALTER TABLE customer ADD CONSTRAINT one_email UNIQUE (email);"
    old = "INSERT INTO customer (email) VALUES ('a');\nINSERT INTO customer (email) VALUES ('a');"
    _, judged = seen(postgres, tmp_path, before=before, old=old, new="SELECT email FROM customer;", expand=expand)
    assert [why for why in judged.why if why.startswith("expand fails on rows of old code (before)")]
    assert [why for why in judged.why if why.startswith("old code, expanded, its own rows") and "one_email" in why]


def test_an_expand_that_new_code_can_do_without_may_come_at_any_time(sqlite, tmp_path):
    expand = "ALTER TABLE customer ADD COLUMN note text;"
    _, judged = seen(sqlite, tmp_path, database="sqlite", before=CUSTOMERS, old=OLD_CODE, new=OLD_CODE, expand=expand)
    assert judged.answer is Answer.WORKS
    assert judged.moments[0].when.startswith("at any time")


def test_a_contract_alone_of_what_nobody_uses_may_come_at_any_time(sqlite, tmp_path):
    before = CUSTOMERS.replace("name text", "note text, name text")
    contract = "ALTER TABLE customer DROP COLUMN note;"
    checked, judged = seen(
        sqlite, tmp_path, database="sqlite", before=before, old=OLD_CODE, new=OLD_CODE, contract=contract
    )
    assert checked.states == (BEFORE, CONTRACTED) and judged.answer is Answer.WORKS
    assert judged.moments[0].when.startswith("at any time: old code works with it")


def test_a_contract_that_new_code_does_not_bear_is_never_safe(sqlite, tmp_path):
    expand, contract = STEPS["sqlite"]
    contract += "ALTER TABLE customer DROP COLUMN display_name;"
    _, judged = seen(sqlite, tmp_path, database="sqlite", **RENAME, expand=expand, contract=contract)
    assert judged.answer is Answer.FAILS
    assert not judged.moments[1].safe and judged.moments[1].when.startswith("never with this new code")


def test_samples_that_do_not_work_today_say_nothing_about_tomorrow(sqlite, tmp_path):
    old = OLD_CODE.replace("customer WHERE", "customers WHERE")
    expand = "ALTER TABLE customer ADD COLUMN note text;"
    _, judged = seen(sqlite, tmp_path, database="sqlite", before=CUSTOMERS, old=old, new=OLD_CODE, expand=expand)
    assert judged.answer is Answer.UNKNOWN and "no such table: customers" in judged.why[0]


def test_a_key_that_the_other_versions_samples_took_says_nothing(sqlite, tmp_path):
    expand = "ALTER TABLE customer ADD COLUMN note text;"
    checked, _ = seen(sqlite, tmp_path, database="sqlite", before=CUSTOMERS, old=OLD_CODE, new=OLD_CODE, expand=expand)
    met = [
        m
        for m in checked.meetings
        if m.state is EXPANDED and m.reader is OLD and m.rows.by is NEW and m.rows.at is EXPANDED
    ]
    assert [failure.name for failure in met[0].taken] == ["old adds a customer"] and met[0].failures == ()


@pytest.mark.parametrize("kind", BOTH)
def test_a_statement_that_hangs_is_ended_and_has_failed(kind, request, tmp_path):
    endless = {
        "postgres": "SELECT pg_sleep(600);",
        "sqlite": "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n;",
    }
    database = request.getfixturevalue(kind)
    expand = "ALTER TABLE customer ADD COLUMN note text;"
    parts = {"database": kind, "before": CUSTOMERS, "old": OLD_CODE, "new": endless[kind], "statement_timeout": "200ms"}
    _, judged = seen(database, tmp_path, **parts, expand=expand)
    said = {"postgres": "canceling statement due to statement timeout", "sqlite": "ended after 0.2 s"}
    assert judged.answer is Answer.FAILS and said[kind] in judged.why[0]


@pytest.mark.parametrize("kind", BOTH)
def test_what_removes_rows_leaves_them_for_the_other_version_to_meet(kind, request, tmp_path):
    old = OLD_CODE + "\n-- with: {email: ann@example.com}\nDELETE FROM customer WHERE email = :email;"
    new = "-- expect: {rows: 1}\nSELECT email FROM customer;"
    expand = "INSERT INTO customer VALUES ('bob@example.com', 'Bob'); DELETE FROM customer WHERE name = 'Ann';"
    database = request.getfixturevalue(kind)
    checked, _ = seen(database, tmp_path, database=kind, before=CUSTOMERS, old=old, new=new, expand=expand)
    (met,) = (m for m in checked.meetings if m.state is BEFORE and m.reader is NEW and m.rows.by is OLD)
    assert met.failures == ()
    (alone,) = (m for m in checked.meetings if m.state is BEFORE and m.reader is OLD and m.rows.by is OLD)
    assert alone.failures == ()


@pytest.mark.slow
def test_constraints_that_are_checked_at_commit_are_checked(postgres, tmp_path):
    before = """
CREATE TABLE customer (id int PRIMARY KEY);
CREATE TABLE sale (id int PRIMARY KEY, customer int REFERENCES customer DEFERRABLE INITIALLY DEFERRED);
"""
    expand = "ALTER TABLE sale ADD COLUMN note text;"
    new = "INSERT INTO sale (id, customer) VALUES (1, 7);"
    _, judged = seen(postgres, tmp_path, before=before, old="SELECT 1 AS one;", new=new, expand=expand)
    assert "violates foreign key constraint" in judged.why[0]


@pytest.mark.slow
def test_code_with_transactions_of_its_own_is_run_as_it_is(postgres, tmp_path):
    whole = "BEGIN;\nINSERT INTO customer VALUES ('b', 'Bob');\nSELECT nothing;\nSELECT 1 AS one;\nCOMMIT;\n"
    new = whole + "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON customer (name);"
    old = OLD_CODE + "CREATE INDEX CONCURRENTLY IF NOT EXISTS of_old ON customer (name);"
    expand = "CREATE INDEX CONCURRENTLY by_name ON customer (name);"
    _, judged = seen(postgres, tmp_path, before=CUSTOMERS, old=old, new=new, expand=expand)
    assert ["new.sql:3" in why for why in judged.why] == [True]


@pytest.mark.slow
def test_what_pg_dump_writes_is_a_beginning(postgres, tmp_path):
    with postgres.session(postgres.fresh(), timedelta(seconds=30)) as session:
        assert run_until(session, plain_of(tmp_path, CUSTOMERS + PG_EXPAND)) is None
        url = session.connection.info.dsn
        password = {**os.environ, "PGPASSWORD": session.connection.info.password}
        dump = [programs(18) / "pg_dump", "--schema-only", "--no-owner", "--no-privileges", url]
        told = subprocess.run(dump, capture_output=True, text=True, check=True, env=password).stdout
    assert "\\restrict" in told and "$$" in told
    expand = "ALTER TABLE public.customer ADD COLUMN note text;"
    _, judged = seen(postgres, tmp_path, before=told, old=OLD_CODE, new=NEW_CODE, expand=expand)
    assert judged.why == ()


def plain_of(folder, text):
    (folder / "some.sql").write_text(text)
    return plain([folder / "some.sql"])


def test_rows_that_only_psql_reads_are_refused_with_what_else_is_possible(tmp_path):
    with pytest.raises(UserError, match=r"some\.sql:2: COPY FROM stdin .*pg_dump --inserts"):
        plain_of(tmp_path, "SELECT 1;\nCOPY customer FROM stdin;\n1\t2\n\\.\n")


# -- taking steps back ------------------------------------------------------------------------------------------------


def test_an_undo_that_gives_back_what_was_there_works(sqlite, tmp_path):
    undo = {"expand": "undo.sql"}
    (tmp_path / "undo.sql").write_text("ALTER TABLE customer DROP COLUMN note;")
    expand = "ALTER TABLE customer ADD COLUMN note text;"
    checked, judged = seen(
        sqlite, tmp_path, database="sqlite", before=CUSTOMERS, old=OLD_CODE, new=OLD_CODE, expand=expand, undo=undo
    )
    assert checked.undone[0].works and "taking it back works" in judged.moments[0].back


@pytest.mark.parametrize(
    ("undo", "said"),
    [
        ("ALTER TABLE customer DROP COLUMN nothing;", "taking it back fails: "),
        ("CREATE TABLE left_over (id int); ALTER TABLE customer DROP COLUMN note;", "different: column left_over.id"),
        ("DROP TABLE customer;", "leaves old code broken: "),
    ],
)
def test_an_undo_that_does_not_is_told(undo, said, sqlite, tmp_path):
    (tmp_path / "undo.sql").write_text(undo)
    expand = "ALTER TABLE customer ADD COLUMN note text;"
    parts = {"before": CUSTOMERS, "old": OLD_CODE, "new": OLD_CODE, "expand": expand, "undo": {"expand": "undo.sql"}}
    _, judged = seen(sqlite, tmp_path, database="sqlite", **parts)
    assert said in judged.moments[0].back
