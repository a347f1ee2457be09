"""The live page of a real rollout, beside its engine and from another terminal. Real processes; moto is AWS."""

import re

import pytest

from bluegreen.journal.entries import Decided
from bluegreen.journal.fold import fold
from bluegreen.model import End

from ..page.conftest import Visitor
from .shop import command, entries
from .test_operate import FILE, LONG

pytestmark = pytest.mark.slow


def page_of(process):
    """Whoever visits the page that it says it serves."""
    for line in process.stdout:
        if found := re.search(r"the live page: (http://127\.0\.0\.1:\d+/\?token=\S+)", line):
            return Visitor(found[1])
    raise AssertionError("no page is served")


def test_two_pages_of_one_rollout_steer_the_same_engine_and_both_tell_its_end(aws, room):
    _, env = aws
    (room / FILE).write_text(LONG)
    engine = command(env, room, "deploy", FILE, "--yes", "--bind", "127.0.0.1")
    beside = page_of(engine)
    here = beside.listen()
    assert "at work" in here.until(lambda parts: "verify" in parts.get("now", ""))["now"]
    assert beside.press("pause", "ann", "lunch")[0] == 202
    here.until(lambda parts: parts.get("state", {}).get("paused"))
    watcher = command(env, room, "status", FILE, "--bind", "127.0.0.1")
    elsewhere = page_of(watcher)
    there = elsewhere.listen()
    assert "by ann: lunch" in there.until(lambda parts: "now" in parts)["now"]
    assert elsewhere.press("promote", "bob", "hurry")[0] == 202
    there.until(lambda parts: "refused: it is paused" in parts.get("now", ""))
    assert elsewhere.press("abort", "bob", "wrong build")[0] == 202
    [path] = room.glob(".bluegreen/*.jsonl")
    report = path.name.removesuffix(".journal.jsonl") + ".html"
    for viewer in (here, there):
        parts = viewer.until(lambda parts: "over" in parts)
        assert parts["over"] == f"The report: .bluegreen/{report}"
        assert parts["state"]["end"] == "aborted"
        viewer.leave()
    said, _ = engine.communicate(timeout=60)
    watcher.communicate(timeout=60)
    assert (engine.returncode, watcher.returncode) == (1, 0), said
    assert fold(entries(path)).end is End.ABORTED and (path.parent / report).exists()
    asked = [each for entry in entries(path) if isinstance(entry, Decided) for each in entry.seen.commands]
    assert [(each.verb, each.who, each.why) for each in asked] == [
        ("pause", "ann", "lunch"),
        ("promote", "bob", "hurry"),
        ("abort", "bob", "wrong build"),
    ]


def test_a_page_that_cannot_be_served_stops_a_deployment_before_it_begins(aws, room):
    _, env = aws
    (room / FILE).write_text(LONG)
    process = command(env, room, "deploy", FILE, "--yes", "--bind", "127.0.0.1:x")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 4 and "write it like 127.0.0.1:8080" in said
    assert not [path for path in room.glob(".bluegreen/*.jsonl") if entries(path)]
