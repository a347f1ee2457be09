"""Drills as a person starts them, and nothing of them left behind."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

DRILLS = Path(__file__).resolve().parents[2] / "stage" / "drills"
LIMIT = 240
"""Seconds of patience: a limit, not an expectation."""


class Drills:
    """Starts drills in a folder of their own. `members`: processes of one, by name."""

    def __init__(self, room):
        self.room, self.running = room, []

    def start(self, *options, rollout=DRILLS / "shop.rollout.yaml", pace="6", env=None):
        command = [str(Path(sys.executable).with_name("bluegreen")), "drill", str(rollout), "--pace", pace, *options]
        process = subprocess.Popen(
            [*command, "--reports", str(self.room)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, **(env or {})},
        )
        self.running.append(process)
        return process

    def home(self):
        return max(self.room.iterdir(), key=lambda path: path.stat().st_mtime)

    def stop(self):
        for process in self.running:
            process.kill()
            process.communicate()


def descendants(pid):
    """All processes that it has started, and theirs: pid -> command line."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_text().replace("\0", " ")
        except (OSError, IndexError):
            continue
        found[int(folder.name)] = (parent, words)
    ours, grown = {pid}, True
    while grown:
        more = {child for child, (parent, _) in found.items() if parent in ours} - ours
        ours, grown = ours | more, bool(more)
    return {child: found[child][1] for child in ours - {pid} if child in found}


def alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


def until(happened, within=LIMIT):
    end = time.monotonic() + within
    while not (seen := happened()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
    return seen


@pytest.fixture
def drills(tmp_path):
    made = Drills(tmp_path)
    try:
        yield made
    finally:
        made.stop()
