"""One lock for a service in an account and region, and through it every journal: whatever folder an engine works in."""

from datetime import timedelta
from pathlib import Path

import pytest

from bluegreen.cli._opened import none_unfinished, opened_here
from bluegreen.cli._where import find, lines
from bluegreen.errors import InUse, UserError
from bluegreen.journal.entries import Decided, Started
from bluegreen.lease.local import holders_in, is_locked
from bluegreen.lease.place import VARIABLE, lock_of
from bluegreen.model import Decision, End, Observation, Phase, Rollout, Slot
from bluegreen.plan import load_plan

from .stores import START

TEXT = """
service: {name: shop, zone: example.com, record: www.example.com}
live: {balancer: shop-blue, group: shop-blue}
candidate: {clone: {image: ami-0abcdef0123456789}}
strategy: {kind: all_at_once, hold: 5m}
gates: [{kind: threshold, measure: error_rate, below: 1%}]
retire: remove
guard: {accounts: ["123456789012"], regions: [us-east-1, eu-west-1]}
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A rollout file in a folder of its own, on a machine of its own."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "state"))
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / "one")
    Path("shop.rollout.yaml").write_text(TEXT)
    return Path("shop.rollout.yaml")


def lock(region="us-east-1"):
    return lock_of("shop", "123456789012", region)


def begin(journal, rollout="shop-1", where=None, *, end=None):
    """An engine that begins a rollout, and dies or ends it."""
    with opened_here(where or lock(), rollout, Path(journal)) as opened:
        at = Rollout(rollout, Slot.BLUE, Phase.PROVISION, START, START)
        opened.journal.append(Started(START, "abc", at, by="ann"))
        if end is not None:
            done = Rollout(rollout, Slot.BLUE, Phase.DONE, START, START, end=end)
            opened.journal.append(Decided(START, Observation(START), Decision(done, timedelta(0), "x")))


def test_an_engine_with_its_journal_elsewhere_is_refused_while_another_one_works(file, tmp_path):
    first, second = Path("a.journal"), tmp_path / "other" / "b.journal"
    with (
        opened_here(lock(), "shop-1", first),
        pytest.raises(InUse, match=r"being rolled out by .* working on shop-1") as refused,
        opened_here(lock(), "shop-2", second),
    ):
        raise AssertionError("two engines")
    assert f"bluegreen status {first.resolve()}`" in str(refused.value), "it is told where to look"
    assert not second.exists() and not is_locked(lock())
    with opened_here(lock(), "shop-2", second):
        assert [holder.rollout for holder in holders_in(lock())] == ["shop-2", "shop-1"]


def test_the_same_service_in_another_region_is_another_one(file):
    with opened_here(lock(), "shop-1", Path("a.journal")), opened_here(lock("eu-west-1"), "shop-2", Path("b.journal")):
        pass


def test_the_next_rollout_waits_for_one_that_is_kept_elsewhere(file, tmp_path, monkeypatch):
    begin(tmp_path / "one" / "a.journal")
    monkeypatch.chdir(tmp_path / "other")
    with pytest.raises(InUse, match="shop-1 has not ended"):
        none_unfinished(lines(load_plan(tmp_path / "one" / file)), file)


def test_commands_find_what_is_kept_elsewhere_and_history_lists_it_once(file, tmp_path, monkeypatch):
    begin(tmp_path / "other" / "a.journal", end=End.SUCCEEDED)
    begin(".bluegreen/shop-20300101-000000.journal.jsonl", "shop-20300101-000000", lock("eu-west-1"))
    monkeypatch.chdir(tmp_path / "one")
    assert find(file, "shop-1").kept.path == tmp_path / "other" / "a.journal"
    assert find(file, "shop-20300101-000000").kept.path == Path(".bluegreen/shop-20300101-000000.journal.jsonl")
    assert sorted(line.rollout for line in lines(load_plan(file))) == ["shop-1", "shop-20300101-000000"]
    with pytest.raises(UserError, match=r"no journal of shop-7 in \.bluegreen or where this machine's locks say"):
        find(file, "shop-7")


def test_a_journal_that_is_gone_and_an_account_that_the_file_does_not_list_stand_in_nobodys_way(file, tmp_path):
    begin("gone.journal")
    Path("gone.journal").unlink()
    begin("theirs.journal", where=lock_of("shop", "210987654321", "us-east-1"))
    assert lines(load_plan(file)) == []


def test_locks_are_in_the_users_own_state_and_a_relative_place_is_ignored(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    for said in (None, "", "here"):
        monkeypatch.delenv(VARIABLE, raising=False) if said is None else monkeypatch.setenv(VARIABLE, said)
        assert lock() == tmp_path / ".local/state/bluegreen/123456789012/us-east-1/shop.lock"
    monkeypatch.setenv(VARIABLE, "/var/lib/x")
    assert lock() == Path("/var/lib/x/bluegreen/123456789012/us-east-1/shop.lock")


def test_without_a_place_for_locks_it_is_said_what_to_do(monkeypatch, tmp_path):
    def nowhere():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(Path, "home", nowhere)
    with pytest.raises(UserError, match=VARIABLE):
        lock()
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv(VARIABLE, str(blocked))
    with pytest.raises(UserError, match=f"cannot be opened as a lock: .*{VARIABLE}"):
        begin("a.journal")
