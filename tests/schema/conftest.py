"""Databases for tests: one PostgreSQL server for all of them, and files."""

from contextlib import closing

import pytest

from bluegreen.schema.check import Check
from bluegreen.schema.databases.kept import Kept
from bluegreen.schema.databases.opened import programs
from bluegreen.schema.databases.postgres import PostgresServer
from bluegreen.schema.databases.sqlite import SqliteFiles
from bluegreen.schema.moments import judge
from bluegreen.schema.spec import load_schema_check
from bluegreen.yamlfile import write_yaml


@pytest.fixture(scope="session")
def server():
    """Where a server is, for as long as the tests run."""
    with Kept(programs(18)) as kept:
        yield kept.url


@pytest.fixture
def postgres(server, tmp_path):
    with closing(PostgresServer(server, tmp_path)) as database:
        yield database


@pytest.fixture
def sqlite(tmp_path):
    return SqliteFiles(tmp_path)


def written(folder, /, **parts):
    """A check's file in a folder; text with a blank in it is the content of an SQL file, all else stands as it is."""
    told = {}
    for name, part in parts.items():
        told[name] = part
        if isinstance(part, str) and any(blank in part for blank in " \n"):
            (folder / f"{name}.sql").write_text(part)
            told[name] = f"{name}.sql"
    (folder / "shop.schema.yaml").write_text(write_yaml(told))
    return folder / "shop.schema.yaml"


def seen(database, folder, /, **parts):
    """What a check saw, and what follows."""
    checked = Check(load_schema_check(written(folder, **parts)), database).run()
    return checked, judge(checked)
