"""Two real PostgreSQL servers: one follows the other by logical replication, or an application writes to both."""

import json
import time
from contextlib import closing

import psycopg
import pytest

from bluegreen.cli import main
from bluegreen.schema.databases.kept import Kept
from bluegreen.schema.databases.opened import programs

FILE = """
kind: postgres
name: orders
first: {side: blue, url_from: BLUE_URL}
second: {side: green, url_from: GREEN_URL}
tables: [orders, public.lines]
ignore: {orders: [seen_at]}
compare: {patience: 100ms}
"""
TABLES = (
    "CREATE TABLE orders (id int PRIMARY KEY, total numeric, placed timestamptz, seen_at timestamptz DEFAULT now())",
    "CREATE TABLE lines (order_id int, line int, what text, raw bytea, PRIMARY KEY (order_id, line))",
)


@pytest.fixture(scope="module")
def servers():
    with Kept(programs(18)) as blue, Kept(programs(18)) as green:
        yield {"blue": blue.url, "green": green.url}


@pytest.fixture
def urls(servers, monkeypatch, tmp_path):
    """An empty database on each server."""
    name, found = f"d{time.monotonic_ns()}", {}
    for side, url in servers.items():
        with closing(psycopg.connect(url, autocommit=True)) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        found[side] = url.rpartition("/")[0] + f"/{name}"
        monkeypatch.setenv(f"{side.upper()}_URL", found[side])
    (tmp_path / "orders.sync.yaml").write_text(FILE)
    monkeypatch.chdir(tmp_path)
    return found


@pytest.fixture
def sides(urls):
    with (
        closing(psycopg.connect(urls["blue"], autocommit=True)) as blue,
        closing(psycopg.connect(urls["green"], autocommit=True)) as green,
    ):
        for side in (blue, green):
            for table in TABLES:
                side.execute(table)
        yield blue, green


def fill(side, rows=300):
    side.execute(
        "INSERT INTO orders SELECT n, n * 1.5, '2030-01-01'::timestamptz + n * interval '1 s'"
        f" FROM generate_series(1, {rows}) n"
    )
    side.execute(
        f"INSERT INTO lines SELECT n, n % 3, 'x' || n, decode('00ff', 'hex') FROM generate_series(1, {rows}) n"
    )


@pytest.fixture
def command(capsys):
    def run(*arguments, code=0):
        with pytest.raises(SystemExit) as ended:
            main(["sync", "compare", "orders.sync.yaml", *arguments])
        said = capsys.readouterr()
        assert ended.value.code == code, said.out + said.err
        return said.err if code == 4 else said.out

    return run


@pytest.fixture
def following(sides, urls):
    """Green follows blue."""
    blue, green = sides
    blue.execute("CREATE PUBLICATION orders FOR TABLE orders, lines")
    green.execute(f"CREATE SUBSCRIPTION follows CONNECTION '{urls['blue']}' PUBLICATION orders")
    yield green
    for step in ("DISABLE", "SET (slot_name = NONE)"):
        green.execute(f"ALTER SUBSCRIPTION follows {step}")
    green.execute("DROP SUBSCRIPTION follows")
    for _ in range(50):
        if not blue.execute("SELECT 1 FROM pg_replication_slots WHERE slot_name = 'follows' AND active").fetchall():
            break
        time.sleep(0.1)
    blue.execute("SELECT pg_drop_replication_slot('follows')")


def caught_up(side, rows):
    for _ in range(200):
        ((count,),) = side.execute("SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM lines)").fetchall()
        if count == rows:
            return
        time.sleep(0.05)
    raise AssertionError(f"{count} rows of {rows}")


def test_a_follower_that_has_caught_up_is_the_same_and_lags_nothing(sides, following, command):
    fill(sides[0])
    caught_up(following, 600)
    for _ in range(50):
        said = command()
        if "lags 0.0 s" in said:
            break
        time.sleep(0.1)  # what was applied is not confirmed yet
    assert "orders: " in said and "public.lines: " in said
    assert said.count(" 0 not the same") == 2
    assert "about 300 and 300 in all" in said
    assert "blue>green: follows lags 0.0 s" in said


def test_a_follower_that_stands_still_is_told_with_what_it_lacks(sides, following, command):
    fill(sides[0])
    caught_up(following, 600)
    following.execute("ALTER SUBSCRIPTION follows DISABLE")
    sides[0].execute("UPDATE orders SET total = total + 1")
    sides[0].execute("INSERT INTO orders VALUES (1000, 1)")
    for _ in range(100):
        if not sides[0].execute("SELECT 1 FROM pg_replication_slots WHERE active").fetchall():
            break
        time.sleep(0.05)
    said = command("--sample", "1000", code=1)
    assert "301 compared, 301 not the same" in said
    assert 'only on the first side: {"id": 1000}' in said
    assert "blue>green: follows does not replicate: its subscriber is not connected" in said
    lag = json.loads(command("--json", "--sample", "10", code=1).splitlines()[-1])
    assert lag["seconds"] is None
    assert lag["bytes"] > 0


def test_a_dual_write_that_failed_on_one_side_is_found(sides, command):
    for side in sides:
        fill(side)
    assert " 0 not the same" in command()
    sides[1].execute("DELETE FROM lines WHERE order_id = 7")
    sides[1].execute("UPDATE lines SET raw = '\\x01' WHERE order_id = 8")
    sides[1].execute("INSERT INTO lines VALUES (999, 1, 'only here')")
    said = command("--sample", "2000", code=1)
    assert "public.lines: 301 compared, 3 not the same" in said
    assert 'differs: {"line": 2, "order_id": 8}' in said
    assert 'only on the first side: {"line": 1, "order_id": 7}' in said
    assert 'only on the second side: {"line": 1, "order_id": 999}' in said
    assert "replicate" not in said


def test_columns_that_may_differ_and_the_order_of_columns_are_no_difference(sides, command):
    for side in sides:
        fill(side, 20)
    sides[1].execute("UPDATE orders SET seen_at = '2031-01-01'")
    sides[1].execute(f"ALTER DATABASE {sides[1].info.dbname} SET TimeZone = 'Asia/Tokyo'")
    sides[1].execute("DROP TABLE lines")
    sides[1].execute("CREATE TABLE lines (raw bytea, what text, line int, order_id int, PRIMARY KEY (order_id, line))")
    sides[1].execute("INSERT INTO lines SELECT decode('00ff', 'hex'), 'x' || n, n % 3, n FROM generate_series(1, 20) n")
    assert command().count(" 0 not the same") == 2


def test_a_sample_is_as_large_as_asked_and_another_one_each_time(sides):
    from bluegreen.sync.relational.samples import PostgresSamples
    from bluegreen.sync.relational.session import session
    from bluegreen.sync.spec import Database

    fill(sides[0], 5000)
    sides[0].execute("ANALYZE orders")
    with session(Database(side="blue", url_from="BLUE_URL")) as asked:
        samples = PostgresSamples(asked, "orders", ("id",))
        drawn = [set(samples.draw(50, seed)) for seed in (1, 2, 1)]
    assert [len(keys) for keys in drawn] == [50, 50, 50]
    assert drawn[0] == drawn[2] != drawn[1]


def test_nothing_can_be_written_through_the_comparison(sides):
    from bluegreen.errors import UserError
    from bluegreen.sync.relational.session import session
    from bluegreen.sync.spec import Database

    with session(Database(side="blue", url_from="BLUE_URL")) as asked, pytest.raises(UserError, match="read-only"):
        asked.ask("DELETE FROM orders RETURNING id")


def test_what_is_missing_is_told(sides, command, monkeypatch):
    sides[1].execute("DROP TABLE lines")
    assert "green: there is no table public.lines" in command(code=4)
    sides[1].execute("CREATE TABLE lines (order_id int, line int)")
    assert "green: public.lines has no primary key" in command(code=4)
    sides[1].execute("ALTER TABLE lines ADD PRIMARY KEY (line)")
    assert "public.lines: the primary keys differ: (order_id, line) and (line)" in command(code=4)
    monkeypatch.setenv("GREEN_URL", "postgresql://127.0.0.1:1/none")
    assert "green: connection" in command(code=4)
    monkeypatch.setenv("GREEN_URL", "nonsense")
    assert "green: GREEN_URL is no URL of a PostgreSQL database" in command(code=4)
    monkeypatch.delenv("GREEN_URL")
    assert "green: the environment variable GREEN_URL must have the database's URL" in command(code=4)


def test_only_compare_is_for_postgres(urls, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["sync", "run", "orders.sync.yaml"])
    assert ended.value.code == 4
    assert "only `compare` is for it" in capsys.readouterr().err
