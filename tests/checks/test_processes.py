"""Commands as real processes: exit codes, time limits, what they leave behind, and the death of the engine."""

import os
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bluegreen.checks.command import CommandCheck
from bluegreen.outside.processes import Process
from bluegreen.outside.runner import Runner

from .waiting import ended, until

FACTS = {"BLUEGREEN_SHARE": "0.2", "BLUEGREEN_RECORD": "www.example.com"}


@pytest.fixture
def runner(tmp_path):
    made = Runner(tmp_path / "checks", lambda: {"BLUEGREEN_CANDIDATE_URL": "http://green.elb"})
    with closing(made):
        yield made


def shell(text, **more):
    return CommandCheck.model_validate({"kind": "command", "run": ["sh", "-c", text], **more})


def lives(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.parametrize(
    ("text", "state", "words"),
    [
        ("exit 0", "passed", "exit code 0"),
        ("echo one; echo; echo two >&2; exit 3", "failed", "exit code 3: one / two"),
        ("exit 75", "unknown", "exit code 75"),
        ("kill -9 $$", "failed", "killed by signal 9"),
        (
            'echo "$BLUEGREEN_SHARE $BLUEGREEN_CANDIDATE_URL $MINE"',
            "passed",
            "exit code 0: 0.2 http://green.elb x",
        ),
        ("for i in 1 2 3 4 5 6 7; do echo $i; done", "passed", "exit code 0: 3 / 4 / 5 / 6 / 7"),
    ],
)
def test_the_exit_code_says_it_and_the_last_lines_explain_it(runner, text, state, words):
    runner.begin("verify/command", shell(text, environment={"MINE": "x"}), FACTS)
    view = ended(runner, "verify/command")
    assert (view.state, view.detail) == (state, words)


def test_a_command_that_does_not_exist_is_unknown_and_says_so(runner):
    runner.begin("verify/x", CommandCheck(name="x", run=("no-such-program",)), FACTS)
    view = ended(runner, "verify/x")
    assert (view.state, view.detail) == ("unknown", "no-such-program cannot be started: No such file or directory")


def test_a_folder_that_does_not_exist_is_unknown_too(runner, tmp_path):
    runner.begin("verify/x", shell("true", folder=str(tmp_path / "nowhere")), FACTS)
    assert runner.look("verify/x").state == "unknown"


def test_at_its_time_limit_it_is_ended_with_all_that_it_started(runner, tmp_path):
    pids = tmp_path / "pids"
    text = f"sleep 300 & echo $! > {pids}; echo waiting; sleep 300"
    runner.begin("hook/before-step/1/slow", shell(text, timeout="500ms"), FACTS)
    view = ended(runner, "hook/before-step/1/slow")
    assert (view.state, view.detail) == ("unknown", "ended at its time limit: waiting")
    until(lambda: not lives(int(pids.read_text())))


def test_what_a_command_leaves_in_the_background_ends_with_it(runner, tmp_path):
    pids = tmp_path / "pids"
    runner.begin("verify/left", shell(f"sleep 300 & echo $! > {pids}"), FACTS)
    assert ended(runner, "verify/left").state == "passed"
    until(lambda: not lives(int(pids.read_text())))


def test_beginning_it_again_changes_nothing_and_stopping_it_makes_it_unknown_to_all(runner, tmp_path):
    count = tmp_path / "count"
    check = shell(f"echo x >> {count}; sleep 300")
    runner.begin("verify/once", check, FACTS)
    until(count.exists)
    runner.begin("verify/once", check, FACTS)
    assert runner.look("verify/once").state == "running"
    runner.stop("verify/once")
    assert (runner.look("verify/once").state, count.read_text()) == ("absent", "x\n")


def test_the_death_of_the_engine_ends_what_it_had_begun(tmp_path):
    """Killed without a chance to say anything, in the middle of a command."""
    pids = tmp_path / "pids"
    engine = (
        "import sys, time; from pathlib import Path\n"
        "from bluegreen.checks.command import CommandCheck; from bluegreen.outside.runner import Runner\n"
        f"check = CommandCheck(name='x', run=('sh', '-c', 'echo $$ > {pids}; sleep 300'))\n"
        f"runner = Runner(Path('{tmp_path}/checks'), dict); runner.begin('verify/x', check, {{}}); time.sleep(300)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", engine])
    until(lambda: pids.exists() and pids.read_text())
    command = int(pids.read_text())
    assert lives(command)
    process.send_signal(signal.SIGKILL)
    process.wait()
    until(lambda: not lives(command))


# -- what surrounds a command -----------------------------------------------------------------


def test_ctrl_c_is_for_the_engine_and_leaves_its_commands_in_care(runner):
    """A terminal sends it to the whole process group: a keeper that died of it would leave its command alone."""
    runner.begin("verify/x", shell("sleep 300"), FACTS)
    keeper = runner._runs["verify/x"]._process._keeper
    assert os.getpgid(keeper.pid) != os.getpgrp()


def test_a_keeper_that_is_told_to_end_ends_its_command_first(runner, tmp_path):
    pids = tmp_path / "pids"
    runner.begin("verify/x", shell(f"echo $$ > {pids}; sleep 300"), FACTS)
    until(lambda: pids.exists() and pids.read_text(), 60)
    runner._runs["verify/x"]._process._keeper.terminate()
    view = ended(runner, "verify/x")
    assert (view.state, view.detail) == ("unknown", "its keeper died")
    until(lambda: not lives(int(pids.read_text())), 60)


def test_nothing_in_a_commands_folder_or_environment_takes_the_place_of_what_the_keeper_needs(runner, tmp_path):
    """A team's own `json.py`, a folder called like ours, a PYTHONPATH for another Python."""
    for name in ("json.py", "bluegreen.py", "signal.py"):
        (tmp_path / name).write_text("raise SystemExit(7)")
    check = shell("true", folder=str(tmp_path), environment={"PYTHONPATH": str(tmp_path), "PYTHONHOME": "/nowhere"})
    runner.begin("verify/x", check, FACTS)
    assert ended(runner, "verify/x").state == "passed"


def test_endless_output_keeps_its_end_and_leaves_the_disk_alone(runner, tmp_path):
    runner.begin("verify/loud", shell("yes abcdefghi | head -c 30000000; echo; echo the end"), FACTS)
    view = ended(runner, "verify/loud")
    assert view.state == "passed" and view.detail.endswith("/ the end")
    log = tmp_path / "checks/verify-loud.log"
    assert log.stat().st_size <= 10_100_000
    assert log.stat().st_mode & 0o077 == 0, "nobody else's to read"


def test_a_full_disk_does_not_make_a_command_wait(tmp_path):
    full = Path("/dev/full")
    process = Process(
        ["sh", "-c", "yes | head -c 1000000; exit 3"],
        full,
        timedelta(seconds=60),
        folder=None,
        environment=dict(os.environ),
    )
    with closing_process(process):
        assert until(process.outcome, 60).code == 3


def test_no_secret_and_nothing_that_a_terminal_would_obey_comes_into_the_journal(runner):
    text = "printf '\\033[31mred\\033[0m \\033]0;owned\\007 token=%s\\007\\n' $MY_TOKEN; echo $HOME"
    runner.begin("verify/x", shell(text, environment={"MY_TOKEN": "s3cr3t-value", "HOME": "/home/x"}), FACTS)
    assert ended(runner, "verify/x").detail == "exit code 0: red  token=*** / /home/x"


def test_what_cannot_be_an_argument_is_unknown_and_no_crash(runner):
    runner.begin("verify/x", CommandCheck(name="x", run=("echo", "a\0b")), FACTS)
    assert runner.look("verify/x").state == "unknown"


def test_stopping_what_has_ended_leaves_nothing_open(runner, tmp_path):
    runner.begin("verify/x", shell("true"), FACTS)
    process = runner._runs["verify/x"]._process
    until(lambda: process._keeper.poll() is not None, 60)
    runner.stop("verify/x")
    assert process._keeper.stdout.closed and process._keeper.stdin.closed


@contextmanager
def closing_process(process):
    yield
    process.stop()
