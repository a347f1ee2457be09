"""What is known of a rollout while it runs, and what the page shows of it: in the end, the report."""

import json
import re
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluegreen.control.kept import AtWork, KeptHere
from bluegreen.control.local import inbox_beside
from bluegreen.control.words import show_standing
from bluegreen.errors import Unreachable, UserError
from bluegreen.journal.entries import ENTRY
from bluegreen.journal.local import FileJournal
from bluegreen.live.board import Board
from bluegreen.live.followed import ENTRIES, Followed
from bluegreen.live.now import now_of
from bluegreen.live.source import OfKept, OfTrace, Told, is_trace
from bluegreen.model import Command
from bluegreen.report.charts import picture
from bluegreen.report.moving import _axis, parts
from bluegreen.report.page import render, told
from bluegreen.report.trace import read_trace
from tests.report import golden, synthetic

from .conftest import TALE

OWN = [line for line in TALE if json.loads(line)["kind"] in ENTRIES]
"""What of it is a journal."""


def followed(lines):
    source = Told(None)
    for line in lines:
        source.line(line)
    known = Followed(source)
    known.refresh()
    return known


def kept(tmp_path, lines):
    path = tmp_path / "shop.journal.jsonl"
    with FileJournal(path) as journal:
        for line in lines:
            journal.append(ENTRY.validate_json(line))
    return path


# -- where lines come from -------------------------------------------------------------------------------------------


@pytest.fixture(params=["told", "journal", "trace"])
def growing(request, tmp_path):
    """A source, and how it is told more."""
    if request.param == "told":
        source = Told(None)
        return source, source.line
    path = tmp_path / "shop.jsonl"
    path.touch()

    def more(line):
        with path.open("a") as file:
            file.write(line + "\n")

    return (OfTrace(path) if request.param == "trace" else OfKept(KeptHere(path))), more


def test_every_source_gives_each_line_once_in_order_as_it_comes(growing):
    source, tell = growing
    assert list(source.more()) == []
    got = []
    for line in OWN[:20]:
        tell(line)
        if len(got) % 3:
            got += source.more()
    got += source.more()
    assert [json.loads(line)["at"] for line in got] == [json.loads(line)["at"] for line in OWN[:20]]
    assert list(source.more()) == []


def test_every_source_leads_to_the_same_standing_and_the_same_trace(growing):
    source, tell = growing
    for line in OWN:
        tell(line)
    known, reference = Followed(source), followed(OWN)
    known.refresh()
    assert known.standing().rollout == reference.standing().rollout
    assert known.trace().decisions == reference.trace().decisions and known.ended


def test_a_drills_trace_leads_to_the_inbox_of_its_journal_and_a_rehearsals_to_none(tmp_path):
    drill, rehearsal = tmp_path / "drill.trace.jsonl", tmp_path / "x.trace.jsonl"
    drill.write_text(json.dumps({"kind": "header", "journal": "rollout.journal"}) + "\n")
    rehearsal.write_text(json.dumps({"kind": "header"}) + "\n")
    command = Command("abort", "ann", "bad", id="1")
    OfTrace(drill).inbox().send(command)
    assert inbox_beside(tmp_path / "rollout.journal").all() == (command,)
    assert OfTrace(rehearsal).inbox() is None
    assert OfTrace(drill).at_work() == OfTrace(rehearsal).at_work() == AtWork(None), "nobody can tell"


def test_a_trace_cannot_lead_out_of_its_folder(tmp_path):
    (tmp_path / "in").mkdir()
    trace = tmp_path / "in" / "x.trace.jsonl"
    trace.write_text(json.dumps({"kind": "header", "journal": "../../etc/other.journal"}) + "\n")
    assert OfTrace(trace).inbox().folder.parent == tmp_path / "in"


def test_a_trace_is_told_from_a_journal_by_its_first_line(tmp_path):
    trace = tmp_path / "x"
    trace.write_text("\n".join(TALE))
    assert is_trace(trace) and not is_trace(kept(tmp_path, OWN))
    with pytest.raises(UserError, match="cannot be read"):
        is_trace(tmp_path / "missing")


# -- what is known ---------------------------------------------------------------------------------------------------


def test_nothing_is_known_before_anything_has_happened():
    known = followed([TALE[0]])
    assert json.loads(TALE[0])["kind"] == "header"
    assert (known.trace(), known.standing(), known.now(), known.ended) == (None, None, None, False)


def test_a_rehearsal_has_ended_with_its_last_line_and_a_journal_with_the_rollout():
    assert not followed(TALE[:-1]).ended and followed(TALE).ended
    assert not followed(OWN[:-1]).ended and followed(OWN).ended


@pytest.mark.parametrize("line", ["{", "[]", "null", '{"kind": "decided", "at": "2030-01-01T00:00:00Z"}'])
def test_a_line_that_is_none_is_named_on_the_page_and_what_was_known_stays(line):
    source = Told(None)
    board = Board(Followed(source))
    for good in TALE[:40]:
        source.line(good)
    board.refresh()
    before, known = board.since(0)
    source.line(line)
    board.refresh()
    _, news = board.since(before)
    assert "What is shown is old: line 41: this is not a" in news["trouble"]
    assert board.since(0)[1]["story"] == known["story"]


def test_a_journal_that_cannot_be_read_for_a_while_is_trouble_for_a_while():
    class Shaky(Told):
        broken = False

        def more(self):
            if self.broken:
                raise Unreachable("no route to the table")
            return super().more()

    source = Shaky(None)
    board = Board(Followed(source))
    for good in TALE[:40]:
        source.line(good)
    troubles = []
    for source.broken in (False, True, False):
        board.refresh()
        troubles.append(board.since(0)[1].get("trouble", ""))
    assert troubles == ["", "What is shown is old: no route to the table", ""]


# -- what is shown ---------------------------------------------------------------------------------------------------


def test_each_prefix_of_a_trace_can_be_shown():
    source = Told(None)
    board = Board(Followed(source))
    for number, line in enumerate(TALE):
        source.line(line)
        if number % 9 == 0 or number > len(TALE) - 3:
            board.refresh()
            shown = board.since(0)[1]
            assert not shown.get("trouble") and (number < 2 or "vconcat" in shown["spec"])


@pytest.mark.parametrize("tale", [synthetic.bad, synthetic.deployed])
def test_in_the_end_every_part_is_the_reports_and_the_picture_too(tale):
    source = Told(None)
    board = Board(Followed(source))
    for line in tale()[:30]:
        source.line(line)
    board.refresh()
    board.end("The report: here", tale())
    shown, trace = board.since(0)[1], read_trace(tale())
    page, facts = render(trace), told(trace)
    for name in ("head", "tiles", "caption", "story", "rest"):
        assert shown[name] and shown[name] in page, name
    assert shown["spec"] == picture(trace, facts["samples"], facts["rows"])


def test_what_has_not_changed_is_not_told_again():
    source = Told(None)
    board = Board(Followed(source))
    for line in TALE[:40]:
        source.line(line)
    board.refresh()
    number, _ = board.since(0)
    board.refresh()
    assert board.since(number) == (number, {})


def test_nothing_changes_after_the_end():
    source = Told(None)
    board = Board(Followed(source))
    board.end("This is the end of it.", TALE)
    number, _ = board.since(0)
    source.line(TALE[-2])
    board.refresh()
    assert board.since(number) == (number, {})


@given(st.floats(0, 10_000))
def test_the_axis_goes_further_than_the_trace_but_not_much(minutes):
    assert minutes <= _axis(minutes) <= max(5, 2 * minutes, minutes + 60)


def test_the_axis_moves_seldom():
    ends = [_axis(second / 60) for second in range(4 * 3600)]
    assert len(set(ends)) == 12 and all(one <= two for one, two in pairwise(ends))


def test_a_fault_that_has_not_healed_reaches_as_far_as_the_trace_and_not_to_the_axis_end():
    lines = [line for line in golden.rolled_back() if '"heals"' not in line and '"end"' not in line.split(",")[0]]
    spec = parts(read_trace(lines[:-1]), over=False)["spec"]
    [fault] = [
        one["encoding"]
        for one in spec["vconcat"][0]["layer"]
        if one["mark"]["type"] == "rect" and one["mark"].get("strokeDash")
    ]
    assert fault["x2"]["value"] == pytest.approx(860 * 480 / 600)


def test_where_it_stands_is_what_status_says_and_what_users_got():
    known = followed(TALE[:100])
    trace, standing, at = known.trace(), known.standing(), known.now()
    now = now_of(trace, standing, at)
    said = show_standing(standing, at)
    assert all(line in said for _, lines in now.rows for line in lines)
    assert [share.name for share in now.shares] == ["by weight", "realised"]
    assert now.shares[1].part == trace.samples[-1].share["green"]
    assert now.decisions[0][2].endswith([row.why for row in told(trace)["rows"] if row.kind == "decision"][-1])
    assert not now.paused and now.end == ""


def test_times_are_told_by_the_rollouts_own_clock():
    """A rehearsal's is not this machine's."""
    known = followed(TALE[:100])
    now = now_of(known.trace(), known.standing(), known.now())
    [begun] = [lines[0] for name, lines in now.rows if name == "begun"]
    minutes = (known.now() - known.standing().rollout.started) / timedelta(minutes=1)
    assert re.match(rf"{int(minutes)}m", begun) or minutes >= 60
