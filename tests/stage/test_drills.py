"""Whole drills, and what is left when any part of one is killed. Real processes in real time: slow."""

import json
import os
import signal

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


def test_ctrl_c_before_the_stage_is_up_leaves_nothing(drills):
    drill = drills.start()
    members = until(lambda: descendants(drill.pid))
    os.kill(drill.pid, signal.SIGINT)
    said, _ = drill.communicate(timeout=LIMIT)
    assert drill.returncode == 130 and "Traceback" not in said
    until(lambda: not [pid for pid in members if alive(pid)])
