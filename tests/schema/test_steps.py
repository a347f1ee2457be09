"""How a step is written down, and what of it is not there."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter, ValidationError

from bluegreen.registry import kinds
from bluegreen.schema.apply.base import VARIABLE, Apply
from bluegreen.schema.apply.folder import order
from bluegreen.schema.step import AnyStep

READ = TypeAdapter(AnyStep)
ENV = 'import os\nurl = os.environ["DATABASE_URL"]\n'
GOOD = {
    "sql": {"files": "V1__first.sql"},
    "folder": {"folder": "."},
    "alembic": {"revision": "head"},
    "command": {"run": ["true"]},
}


@pytest.fixture
def folder(tmp_path):
    for name in ("V1__first.sql", "V1.9__more.sql", "V1_10__later.sql", "V2__last.sql", "U2__back.sql", "R__view.sql"):
        (tmp_path / name).write_text("SELECT 1;\n")
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/alembic\n")
    (tmp_path / "alembic").mkdir()
    (tmp_path / "alembic/env.py").write_text(ENV)
    return tmp_path


def read(written, folder):
    return READ.validate_python(written).beside(folder)


def names(step):
    return [file.name for file in step.sql_files()]


def test_no_way_to_apply_a_step_is_left_out_here():
    assert set(GOOD) == set(kinds("bluegreen.schema.apply", Apply))


@pytest.mark.parametrize("kind", GOOD)
def test_each_way_is_either_files_or_a_program_and_finds_its_paths_beside_the_file(kind, folder):
    step = read({"kind": kind, **GOOD[kind]}, folder)
    assert list(step.problems()) == []
    assert bool(step.sql_files()) is not bool(step.program())
    assert all(file.is_absolute() and file.is_file() for file in step.sql_files())
    assert not step.program() or step.program().folder == folder


@pytest.mark.parametrize("kind", GOOD)
def test_each_way_names_what_is_not_there(kind, folder):
    gone = folder / "gone"
    assert [str(gone) in told for told in read({"kind": kind, **GOOD[kind]}, gone).problems()] == [True]


@pytest.mark.parametrize("short", ["V1__first.sql", ["V1__first.sql", "V2__last.sql"]])
def test_a_file_or_a_list_of_them_is_sql(short, folder):
    assert names(read(short, folder)) == ([short] if isinstance(short, str) else short)


@pytest.mark.parametrize(
    ("stretch", "applied"),
    [
        ({}, ["V1__first.sql", "V1.9__more.sql", "V1_10__later.sql", "V2__last.sql"]),
        ({"upto": 1}, ["V1__first.sql"]),
        ({"after": 1, "upto": "1.10"}, ["V1.9__more.sql", "V1_10__later.sql"]),
        ({"after": "1_10"}, ["V2__last.sql"]),
        ({"after": "1.10", "upto": "2.0"}, ["V2__last.sql"]),
    ],
)
def test_a_folders_versions_are_applied_number_by_number_and_what_is_repeated_follows(stretch, applied, folder):
    step = read({"kind": "folder", "folder": ".", **stretch}, folder)
    assert list(step.problems()) == []
    assert names(step) == [*applied, "R__view.sql"]


def test_versions_are_numbers_and_no_decimals():
    assert order("1.10") > order("1.9") and order("2.0") == order("2") and order("2_0_1") > order("2")


@pytest.mark.parametrize(
    ("stretch", "said"),
    [
        ({"upto": 1.1}, "put the version in quotes"),
        ({"upto": "two"}, "is no version"),
        ({"after": 2, "upto": 2}, "there is nothing above 2 up to 2"),
        ({"before": 2}, "Extra inputs"),
    ],
)
def test_a_stretch_that_cannot_be_is_refused(stretch, said):
    with pytest.raises(ValidationError, match=said):
        READ.validate_python({"kind": "folder", "folder": ".", **stretch})


@pytest.mark.parametrize(
    ("stretch", "said"),
    [({"upto": 3}, "has no version 3"), ({"after": "2"}, "has no file like"), ({"after": 7}, "has no version 7")],
)
def test_a_stretch_that_is_not_in_the_folder_is_named(stretch, said, folder):
    assert any(said in told for told in read({"kind": "folder", "folder": ".", **stretch}, folder).problems())


def test_two_files_of_one_version_are_named(folder):
    (folder / "V2.0__again.sql").write_text("")
    assert [
        told for told in read({"kind": "folder", "folder": "."}, folder).problems() if "two files of version 2" in told
    ]


def test_alembic_is_called_where_its_ini_is(folder):
    step = read({"kind": "alembic", "revision": "ae10", "run": ["uv", "run", "alembic"]}, folder)
    ini = str(folder / "alembic.ini")
    assert step.program().run == ("uv", "run", "alembic", "-c", ini, "upgrade", "ae10")
    assert step.program().variable == VARIABLE


def test_an_alembic_that_would_migrate_whatever_its_ini_names_is_refused(folder):
    (folder / "alembic/env.py").write_text('url = config.get_main_option("sqlalchemy.url")\n')
    (told,) = read({"kind": "alembic", "revision": "head"}, folder).problems()
    assert "does not read DATABASE_URL" in told
    (folder / "alembic/env.py").write_text(ENV.replace("DATABASE", "SHOP"))
    assert list(read({"kind": "alembic", "revision": "head", "variable": "SHOP_URL"}, folder).problems()) == []


def test_an_unknown_way_is_refused_with_what_was_possible():
    with pytest.raises(ValidationError, match="'alembic', 'command', 'folder', 'sql'"):
        READ.validate_python({"kind": "liquibase"})


def test_a_files_own_place_is_where_its_paths_begin(tmp_path):
    assert read("../V1.sql", tmp_path / "deploy").sql_files() == (Path(tmp_path / "V1.sql").resolve(),)
