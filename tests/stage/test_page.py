"""The live page of a drill: its buttons reach the engine's inbox. Real processes in real time: slow."""

import re

import pytest

from bluegreen.journal.entries import Decided
from bluegreen.journal.fold import fold
from bluegreen.journal.local import read_entries
from bluegreen.model import End

from ..page.conftest import Visitor
from .conftest import LIMIT

pytestmark = [pytest.mark.slow, pytest.mark.drill]


def test_a_drill_is_watched_and_aborted_on_its_page(drills):
    drill = drills.start("--bind", "127.0.0.1")
    said = next(line for line in drill.stdout if "the live page" in line)
    visitor = Visitor(re.search(r"http://\S+", said)[0])
    viewer = visitor.listen()
    viewer.until(lambda parts: "state" in parts)
    assert visitor.press("abort", "ann", "wrong build")[0] == 202
    parts = viewer.until(lambda parts: "over" in parts)
    drill.communicate(timeout=LIMIT)
    home = drills.home()
    assert parts["over"] == f"The report: {home / 'drill.html'}" and (home / "drill.html").exists()
    assert parts["state"]["end"] == "aborted" and drill.returncode == 1, "it was expected to succeed"
    entries = read_entries(home / "rollout.journal")
    [asked] = [command for entry in entries if isinstance(entry, Decided) for command in entry.seen.commands]
    assert (asked.verb, asked.who, asked.why) == ("abort", "ann", "wrong build")
    assert fold(entries).end is End.ABORTED
    viewer.leave()
