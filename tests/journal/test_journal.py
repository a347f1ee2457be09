"""The journal on disk: what was written is read back; what is torn, foreign or in use is told apart."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bluegreen.errors import Unreachable, UserError
from bluegreen.journal.entries import ENTRY, Resumed, Started
from bluegreen.journal.fold import fold
from bluegreen.journal.local import FileJournal, read_entries
from bluegreen.model import Phase, Rollout, Slot

from ..engine.memory import MINUTE, START, Outside
from ..engine.test_engine import perform

ROLLOUT = Rollout("shop-1", Slot.BLUE, Phase.PROVISION, START, START)
FIRST = Started(START, "abc", ROLLOUT)


@pytest.fixture(scope="module")
def whole():
    """A finished rollout's journal, as bytes a line."""
    _, journal = perform(Outside(error_rate=0.05))
    return [ENTRY.dump_json(entry) + b"\n" for entry in journal.entries()]


def test_what_was_written_is_read_back(tmp_path):
    path = tmp_path / "deep" / "x.journal"
    with FileJournal(path) as journal:
        journal.append(FIRST)
        journal.append(Resumed(START + MINUTE, "because"))
        written = journal.entries()
    with FileJournal(path) as journal:
        assert journal.entries() == written
        assert fold(journal.entries()) == ROLLOUT


def test_a_line_torn_at_any_byte_is_cut_off_and_the_rest_goes_on(tmp_path, whole):
    path = tmp_path / "x.journal"
    for size in range(len(whole[3])):
        path.write_bytes(b"".join(whole[:3]) + whole[3][:size])
        with FileJournal(path) as journal:
            assert len(journal.entries()) == 3
            journal.append(Resumed(START, "again"))
        assert path.read_bytes().startswith(b"".join(whole[:3])) and path.read_bytes().count(b"\n") == 4


def test_a_first_line_torn_at_any_byte_is_an_empty_journal(tmp_path, whole):
    path = tmp_path / "x.journal"
    for size in range(len(whole[0])):
        path.write_bytes(whole[0][:size])
        with FileJournal(path) as journal, pytest.raises(UserError, match="the journal is empty"):
            fold(journal.entries())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"hello\n", ":1: is not an entry"),
        (b"hello", "is not a journal"),
        (b"\x00\x01\x02", "is not a journal"),
        (b'{"kind":"sample"}\n', ":1: is not an entry"),
        (b'{"at":"2030-01-01T00:00:00Z","why":"x","kind":"resumed"}\n', "begins with its start"),
    ],
)
def test_a_foreign_file_is_refused_and_left_as_it_is(tmp_path, content, words):
    path = tmp_path / "x.journal"
    path.write_bytes(content)
    with pytest.raises(UserError, match=words):
        FileJournal(path)
    assert path.read_bytes() == content


def test_a_journal_damaged_in_the_middle_is_refused_with_the_line(tmp_path, whole):
    path = tmp_path / "x.journal"
    path.write_bytes(whole[0] + whole[1][:40] + b"\n" + whole[2])
    with pytest.raises(UserError, match=r"x\.journal:2: is not an entry"):
        FileJournal(path)


def test_a_second_engine_on_one_journal_is_refused(tmp_path):
    path = tmp_path / "x.journal"
    code = (
        "import sys; from pathlib import Path; from bluegreen.journal.local import FileJournal\n"
        "from bluegreen.errors import UserError\n"
        "try: FileJournal(Path(sys.argv[1]))\n"
        "except UserError as e: print(e)"
    )
    with FileJournal(path) as journal:
        journal.append(FIRST)
        done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    assert "another engine is working on this rollout" in done.stdout


def test_journals_of_the_first_version_stay_readable():
    """Grow this file by new examples, never change an old one."""
    with FileJournal(Path(__file__).parent / "version-1.journal") as journal:
        assert fold(journal.entries()).end is not None


def test_a_new_journals_name_is_on_disk_too_before_anything_is_done(tmp_path, monkeypatch):
    """A file is only safe once its folder is: after a power failure it would be gone with all that it holds."""
    synced = []
    fsync = os.fsync

    def told(handle):
        synced.append(str(Path(f"/proc/self/fd/{handle}").readlink()))
        fsync(handle)

    monkeypatch.setattr(os, "fsync", told)
    with FileJournal(tmp_path / "new" / "a.journal.jsonl"):
        assert str(tmp_path / "new") in synced and str(tmp_path) in synced


def test_half_a_line_that_could_not_be_cut_off_at_once_is_cut_off_before_the_next_one(tmp_path, monkeypatch):
    path = tmp_path / "a.journal.jsonl"
    write, truncate = os.write, os.ftruncate

    def half(handle, line):
        write(handle, line[: len(line) // 2])
        raise OSError(5, "Input/output error")

    def fails(handle, size):
        raise OSError(5, "Input/output error")

    with FileJournal(path) as journal:
        journal.append(FIRST)
        monkeypatch.setattr(os, "write", half)
        monkeypatch.setattr(os, "ftruncate", fails)
        for _ in range(2):
            with pytest.raises(Unreachable, match="cannot be written"):
                journal.append(FIRST)
        monkeypatch.setattr(os, "write", write)
        with pytest.raises(Unreachable, match="cannot be written"):
            journal.append(FIRST)
        monkeypatch.setattr(os, "ftruncate", truncate)
        journal.append(FIRST)
    assert read_entries(path) == (FIRST, FIRST)
