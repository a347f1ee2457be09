"""`bluegreen schema-check`: its answers, its exit codes, and that nothing is left behind however it ends."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import closing, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from bluegreen.checks.schema import SchemaCompatible
from bluegreen.errors import Unreachable, UserError
from bluegreen.outside.runner import Runner
from bluegreen.schema.databases import opened
from bluegreen.schema.databases.kept import Kept
from bluegreen.schema.databases.opened import programs
from bluegreen.schema.databases.postgres import OURS, PostgresServer

from ..checks.waiting import until
from .conftest import written
from .test_golden import CUSTOMERS, NEW_CODE, OLD_CODE, RENAME, STEPS

NOTE = "ALTER TABLE customer ADD COLUMN note text;"
SIMPLE = {"database": "sqlite", "before": CUSTOMERS, "expand": NOTE, "old": OLD_CODE, "new": OLD_CODE}
SCRIPT = """
import os, sqlite3, sys
base = sqlite3.connect(os.environ["DATABASE_URL"].removeprefix("sqlite:///"))
print(os.environ["BLUEGREEN_VERSION"], "in", os.environ["BLUEGREEN_STATE"], os.environ["BLUEGREEN_ROWS_BY"])
base.execute("INSERT OR REPLACE INTO customer (email, name) VALUES ('x', 'Xi')")
base.commit()
"""


def command(*arguments):
    return [sys.executable, "-c", "from bluegreen.cli import main; main()", "schema-check", *map(str, arguments)]


def run(*arguments, **more):
    return subprocess.run(command(*arguments), capture_output=True, text=True, check=False, timeout=300, **more)


def left(room):
    """What is in a folder for temporary files."""
    return sorted(path.name for path in Path(room).iterdir())


@pytest.fixture
def room(monkeypatch):
    """A folder of its own for temporary files, which everybody may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="room-", dir="/tmp"))
    folder.chmod(0o711)
    monkeypatch.setenv("TMPDIR", str(folder))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_a_change_that_works_is_told_with_its_matrix_and_its_moments(tmp_path, room):
    expand, contract = STEPS["sqlite"]
    file = written(tmp_path, database="sqlite", **RENAME, expand=expand, contract=contract)
    done = run(file.name, "--html", "out.html", cwd=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    told = done.stdout.splitlines()
    assert told[0].startswith("shop.schema.yaml: old and new code can both serve while the schema changes (SQLite 3.")
    assert told[2].split() == ["before", "expanded", "contracted"]
    assert told[3].split() == ["old", "code,", "rows", "of", "old", "works", "works", "FAILS"]
    assert "  old.sql:4: old adds a customer: table customer has no column named name" in told
    page = (tmp_path / "out.html").read_text()
    assert page.count('class="fails"') == 4 and "the point of no return" in page
    assert "http://" not in page and "<script" not in page
    assert left(room) == []


def test_the_same_is_told_to_machines(tmp_path):
    done = run(written(tmp_path, **{**SIMPLE, "new": NEW_CODE}), "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["answer"] == "fails" and len(told["matrix"]) == 4
    assert told["matrix"][0] == {"reader": "old", "rows_of": "old", "before": "works", "expanded": "works"}
    assert told["moments"][0]["step"] == "expand" and told["seen"]["changes"]["expand"]["added"] == [
        "column customer.note"
    ]


def test_what_is_shown_of_a_statement_cannot_become_part_of_the_page(tmp_path):
    new = "SELECT '<b>bold</b>' FROM nowhere;"
    run(written(tmp_path, **{**SIMPLE, "new": new}), "--html", tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text()
    assert "<b>bold" not in page and "&lt;b&gt;bold" in page


def test_a_test_command_is_told_the_database_and_runs_as_code_does(tmp_path):
    (tmp_path / "code.py").write_text(SCRIPT)
    by_command = {"kind": "command", "run": [sys.executable, "code.py"]}
    drop = "DROP TABLE customer;"
    done = run(written(tmp_path, **{**SIMPLE, "old": by_command, "new": by_command}))
    assert done.returncode == 0, done.stdout
    done = run(written(tmp_path, **{**SIMPLE, "old": by_command, "new": by_command, "expand": drop}))
    assert done.returncode == 1
    assert "old code, expanded, its own rows" in done.stdout and "no such table: customer" in done.stdout


def test_a_step_that_changes_nothing_here_has_changed_something_else(tmp_path):
    expand = {"kind": "command", "run": ["true"]}
    done = run(written(tmp_path, **{**SIMPLE, "expand": expand}))
    assert done.returncode == 1
    assert "it ended well and changed nothing here: does it read DATABASE_URL?" in done.stdout


@pytest.mark.parametrize(
    ("expand", "said"),
    [
        ({"kind": "command", "run": ["no-such-program"]}, "no-such-program cannot be started"),
        ({"kind": "command", "run": ["sh", "-c", "echo lost; exit 3"]}, "exit code 3: lost"),
        ({"kind": "command", "run": ["sleep", "600"], "timeout": "300ms"}, "ended at its time limit"),
    ],
)
def test_a_program_that_fails_is_told_with_its_words(expand, said, tmp_path, room):
    done = run(written(tmp_path, **{**SIMPLE, "expand": expand}))
    assert done.returncode == 1 and said in done.stdout
    assert left(room) == []


def test_a_migration_that_dies_half_way_is_told_with_its_line_and_leaves_nothing(tmp_path, room):
    expand = "ALTER TABLE customer ADD COLUMN note text;\n\nALTER TABLE customer\n  DROP COLUMN nothing;\nSELECT 1;"
    done = run(written(tmp_path, **{**SIMPLE, "expand": expand}).name, cwd=tmp_path)
    assert done.returncode == 1
    assert "expand fails: expand.sql:3: ALTER TABLE customer DROP COLUMN nothing" in done.stdout
    assert "expand: never as it is" in done.stdout
    assert left(room) == []


def test_a_beginning_that_does_not_apply_is_no_answer(tmp_path):
    done = run(written(tmp_path, **{**SIMPLE, "before": "CREATE TABLE x;"}))
    assert done.returncode == 3
    assert "`before` does not apply to an empty database" in done.stdout


def test_a_wrong_file_is_bad_input(tmp_path):
    done = run(written(tmp_path, **{**SIMPLE, "contract": "gone.sql"}))
    assert done.returncode == 4
    assert "contract: there is no file" in done.stderr and "Traceback" not in done.stderr


def test_a_page_that_cannot_be_written_is_told(tmp_path):
    done = run(written(tmp_path, **SIMPLE), "--html", "/proc/no/page.html")
    assert done.returncode == 4 and "/proc/no/page.html: cannot be written" in done.stderr


def test_editors_get_the_files_schema():
    schema = json.loads(run("--schema").stdout)
    assert set(schema["properties"]) >= {"database", "before", "expand", "contract", "undo", "old", "new"}


def test_what_is_not_installed_is_told_with_how_to_install_it(monkeypatch):
    monkeypatch.setattr(opened, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"bluegreen-rehearsal\[schema\]"):
        programs(18)


# -- PostgreSQL of its own --------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_whole_check_on_a_server_of_its_own_leaves_nothing(tmp_path, room):
    expand, contract = STEPS["postgres"]
    done = run(written(tmp_path, **RENAME, expand=expand, contract=contract))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "(PostgreSQL 18)" in done.stdout
    assert left(room) == [] and serving(room) == []


def serving(room):
    """What the processes of servers say that they do, whose data is in a folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if str(room) in process.cwd():
                found.append(" ".join(process.cmdline()).strip())
    return found


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_check_that_is_killed_in_the_middle_leaves_nothing(number, tmp_path, room):
    new = "SELECT pg_sleep(600);"
    parts = {"before": CUSTOMERS, "expand": NOTE, "old": OLD_CODE, "new": new, "statement_timeout": "10m"}
    check = subprocess.Popen(command(written(tmp_path, **parts)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: any(told.endswith("SELECT") for told in serving(room)), seconds=60)
        check.send_signal(number)
        check.wait(30)
    finally:
        check.kill()
        check.wait()
    until(lambda: left(room) == [] and serving(room) == [])


@pytest.mark.slow
def test_a_server_that_does_not_start_is_no_answer_and_leaves_nothing(tmp_path, room, monkeypatch):
    broken = tmp_path / "bin"
    broken.mkdir()
    for name in ("postgres", "initdb"):
        (broken / name).write_text("#!/bin/sh\necho no room on this machine >&2\nexit 1\n")
        (broken / name).chmod(0o755)
    with pytest.raises(Unreachable, match="no room on this machine"):
        Kept(broken)
    assert left(room) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_a_folder_that_nobody_may_pass_through_is_told_to_root(room):
    room.chmod(0o700)
    with pytest.raises(Unreachable, match="who may not pass through"):
        Kept(programs(18))
    assert left(room) == []


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as somebody else")
def test_root_starts_a_server_also_from_programs_that_nobody_else_may_reach(tmp_path, room):
    """A virtual environment in root's own folder: what a wheel lays beside its package is needed too."""
    whole = programs(18).parent
    own = tmp_path / "own"
    shutil.copytree(whole, own / whole.parent.name / whole.name, symlinks=True)
    beside = whole.parent.with_name(f"{whole.parent.name}.libs")
    if beside.is_dir():
        shutil.copytree(beside, own / beside.name)
    own.chmod(0o700)
    with Kept(own / whole.parent.name / whole.name / "bin") as kept, psycopg.connect(kept.url) as asked:
        assert asked.execute("SELECT 1").fetchone() == (1,)
    assert left(room) == []


# -- PostgreSQL by URL ------------------------------------------------------------------------------------------------


def databases(url):
    with psycopg.connect(url) as asked:
        return [name for (name,) in asked.execute("SELECT datname FROM pg_database ORDER BY 1")]


@pytest.mark.slow
def test_a_server_that_is_given_keeps_its_databases_and_nothing_of_ours(server, tmp_path):
    before = databases(server)
    told = {"kind": "postgres", "url_from": "SHOP_TEST_URL"}
    file = written(tmp_path, database=told, before=CUSTOMERS, expand=NOTE, old=OLD_CODE, new=OLD_CODE)
    done = run(file, env={**os.environ, "SHOP_TEST_URL": server})
    assert done.returncode == 0, done.stdout + done.stderr
    assert databases(server) == before


@pytest.mark.slow
def test_what_a_killed_check_left_on_a_server_is_dropped_by_the_next_and_what_is_in_use_is_not(server, tmp_path):
    with closing(PostgresServer(server, tmp_path)) as alive:
        mine = alive.fresh()
        dead = f"{OURS}_00000000_0_0000"
        with psycopg.connect(server, autocommit=True) as asked:
            asked.execute(f"CREATE DATABASE {dead}")
        PostgresServer(server, tmp_path).close()
        assert dead not in databases(server) and mine.name in databases(server)


def test_a_server_that_is_not_there_is_no_answer(tmp_path):
    told = {"kind": "postgres", "url": "postgresql://nobody@127.0.0.1:1/none"}
    done = run(written(tmp_path, database=told, before=CUSTOMERS, expand=NOTE, old=OLD_CODE, new=OLD_CODE))
    assert done.returncode == 3 and "Connection refused" in done.stdout


# -- as a check of a rollout ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "state", "said"),
    [
        ({}, "passed", "old and new code can both serve"),
        ({}, "passed", "/ before expanded / old code, rows of old works works / old code, rows of new works works /"),
        ({"new": NEW_CODE}, "failed", "new code, expanded, its own rows: "),
        ({"before": "CREATE TABLE x;"}, "unknown", "`before` does not apply"),
        ({"contract": "gone.sql"}, "unknown", "there is no file"),
    ],
)
def test_beside_the_engine_it_answers_as_a_check_and_leaves_its_page(change, state, said, tmp_path):
    file = written(tmp_path, **{**SIMPLE, **change})
    with closing(Runner(tmp_path / "kept", dict)) as checks:
        checks.begin("verify/schema", SchemaCompatible(file=file), {})
        until(lambda: checks.look("verify/schema").state != "running")
        view = checks.look("verify/schema")
    assert (view.state, said in view.detail) == (state, True), view.detail
    assert (tmp_path / "kept/verify-schema.html").exists() is (said != "there is no file")
