"""The journal in a team's table: what it promises like the file, and what only a fence can promise."""

import zlib
from itertools import count

import pytest

from bluegreen.errors import Busy, LeaseLost, Refused, Throttled, Unreachable, UserError
from bluegreen.journal.entries import Decided, Resumed, Started
from bluegreen.journal.fold import by_whom, fold
from bluegreen.journal.heard import Heard
from bluegreen.journal.local import FileJournal, read_entries
from bluegreen.journal.shared import PART, SharedJournal, entry_key, listed_key, shared_entries
from bluegreen.model import Decision, End, Observation, Phase, Rollout, Slot, Trouble

from ..engine.memory import MINUTE, START
from ..lease.stores import LENGTH, STORES, Hands, Unreliable, lease, memory

ROLLOUT = Rollout("shop-1", Slot.BLUE, Phase.PROVISION, START, START)
FIRST = Started(START, "abc", ROLLOUT, by="ann")
NUMBERS = count()


def word(why):
    return Resumed(START + MINUTE, why)


class InFile:
    """Journals in a file, and how an engine that comes after another opens it."""

    def __init__(self, folder):
        self.path = folder / "x.journal"

    def open(self):
        return FileJournal(self.path)

    def close(self, journal):
        journal.close()

    def read(self):
        return read_entries(self.path)


class InTable:
    def __init__(self, store):
        self.store, self.clock = store, Hands()

    def open(self):
        self.lease = lease(self.store, f"engine-{next(NUMBERS)}", self.clock)
        while not self.lease.acquire():
            self.clock.sleep(LENGTH / 10)
        return SharedJournal(self.store, self.lease, "shop-1")

    def close(self, journal):
        self.lease.release()

    def read(self):
        return shared_entries(self.store, "shop-1")


@pytest.fixture(params=["file", *STORES])
def kept(request, tmp_path):
    if request.param == "file":
        yield InFile(tmp_path)
        return
    with STORES[request.param]() as store:
        yield InTable(store)


@pytest.fixture(params=STORES)
def table(request):
    with STORES[request.param]() as store:
        yield InTable(store)


def test_what_was_written_is_read_back_by_the_next_engine_and_by_whoever_only_looks(kept):
    journal = kept.open()
    for entry in (FIRST, word("a"), word("b")):
        journal.append(entry)
    assert kept.read() == journal.entries() == (FIRST, word("a"), word("b"))
    kept.close(journal)
    again = kept.open()
    again.append(word("c"))
    assert again.entries() == kept.read() == (FIRST, word("a"), word("b"), word("c"))
    assert fold(again.entries()) == ROLLOUT and by_whom(again.entries()) == ""
    kept.close(again)


def large(megabytes):
    """An entry that no compression makes small."""
    import hashlib

    noise = "".join(hashlib.sha256(str(i).encode()).hexdigest() for i in range(megabytes * 31_250))
    return Decided(START, Observation(START, trouble=(Trouble("x", noise),)), Decision(ROLLOUT, MINUTE, "because"))


def test_an_entry_larger_than_an_item_may_be_is_written_and_read_whole(kept):
    journal = kept.open()
    journal.append(FIRST)
    journal.append(large(2))
    journal.append(word("after"))
    assert kept.read() == (FIRST, large(2), word("after"))
    kept.close(journal)


def test_an_entry_larger_than_a_transaction_may_be_is_refused_and_nothing_of_it_is_written(table):
    journal = table.open()
    journal.append(FIRST)
    with pytest.raises(Refused, match="does not fit into one transaction"):
        journal.append(large(16))
    journal.append(word("after"))
    assert table.read() == (FIRST, word("after"))


def test_the_parts_stay_below_what_dynamodb_takes():
    assert PART * 4 / 3 < 400 * 1024, "also when counted as text"


def test_an_engine_that_lost_the_lease_writes_nothing_more(table):
    first = table.open()
    first.append(FIRST)
    second = table.open()
    second.append(word("taken over"))
    for _ in range(2):
        with pytest.raises(LeaseLost, match="engine-"):
            first.append(word("I am still here"))
    assert table.read() == (FIRST, word("taken over"))


@pytest.mark.parametrize("error", [Unreachable("no answer"), Throttled("slow down")])
@pytest.mark.parametrize("happened", [False, True])
@pytest.mark.parametrize("number", [0, 1, 2])
def test_an_entry_whose_writing_is_in_doubt_is_there_once_or_not_at_all(table, number, happened, error):
    journal = table.open()
    shaky = journal._store = Unreliable(table.store)
    entries = [FIRST, word("a"), word("b")]
    for entry in entries[:number]:
        journal.append(entry)
    call = shaky.calls + (2 if number == 0 else 1)  # the first entry of an engine asks what is there
    (shaky.after if happened else shaky.before)[call] = error
    with pytest.raises(type(error)):
        journal.append(entries[number])
    known = journal.entries()
    assert len(known) == number + happened
    for entry in entries[len(known) :]:
        journal.append(entry)
    assert table.read() == journal.entries() == tuple(entries)


def test_an_entry_that_is_there_already_is_not_written_over(table):
    journal = table.open()
    journal.append(FIRST)
    twin = SharedJournal(table.store, table.lease, "shop-1")
    assert twin.entries() == (FIRST,)
    journal.append(word("a"))
    with pytest.raises(Busy, match="in the journal already"):
        twin.append(word("b"))
    assert table.read() == (FIRST, word("a"))
    twin.append(word("b"))
    assert table.read() == (FIRST, word("a"), word("b"))


@pytest.mark.parametrize("missing", [0, 1])
def test_a_gap_is_refused(missing):
    with memory() as store:
        journal = InTable(store).open()
        for entry in (FIRST, word("a"), word("b")):
            journal.append(entry)
        del store.items[entry_key("shop-1", missing, 0)]
        with pytest.raises(UserError, match=f"entry {missing} of its journal is missing"):
            shared_entries(store, "shop-1")


@pytest.mark.parametrize("data", [b"", b"not compressed", zlib.compress(b'{"kind":"sample"}')])
def test_a_damaged_entry_is_refused(data):
    with memory() as store:
        InTable(store).open().append(FIRST)
        key = entry_key("shop-1", 0, 0)
        store.items[key] = {**store.items[key], "data": data}
        with pytest.raises(UserError, match="entry 0 of its journal is damaged"):
            shared_entries(store, "shop-1")


def test_the_service_keeps_a_list_of_its_rollouts_and_their_ends(table):
    journal = table.open()
    journal.append(FIRST)
    assert table.store.get(listed_key("shop", "shop-1")) == {
        "started": START.isoformat(),
        "by": "ann",
        "end": "",
        "ended": "",
    }
    from dataclasses import replace

    done = replace(ROLLOUT, phase=Phase.DONE, end=End.ABORTED)
    journal.append(Decided(START + MINUTE, Observation(START), Decision(done, MINUTE, "because")))
    assert table.store.get(listed_key("shop", "shop-1"))["end"] == "aborted"
    assert table.store.get(listed_key("shop", "shop-1"))["ended"] == (START + MINUTE).isoformat()


def test_a_full_disk_is_trouble_and_leaves_no_torn_line(tmp_path, monkeypatch):
    import os

    with FileJournal(tmp_path / "x.journal") as journal:
        journal.append(FIRST)
        write = os.write

        def full(file, line):
            if len(line) > 10:
                return write(file, line[:10])
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("bluegreen.journal.local.os.write", full)
        with pytest.raises(Unreachable, match="No space left"):
            journal.append(word("a"))
        monkeypatch.undo()
        assert read_entries(journal.path) == journal.entries() == (FIRST,)
        journal.append(word("b"))
        assert read_entries(journal.path) == (FIRST, word("b"))


def test_an_entry_whose_answer_was_lost_is_told_to_listeners_once_it_is_found(table):
    journal = table.open()
    shaky = journal._store = Unreliable(table.store)
    told = []
    heard = Heard(journal, told.append)
    heard.append(FIRST)
    shaky.after[shaky.calls + 1] = Unreachable("no answer")
    with pytest.raises(Unreachable):
        heard.append(word("a"))
    assert told == [FIRST]
    heard.append(word("b"))
    assert told == [FIRST, word("a"), word("b")] == list(heard.entries())
    assert Heard(journal, told.append, told=1).entries() and told[3:] == [word("a"), word("b")]
