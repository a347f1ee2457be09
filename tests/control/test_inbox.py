"""Inboxes, one body over a folder and a table (a dict and DynamoDB): nothing lost, nothing twice, one order for all."""

import subprocess
import sys

import pytest

from bluegreen.control.inbox import Taker
from bluegreen.control.local import FolderInbox
from bluegreen.control.memory import MemoryInbox
from bluegreen.control.shared import SharedInbox
from bluegreen.errors import Throttled, Unreachable, UserError
from bluegreen.journal.entries import Decided
from bluegreen.model import Command, Decision, Observation

from ..engine.memory import MINUTE, START, ListJournal
from ..journal.test_shared import FIRST, ROLLOUT
from ..lease.stores import STORES, Unreliable, memory


def command(name, verb="pause"):
    return Command(verb, "ann", f"because of {name}", id=name, at=START)


@pytest.fixture(params=["folder", "memory", *STORES])
def inbox(request, tmp_path):
    if request.param == "memory":
        yield MemoryInbox()
        return
    if request.param == "folder":
        yield FolderInbox(tmp_path / "x.inbox")
        return
    with STORES[request.param]() as store:
        yield SharedInbox(store, "shop-1")


def test_an_inbox_that_nobody_wrote_to_is_empty(inbox):
    assert inbox.all() == ()


def test_commands_come_in_the_order_in_which_they_were_sent(inbox):
    sent = [command(name, verb) for name, verb in [("z", "pause"), ("a", "abort"), ("m", "resume")]]
    for each in sent:
        inbox.send(each)
    assert inbox.all() == tuple(sent)


def test_a_command_that_is_sent_again_is_there_once(inbox):
    for name in ("a", "b", "a"):
        inbox.send(command(name))
    assert [each.id for each in inbox.all()] == ["a", "b"]


def decided(*commands):
    return Decided(START, Observation(START, commands=commands), Decision(ROLLOUT, MINUTE, "because"))


def test_a_command_is_taken_until_it_is_in_the_journal_and_by_no_engine_after_that(inbox):
    journal = ListJournal()
    journal.append(FIRST)
    inbox.send(command("a"))
    engine = Taker(journal, inbox)
    assert engine.take() == engine.take() == (command("a"),), "the engine may have died before it wrote that down"
    assert Taker(journal, inbox).take() == (command("a"),)
    inbox.send(command("b"))
    journal.append(decided(command("a")))
    assert engine.take() == Taker(journal, inbox).take() == (command("b"),)
    journal.append(decided(command("b")))
    assert engine.take() == Taker(journal, inbox).take() == ()


def test_two_sources_are_both_heard(inbox):
    class Signal:
        def all(self):
            return (command("signal", "abort"),)

    inbox.send(command("a"))
    assert Taker(ListJournal(), inbox, Signal()).take() == (command("a"), command("signal", "abort"))


def test_many_processes_that_write_at_once_lose_nothing(tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from bluegreen.control.local import FolderInbox; from bluegreen.model import Command\n"
        "for i in range(20): FolderInbox(Path(sys.argv[1])).send(Command('pause', 'x', 'y', id=f'{sys.argv[2]}-{i}'))"
    )
    writers = [subprocess.Popen([sys.executable, "-c", code, tmp_path / "x", str(n)]) for n in range(4)]
    assert [writer.wait(timeout=50) for writer in writers] == [0] * 4
    there = [each.id for each in FolderInbox(tmp_path / "x").all()]
    assert sorted(there) == sorted(f"{n}-{i}" for n in range(4) for i in range(20))
    for n in range(4):
        assert [each for each in there if each.startswith(f"{n}-")] == [f"{n}-{i}" for i in range(20)]
    assert not [path for path in (tmp_path / "x").iterdir() if path.suffix != ".json"]


def test_when_another_got_the_number_first_the_next_one_is_taken():
    with memory() as store:
        other = SharedInbox(store, "shop-1")

        class Slower(Unreliable):
            def write(self, *writes):
                if self.calls == 1:
                    other.send(command("first"))
                super().write(*writes)

        SharedInbox(Slower(store), "shop-1").send(command("second"))
        assert [each.id for each in other.all()] == ["first", "second"]


@pytest.mark.parametrize("error", [Unreachable("no answer"), Throttled("slow down")])
@pytest.mark.parametrize("fate", ["before", "after"])
@pytest.mark.parametrize("call", [1, 2])
def test_a_command_whose_answer_was_lost_is_sent_again_and_arrives_once(call, fate, error):
    with memory() as store:
        shaky = SharedInbox(Unreliable(store, **{fate: {call: error}}), "shop-1")
        with pytest.raises(type(error)):
            shaky.send(command("a"))
        shaky.send(command("a"))
        assert shaky.all() == (command("a"),)


@pytest.mark.parametrize("content", [b"", b"{", b"hello", b'{"verb":"dance","who":"x","why":"y"}'])
def test_a_damaged_file_is_named_and_hides_no_command(tmp_path, content):
    inbox = FolderInbox(tmp_path)
    inbox.send(command("a"))
    (tmp_path / "00000002.json").write_bytes(content)
    (tmp_path / "notes.json").write_bytes(b"mine")
    inbox.send(command("b"))
    assert [each.id for each in inbox.all()] == ["a", "b"]
    assert [path.name for path in inbox.damaged()] == ["00000002.json"]


def test_a_draft_that_was_never_finished_is_no_command(tmp_path):
    (tmp_path / ".abc.draft").write_bytes(b'{"verb":"abort"')
    assert FolderInbox(tmp_path).all() == ()


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path):
    (tmp_path / "x").write_text("a file")
    with pytest.raises(UserError, match="the command cannot be put there"):
        FolderInbox(tmp_path / "x" / "y").send(command("a"))
