"""SQL text is taken apart where psql and sqlite3 take it apart."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.errors import UserError
from bluegreen.schema.sqltext import pieces, tokens
from bluegreen.schema.statements import Expect, statements

SPLIT = {
    "two lines": ("SELECT 1;\nSELECT 2", ["SELECT 1", "SELECT 2"]),
    "a semicolon in a text": ("SELECT ';', 'it''s;' ; SELECT 2;", ["SELECT ';', 'it''s;'", "SELECT 2"]),
    "an escaped quote": (r"SELECT E'\';', 1; SELECT 2;", [r"SELECT E'\';', 1", "SELECT 2"]),
    "a backslash that escapes nothing": (r"SELECT '\'; SELECT 2;", [r"SELECT '\'", "SELECT 2"]),
    "a semicolon in a name": ('SELECT 1 AS "a;b"; SELECT 2;', ['SELECT 1 AS "a;b"', "SELECT 2"]),
    "comments": ("SELECT 1 -- one;\n; /* two; /* three; */ ; */ SELECT 2;", ["SELECT 1", "SELECT 2"]),
    "dollar quotes": ("SELECT $$;$$, $a$;$$;$a$; SELECT 2;", ["SELECT $$;$$, $a$;$$;$a$", "SELECT 2"]),
    "numbered parameters are no quotes": ("SELECT $1; SELECT $2;", ["SELECT $1", "SELECT $2"]),
    "nothing but comments": ("-- one\n;;/* two */", []),
    "a standard body": (
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END;\nSELECT 3;",
        [
            "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 2 END; END",
            "SELECT 3",
        ],
    ),
    "a trigger of SQLite's": (
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; DELETE FROM c; END; SELECT 2;",
        ["CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; DELETE FROM c; END", "SELECT 2"],
    ),
    "a transaction is no body": ("BEGIN; SELECT 1; END;", ["BEGIN", "SELECT 1", "END"]),
}


@pytest.mark.parametrize(("text", "split"), SPLIT.values(), ids=SPLIT)
def test_statements_end_where_they_do(text, split):
    assert [piece.text for piece in pieces(text)] == split


SQLITES = [each for each in SPLIT if "dollar" not in each and "body" not in each and "escape" not in each]


@pytest.mark.parametrize("name", [name for name in SQLITES if "comments" not in name])
def test_sqlite_agrees_that_each_is_complete(name):
    assert all(sqlite3.complete_statement(piece.text + ";") for piece in pieces(SPLIT[name][0]))


@given(st.text(alphabet="ab1'\"$;:-*/ \n\\[]().%é", max_size=60))
def test_nothing_of_a_text_is_lost_and_lines_are_counted(text):
    assert "".join(token.text for token in tokens(text)) == text
    lines = text.split("\n")
    for piece in pieces(text):
        assert lines[piece.line - 1].find(piece.text.split("\n")[0]) >= 0


def test_parameters_are_found_and_casts_slices_and_texts_are_none():
    (piece,) = pieces("SELECT :name::text, a[1:2], b[lo:hi], ':no', \":no\", x := :b WHERE c = :name -- :no")
    assert piece.parameters == ("name", "b")
    assert piece.numbered() == "SELECT $1::text, a[1:2], b[lo:hi], ':no', \":no\", x := $2 WHERE c = $1"


# -- samples ----------------------------------------------------------------------------------------------------------


def read(tmp_path: Path, text: str):
    (tmp_path / "code.sql").write_text(text)
    return statements([tmp_path / "code.sql"])


def test_a_comment_above_gives_name_values_and_expectations(tmp_path):
    first, second = read(
        tmp_path,
        "-- Said by the way.\n-- name: read it\n-- with: {id: 7,\n--   on: 2026-01-31}\n-- expect: {rows: 1}\n"
        "SELECT :id, :on;\n\nSELECT 2;",
    )
    assert (first.name, first.line, dict(first.values)) == ("read it", 6, {"id": 7, "on": "2026-01-31"})
    assert first.expect == Expect(rows=1)
    assert (second.name, second.line, dict(second.values)) == ("SELECT 2", 8, {})


def test_all_that_is_wrong_with_a_file_is_told_at_once(tmp_path):
    text = """
SELECT :a;
-- with: {b: 1}
SELECT 1;
-- expext: {rows: 1}
SELECT 2;
-- expect: {row: 1}
SELECT 3;
-- with: {a: [}
SELECT 4;
"""
    with pytest.raises(UserError) as wrong:
        read(tmp_path, text)
    told = [
        line.removeprefix(str(tmp_path / "code.sql")) for line in str(wrong.value).splitlines() if "code.sql" in line
    ]
    assert [line.split(": ")[0] for line in told] == [":2", ":4", ":5", ":8", ":9"]
    assert ":a has no value" in told[0] and "there is no :b" in told[1] and "unknown key expext" in told[2]
    assert "expect.row" in told[3] and "is not YAML" in told[4]


def test_a_file_without_a_statement_is_refused(tmp_path):
    with pytest.raises(UserError, match="has no statement in it"):
        read(tmp_path, "-- nothing yet\n")


ROWS = [("ann", "paid"), ("bob", None)]


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ({"rows": 2}, ""),
        ({"rows": 1}, "1 rows were expected, and there are 2"),
        ({"rows_at_least": 3}, "at least 3 rows were expected"),
        ({"not_null": ("name",)}, ""),
        ({"not_null": ("status",)}, "status is NULL"),
        ({"not_null": ("nothing",)}, "the answer has no column nothing; it has name, status"),
        ({"only": {"status": ("paid", None)}}, ""),
        ({"only": {"status": ("paid", "open")}}, "status is None, which this code does not know: open, paid"),
    ],
)
def test_what_code_takes_for_granted_is_asked(expect, said):
    assert Expect(**expect).missed(["name", "status"], ROWS, 2).startswith(said)
    assert bool(Expect(**expect).missed(["name", "status"], ROWS, 2)) is bool(said)
