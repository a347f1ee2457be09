"""The file of a schema check: what it may say, and that all that is wrong is told with its line."""

import pytest

from bluegreen.errors import UserError
from bluegreen.schema.spec import Postgres, Sqlite, hosts_of, load_schema_check

WHOLE = """\
database: sqlite
before: before.sql
expand: [one.sql, two.sql]
old: {kind: sql, files: old.sql}
new: {kind: command, run: [make, test]}
"""


def load(folder, text):
    (folder / "shop.schema.yaml").write_text(text)
    return load_schema_check(folder / "shop.schema.yaml")


def files(folder, *names):
    for name in names:
        (folder / name).write_text("SELECT 1;")


def test_a_whole_file_is_read_and_its_paths_are_found_beside_it(tmp_path):
    files(tmp_path, "before.sql", "one.sql", "two.sql", "old.sql")
    spec = load(tmp_path, WHOLE)
    assert spec.database == Sqlite() and spec.contract is None
    assert spec.expand.sql_files() == (tmp_path / "one.sql", tmp_path / "two.sql")
    assert spec.new.program().folder == tmp_path


def test_every_file_that_is_not_there_is_told_with_its_line(tmp_path):
    files(tmp_path, "one.sql")
    with pytest.raises(UserError) as wrong:
        load(tmp_path, WHOLE + "undo: {expand: back.sql}\n")
    told = [line.partition("shop.schema.yaml:")[2] for line in str(wrong.value).splitlines()]
    assert [line.rpartition(": there")[0] for line in told] == ["2: before", "3: expand", "6: undo.expand", "4: old"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WHOLE.replace("expand: [one.sql, two.sql]\n", ""), "nothing to check: give expand, contract, or both"),
        (WHOLE.replace("sqlite", "oracle"), "5: database: unknown kind 'oracle'"),
        (WHOLE + "undo: {contract: back.sql}\n", "undo.contract takes back a step that is not there"),
        (WHOLE + "expnad: x.sql\n", "6: expnad: unknown key"),
        (WHOLE.replace("old: ", "older: "), "old is missing"),
    ],
)
def test_what_cannot_be_meant_is_refused(text, said, tmp_path):
    with pytest.raises(UserError) as wrong:
        load(tmp_path, text)
    assert said.removeprefix("5: ") in str(wrong.value)


FAR = (
    "postgresql://ann@db.example.com/shop",
    "postgresql://127.0.0.1,db.example.com/shop",
    "postgresql://127.0.0.1/shop?host=db.example.com",
    "postgresql://127.0.0.1/shop?hostaddr=10.0.0.7",
    "postgresql:///shop?host=/tmp,db.example.com",
)


@pytest.mark.parametrize("url", FAR)
def test_a_server_that_may_be_somebodys_is_refused_until_it_is_called_throw_away(url):
    with pytest.raises(ValueError, match="is not this machine"):
        Postgres(url=url)
    assert Postgres(url=url, throw_away=True).server() == url


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:5433/x", "postgres://[::1]/x", "postgresql:///x?host=/run/pg"])
def test_a_server_on_this_machine_may_be_used(url, monkeypatch):
    monkeypatch.delenv("PGHOST", raising=False)
    assert Postgres(url=url).server() == url


def test_the_environment_has_a_say_where_a_url_names_no_server(monkeypatch):
    monkeypatch.setenv("PGHOST", "db.example.com")
    assert hosts_of("postgresql:///shop") == ("db.example.com",)
    monkeypatch.setenv("URL", "postgresql:///shop")
    with pytest.raises(UserError, match=r"database\.url_from: db\.example\.com is not this machine"):
        Postgres(url_from="URL").server()


def test_a_url_that_the_environment_does_not_have_is_told(monkeypatch):
    monkeypatch.delenv("NO_SUCH_URL", raising=False)
    with pytest.raises(UserError, match="the environment has no NO_SUCH_URL"):
        Postgres(url_from="NO_SUCH_URL").server()


@pytest.mark.parametrize("url", ["mysql://localhost/x", "localhost"])
def test_another_kind_of_url_is_refused(url):
    with pytest.raises(ValueError, match="the URL of a server is like postgresql://"):
        Postgres(url=url)
