"""Where a rollout stands, put together from its journal and inbox, and in words."""

from datetime import timedelta

import pytest

from bluegreen.control.kept import JOURNALS, SUFFIX, AtWork, KeptHere, Line, here, listed
from bluegreen.control.standing import STANDING, standing
from bluegreen.control.words import show_history, show_standing
from bluegreen.errors import Unreachable
from bluegreen.journal.entries import Decided, Failed, Left
from bluegreen.journal.local import FileJournal
from bluegreen.model import Command, HoldScaleIn, Slot, Trouble

from ..engine.memory import MINUTE, START, Outside
from ..engine.test_engine import PLAN, perform
from ..journal.test_shared import FIRST, word

NOBODY = AtWork(alive=False, by="ann on host (pid 7)")
PAUSE, LATER = Command("pause", "ann", "lunch", id="1", at=START), Command("abort", "bob", "fire", id="2", at=START)


@pytest.fixture(scope="module")
def held():
    """A rollout that holds a step, whose first command was taken."""
    outside = Outside()
    outside.commands = [PAUSE]
    _, journal = perform(outside, until=lambda rollout: rollout.looks > 5)
    return journal.entries()


def shown(entries, inbox=(), engine=NOBODY, now=START + timedelta(hours=1)):
    return show_standing(standing(tuple(entries), inbox, engine), now, PLAN)


def test_a_command_waits_until_the_journal_has_it_and_then_shows_its_answer(held):
    asked = standing(held, (PAUSE, LATER), NOBODY).asked
    assert [(each.command.id, each.became) for each in asked] == [("1", "accepted"), ("2", "waiting")]
    assert "pause by ann (lunch) - accepted: nothing is changed" in shown(held, (PAUSE, LATER))
    assert "abort by bob (fire) - waiting" in shown(held, (PAUSE, LATER))


def test_an_engine_that_died_one_that_left_and_one_at_work_are_told_apart(held):
    assert "none: it died after its last entry" in shown(held)
    left = Left(START + MINUTE, "the engine received SIGTERM")
    assert "none: it was stopped 59m ago (the engine received SIGTERM)" in shown([*held, left])
    assert "at work: ann on host (pid 7)" in shown(held, engine=AtWork(True, "ann on host (pid 7)"))
    said = shown(held, engine=AtWork(None, "ann on host (pid 7)", START + timedelta(minutes=59)))
    assert "ann on host (pid 7); said so 1m ago by its own clock" in said


def test_the_last_trouble_is_shown_wherever_it_was_met(held):
    assert "trouble" not in shown(held)
    failed = Failed(START + MINUTE, HoldScaleIn(Slot.BLUE, held=True), Trouble("hold scale-in", str(Unreachable("x"))))
    assert "59m ago: hold scale-in: x" in shown([*held, failed])


def test_what_a_program_reads_is_what_a_person_reads(held):
    now = standing(held, (), NOBODY)
    assert STANDING.validate_json(STANDING.dump_json(now)) == now
    assert now.rollout.paused is not None and "paused" in shown(held) and "by ann: lunch" in shown(held)


def test_a_journal_that_has_only_begun_can_be_shown():
    assert "provision" in shown([FIRST])


def write(path, *entries):
    with FileJournal(path) as journal:
        for entry in entries:
            journal.append(entry)


def test_a_folder_lists_its_rollouts_in_the_order_in_which_they_began(tmp_path):
    good, bad = tmp_path / f"shop-20300101-000000{SUFFIX}", tmp_path / f"shop-20300102-000000{SUFFIX}"
    write(good, FIRST, word("a"))
    bad.write_text("not a journal\n")
    write(tmp_path / f"shop-admin-20300101-000000{SUFFIX}", FIRST)
    write(tmp_path / f"shop-20300103-000000{SUFFIX}")
    assert {line.rollout for line in listed(tmp_path, "shop")} == {"shop-1", "shop-20300102-000000"}
    assert len(listed(tmp_path)) == 3 and KeptHere(good) in here(tmp_path)
    assert JOURNALS.name == ".bluegreen"


def test_a_list_says_who_when_how_and_how_long():
    lines = [
        Line("shop-1", "ann on host (pid 7)", START, "succeeded", START + timedelta(hours=2)),
        Line("shop-20", "bob", START + timedelta(days=1)),
    ]
    first, second = show_history(lines, START + timedelta(days=1, minutes=5)).splitlines()
    assert "succeeded" in first and "2h" in first and "ann on host" in first
    assert "not ended" in second and "5m" in second
    assert show_history([], START) == "no rollouts yet"


def test_the_shape_of_decisions_keeps_answers_beside_what_was_seen(held):
    taken = [entry for entry in held if isinstance(entry, Decided) and entry.seen.commands]
    assert [[answer.command for answer in entry.decision.answers] for entry in taken] == [[PAUSE]]
