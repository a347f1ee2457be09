"""Whole drills, and what is left when any part of one is killed. Real processes in real time: slow."""

import json
import os
import signal
import socket
import time

import pytest

from bluegreen.journal.entries import Resumed
from bluegreen.journal.fold import fold
from bluegreen.journal.local import read_entries
from bluegreen.model import End
from bluegreen.report.trace import read_trace

from .conftest import DRILLS, LIMIT, alive, descendants, until

pytestmark = [pytest.mark.slow, pytest.mark.drill]


def kinds(home):
    return [json.loads(line)["kind"] for line in (home / "drill.trace.jsonl").read_text().splitlines()]


def test_three_drills_beside_each_other_end_as_they_should_and_leave_nothing_behind(drills):
    """A good release, a bad one, and a day on which calls fail, a machine dies and the engine is killed."""
    good = drills.start()
    rough = drills.start("--scenario", str(DRILLS / "rough-day.scenario.yaml"))
    bad = drills.start("--scenario", str(DRILLS / "bad-release.scenario.yaml"))
    until(lambda: any("stage.instance" in words for words in descendants(bad.pid).values()))
    members = [*descendants(good.pid), *descendants(bad.pid)]
    said_rough = rough.communicate(timeout=900)[0]
    said_good, said_bad = good.communicate(timeout=LIMIT)[0], bad.communicate(timeout=LIMIT)[0]
    assert good.returncode == 0, said_good
    assert bad.returncode == 0, said_bad
    assert rough.returncode == 0, said_rough
    assert not [pid for pid in members if alive(pid)]
    homes = {path.name: path for path in drills.room.iterdir()}
    for name, end in (
        ("drill-all-well-shop-1", End.SUCCEEDED),
        ("drill-bad-release-shop-1", End.ROLLED_BACK),
        ("drill-rough-day-shop-1", End.SUCCEEDED),
    ):
        home = homes[name]
        assert fold(read_entries(home / "rollout.journal")).end is end
        trace = read_trace(home / "drill.trace.jsonl")
        assert trace.rehearsed and trace.header["stage"] == "local"
        assert max(sample.share.get("green", 0) for sample in trace.samples) > 0.3, "users were on green"
        assert "<html" in (home / "drill.html").read_text()[:500].lower()
    assert any(
        sample.errors.get("green", 0) > 0
        for sample in read_trace(homes["drill-bad-release-shop-1"] / "drill.trace.jsonl").samples
    )
    written = read_entries(homes["drill-rough-day-shop-1"] / "rollout.journal")
    assert [type(entry) for entry in written].count(Resumed) >= 1
    assert any("Throttling" in str(entry) for entry in written)


MEMBERS = {
    "AWS": "stage.cloud",
    "engine": " deploy ",
    "users": "locust",
    "balancer": "stage.balancer",
    "machine": "stage.instance",
}


@pytest.mark.parametrize("who", [*MEMBERS, "drill"])
def test_whoever_is_killed_nothing_outlives_the_drill_and_the_journal_can_be_read(who, drills):
    drill = drills.start()
    members = until(
        lambda: (found := descendants(drill.pid)) and any(" deploy " in w for w in found.values()) and found
    )
    journal = drills.home() / "rollout.journal"
    until(lambda: journal.exists() and journal.stat().st_size)
    victim = drill.pid if who == "drill" else next(pid for pid, words in members.items() if MEMBERS[who] in words)
    members = descendants(drill.pid)
    os.kill(victim, signal.SIGKILL)
    if who == "machine":  # Auto Scaling replaces it, and the drill goes on until Ctrl-C
        until(lambda: not alive(victim))
        until(lambda: "has died" in drill.stdout.readline())
        os.kill(drill.pid, signal.SIGINT)
    said, _ = drill.communicate(timeout=LIMIT)
    until(lambda: not [pid for pid in members if alive(pid)])
    assert "Traceback" not in said
    assert fold(read_entries(journal)) is not None
    if who in ("AWS", "engine", "users"):
        assert drill.returncode == 7 and f"{who} has ended (killed by SIGKILL)" in said.replace("the engine", "engine")
    if who == "balancer":
        assert drill.returncode == 7 and "the process of balancer shop-blue" in said
    if who == "machine":
        assert drill.returncode == 130 and "the stage is cleared" in said
        assert kinds(drills.home())[-1] == "end"


def serves(drill, drills):
    return any("the stage serves" in line for line in iter(drill.stdout.readline, ""))


def users_on_green(drills):
    lines = [line for file in drills.room.glob("*/drill.trace.jsonl") for line in file.read_text().splitlines()]
    return any(json.loads(line).get("share", {}).get("green") for line in lines if line.endswith("}"))


MOMENTS = {
    "a process is there": lambda drill, _: descendants(drill.pid),
    "files are read": lambda _, drills: any(drills.room.iterdir()),
    "machines come": lambda drill, _: any("stage.instance" in words for words in descendants(drill.pid).values()),
    "the stage serves": serves,
    "the engine acts": lambda _, drills: any(drills.room.glob("*/rollout.journal")),
    "users are on green": lambda _, drills: users_on_green(drills),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_ctrl_c_at_any_moment_leaves_nothing_but_what_was_written_down(moment, drills):
    drill = drills.start()
    until(lambda: MOMENTS[moment](drill, drills))
    members = descendants(drill.pid)
    os.kill(drill.pid, signal.SIGINT)
    said, _ = drill.communicate(timeout=LIMIT)
    assert drill.returncode == 130 and "Traceback" not in said
    until(lambda: not [pid for pid in members if alive(pid)])
    for journal in drills.room.glob("*/rollout.journal"):
        assert fold(read_entries(journal)) is not None
        assert kinds(journal.parent)[-1] == "end"


def test_impatience_leaves_nothing_either(drills):
    """Ctrl-C again and again, while the drill tidies up."""
    drill = drills.start()
    until(lambda: serves(drill, drills))
    members = descendants(drill.pid)
    while drill.poll() is None:
        os.kill(drill.pid, signal.SIGINT)
        time.sleep(0.2)
    said = drill.stdout.read()
    assert drill.returncode == 130 and "Traceback" not in said
    until(lambda: not [pid for pid in members if alive(pid)])


@pytest.mark.parametrize("option", ["--port", "--dns-port"])
@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_port_in_use_is_a_clear_word_and_bad_input(option, kind, drills):
    if (option, kind) == ("--port", socket.SOCK_DGRAM):
        pytest.skip("balancers speak TCP alone")
    with socket.socket(type=kind) as taken:
        taken.bind(("0.0.0.0", 0))
        if kind is socket.SOCK_STREAM:
            taken.listen()
        drill = drills.start(option, str(taken.getsockname()[1]))
        said, _ = drill.communicate(timeout=LIMIT)
    assert drill.returncode == 4 and "Traceback" not in said
    assert f"{option} {taken_port(said)}" in said and "cannot be used" in said
    assert not descendants(drill.pid)


def taken_port(said):
    return next(word.rstrip(":") for word in said.split() if word.rstrip(":").isdigit())
