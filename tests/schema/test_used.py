"""SQL files applied to a database in use: the same body on PostgreSQL and SQLite, each of them killed at every call."""

import itertools
import sqlite3
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import psycopg
import pytest

from bluegreen.schema.apply.folder import SqlFolder
from bluegreen.schema.databases import used_postgres, used_sqlite
from bluegreen.schema.migrate import main

FILES = {
    "V1__orders.sql": "CREATE TABLE orders (id integer PRIMARY KEY, said text);\nINSERT INTO orders VALUES (1, 'one');",
    "V2__more.sql": "BEGIN;\nINSERT INTO orders VALUES (2, 'two');\nUPDATE orders SET said = said || '!';\nCOMMIT;\n"
    "UPDATE orders SET said = said || '?';",
    "V3__counted.sql": "ALTER TABLE orders ADD COLUMN count integer DEFAULT 0;\n"
    "UPDATE orders SET count = count + 1;\nBEGIN;\nUPDATE orders SET count = 100;\nROLLBACK;\n"
    "UPDATE orders SET count = count + 10;",
}
ROWS = [(1, "one!?", 11), (2, "two!?", 11)]


class Killed(BaseException):
    """As a process is: nothing catches it."""


class Dying:
    """A connection whose client dies at a call, before the database has heard of it or after it was done."""

    def __init__(self, connection, calls, at, when):
        self._connection, self._calls, self._at, self._when = connection, calls, at, when

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def execute(self, *given):
        number = next(self._calls)
        if (number, self._when) == (self._at, "before"):
            raise Killed
        try:
            return self._connection.execute(*given)
        finally:
            if (number, self._when) == (self._at, "after"):
                raise Killed


@pytest.fixture(params=["postgres", "sqlite"])
def place(request, monkeypatch):
    """An empty database in use: its URL, who asks it, and how its client is made to die at its n-th call."""
    database = request.getfixturevalue(request.param)
    room = database.fresh()
    monkeypatch.setenv("SHOP_URL", room.url)
    return Place(room.url, monkeypatch)


class Place:
    def __init__(self, url, patch):
        self.url, self._patch = url, patch

    def rows(self, asked):
        if self.url.startswith("sqlite"):
            with closing(sqlite3.connect(urlsplit(self.url).path[1:])) as there:
                return there.execute(asked).fetchall()
        with psycopg.connect(self.url) as there:
            return there.execute(asked).fetchall()

    def done(self, *statements):
        with closing(
            sqlite3.connect(urlsplit(self.url).path[1:])
            if self.url.startswith("sqlite")
            else psycopg.connect(self.url, autocommit=True)
        ) as there:
            for each in statements:
                there.execute(each)
            if self.url.startswith("sqlite"):
                there.commit()

    @contextmanager
    def dying(self, at, when):
        calls = itertools.count(1)
        with self._patch.context() as patch:
            connected, connect = used_postgres.connected, sqlite3.connect

            @contextmanager
            def postgres(*given):
                with connected(*given) as connection:
                    yield Dying(connection, calls, at, when)

            patch.setattr(used_postgres, "connected", postgres)
            patch.setattr(used_sqlite.sqlite3, "connect", lambda *a, **k: Dying(connect(*a, **k), calls, at, when))
            yield calls


def step(folder):
    """All versions of a folder, as JSON."""
    return SqlFolder(folder=folder).model_dump_json()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "migrations").mkdir()
    for name, text in FILES.items():
        (tmp_path / "migrations" / name).write_text(text)
    return tmp_path / "migrations"


def test_all_is_applied_once_however_often_it_is_begun(place, folder, capsys):
    assert main(step(folder), "SHOP_URL") == 0
    assert place.rows("SELECT * FROM orders ORDER BY id") == ROWS
    assert main(step(folder), "SHOP_URL") == 0
    assert place.rows("SELECT * FROM orders ORDER BY id") == ROWS
    assert "V3__counted.sql: was applied before" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_call_it_goes_on_where_it_was(place, folder, when):
    """Every call of the client's is tried. Nothing is left out, and nothing is done twice."""
    for at in itertools.count(1):
        with place.dying(at, when):
            try:
                ended = main(step(folder), "SHOP_URL")
            except Killed:
                ended = None
        assert main(step(folder), "SHOP_URL") == 0, f"killed {when} call {at}"
        assert place.rows("SELECT * FROM orders ORDER BY id") == ROWS, f"killed {when} call {at}"
        if ended == 0:
            break
        place.done("DROP TABLE IF EXISTS orders", "DROP TABLE IF EXISTS bluegreen_applied")
    assert at > 20


def test_what_failed_stays_where_it_was_and_goes_on_when_it_is_mended(place, folder, capsys):
    (folder / "V3__counted.sql").write_text(
        FILES["V3__counted.sql"].replace("ROLLBACK;\nUPDATE orders", "ROLLBACK;\nUPDATE order")
    )
    assert main(step(folder), "SHOP_URL") == 1
    said = capsys.readouterr().out
    assert "V3__counted.sql: statement 6 of 6 failed; what is before it stays" in said and "V3__counted.sql:6" in said
    (folder / "V3__counted.sql").write_text(FILES["V3__counted.sql"])
    assert main(step(folder), "SHOP_URL") == 0
    assert "V3__counted.sql: went on after statement 5 of 6" in capsys.readouterr().out
    assert place.rows("SELECT * FROM orders ORDER BY id") == ROWS


def test_a_file_whose_applied_part_was_changed_is_refused_with_both_ways_out(place, folder, capsys):
    (folder / "V3__counted.sql").write_text("ALTER TABLE orders ADD COLUMN count integer;\nSELECT nonsense;")
    assert main(step(folder), "SHOP_URL") == 1
    (folder / "V3__counted.sql").write_text("ALTER TABLE orders ADD COLUMN total integer;\nSELECT 1;")
    capsys.readouterr()
    assert main(step(folder), "SHOP_URL") == 1
    said = capsys.readouterr().out
    assert "1 of its 2 statements were applied, and these were changed since" in said and "DELETE FROM" in said


def test_a_version_that_was_changed_after_it_was_applied_is_refused_and_a_file_of_another_content_is_another(
    place, folder, capsys
):
    assert main(step(folder), "SHOP_URL") == 0
    (folder / "V2__more.sql").write_text("DELETE FROM orders;")
    assert main(step(folder), "SHOP_URL") == 1
    assert "V2__more.sql: it was changed after it was applied" in capsys.readouterr().out
    assert place.rows("SELECT * FROM orders ORDER BY id") == ROWS
    for wanted in (3, 4):
        (folder / "expand.sql").write_text(f"INSERT INTO orders VALUES ({wanted}, 'x', 0);")
        plain = f'{{"kind": "sql", "files": ["{folder / "expand.sql"}"]}}'
        for _ in range(2):
            assert main(plain, "SHOP_URL") == 0
    assert [row[0] for row in place.rows("SELECT id FROM orders ORDER BY id")] == [1, 2, 3, 4]


def test_repeatable_files_are_applied_again_when_they_changed(place, folder):
    for text, seen in (("one", 1), ("one", 1), ("two", 2)):
        (folder / "R__view.sql").write_text(
            f"DROP VIEW IF EXISTS seen;\nCREATE VIEW seen AS SELECT {seen} AS n; -- {text}"
        )
        assert main(step(folder), "SHOP_URL") == 0
        assert place.rows("SELECT n FROM seen") == [(seen,)]


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_statement_that_cannot_be_in_a_transaction_is_done_once_or_asks_a_person(
    postgres, tmp_path, monkeypatch, capsys, when
):
    """Between its two marks nobody knows what it did: an index that is not valid would pass as one that is there."""
    (tmp_path / "V1__index.sql").write_text(
        "CREATE TABLE orders (id integer);\nCREATE INDEX CONCURRENTLY IF NOT EXISTS by_id ON orders (id);\n"
        "INSERT INTO orders VALUES (1);"
    )
    asked = 0
    for at in itertools.count(1):
        url = postgres.fresh().url
        monkeypatch.setenv("SHOP_URL", url)
        place = Place(url, monkeypatch)
        with place.dying(at, when):
            try:
                ended = main(step(tmp_path), "SHOP_URL")
            except Killed:
                ended = None
        capsys.readouterr()
        if main(step(tmp_path), "SHOP_URL") == 1:
            asked += 1
            assert "V1__index.sql:2: this statement was begun" in capsys.readouterr().out
            place.done("DROP INDEX IF EXISTS by_id")
            place.done("UPDATE bluegreen_applied SET begun = 0 WHERE file = 'V1__index.sql'")
            assert main(step(tmp_path), "SHOP_URL") == 0
        assert place.rows("SELECT id FROM orders") == [(1,)]
        assert place.rows("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_id'::regclass") == [(True,)]
        if ended == 0:
            break
    assert asked >= 2


def test_settings_of_the_connection_hold_for_a_run_that_goes_on(postgres, tmp_path, monkeypatch):
    url = postgres.fresh().url
    monkeypatch.setenv("SHOP_URL", url)
    text = "SET lock_timeout = '1234ms';\nCREATE TABLE said (it text);\n{}"
    text += "INSERT INTO said SELECT current_setting('lock_timeout');"
    (tmp_path / "V1__set.sql").write_text(text.format("SELECT nonsense;\n"))
    assert main(step(tmp_path), "SHOP_URL") == 1
    (tmp_path / "V1__set.sql").write_text(text.format(""))
    assert main(step(tmp_path), "SHOP_URL") == 0
    assert Place(url, monkeypatch).rows("SELECT it FROM said") == [("1234ms",)]


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("postgresql://nobody@127.0.0.1:1/shop", 3, "the database server"),
        ("mysql://shop@127.0.0.1/shop", 1, "SQL files are run on PostgreSQL (postgresql://...) and SQLite"),
    ],
)
def test_a_database_that_is_not_there_is_unknown_and_one_of_another_kind_is_refused(
    url, code, said, folder, monkeypatch, capsys
):
    monkeypatch.setenv("SHOP_URL", url)
    assert main(step(folder), "SHOP_URL") == code
    assert said in capsys.readouterr().out


def test_two_files_of_one_name_are_refused(folder, tmp_path, monkeypatch, capsys):
    (tmp_path / "V1__orders.sql").write_text("SELECT 1;")
    monkeypatch.setenv("SHOP_URL", f"sqlite:///{tmp_path}/shop.sqlite3")
    both = f'{{"kind": "sql", "files": ["{folder}/V1__orders.sql", "{tmp_path}/V1__orders.sql"]}}'
    assert main(both, "SHOP_URL") == 1
    assert "two files are called V1__orders.sql" in capsys.readouterr().out
