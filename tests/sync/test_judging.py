"""What becomes of a change, for every pair of writes, and what records of streams say."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from bluegreen.errors import UserError
from bluegreen.sync.change import Change, Kind, Record, change_of, kind_of
from bluegreen.sync.judging import There, Verdict, judge
from bluegreen.sync.marks import Marks, Stamp
from bluegreen.sync.ports import Listing, Shard, Trimmed
from bluegreen.sync.shards import Position, check, joined, lag, pruned, ready

MARKS = Marks("blue", "green")
KEY = {"id": {"S": "a"}}
NOW = datetime(2030, 1, 2, tzinfo=UTC)
VERSIONS = range(4)
PAIRS = [*product(VERSIONS, VERSIONS)]


def item(text, version=None, origin=None):
    marks = {} if version is None else {"version": {"N": str(version)}}
    return {**KEY, "text": {"S": text}, **marks, **({} if origin is None else {"sync_origin": {"S": origin}})}


def written(side, version, text, **more):
    return Change(KEY, item(text, version), Stamp(version, side), **more)


@pytest.mark.parametrize(("blue", "green"), PAIRS)
def test_of_two_writes_that_did_not_know_of_each_other_one_is_taken_and_the_other_is_left(blue, green):
    there = judge(written("blue", blue, "x"), There(item("y", green)), MARKS)
    back = judge(written("green", green, "y"), There(item("x", blue)), MARKS)
    assert {there, back} == {Verdict.WON, Verdict.LOST}
    assert (there is Verdict.WON) == (blue >= green)


@pytest.mark.parametrize(("blue", "green"), PAIRS)
def test_two_writes_of_the_same_are_no_conflict_and_end_with_one_version(blue, green):
    there = judge(written("blue", blue, "x"), There(item("x", green)), MARKS)
    back = judge(written("green", green, "x"), There(item("x", blue)), MARKS)
    assert {there, back} == {Verdict.SAME, Verdict.ALREADY}


@pytest.mark.parametrize(("before", "now"), PAIRS)
def test_of_one_sides_writes_only_a_later_one_is_taken(before, now):
    copy = MARKS.marked(item("x"), before, Stamp(before, "blue"))
    found = judge(written("blue", now, "y"), There(copy), MARKS)
    assert found.takes == (now > before)
    assert (found is Verdict.ALREADY) == (now == before)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_write_on_top_of_the_other_sides_follows_it_and_is_no_conflict(version):
    there = There(item("x", version))
    on_top = Stamp(version, "green")
    for change in (written("blue", 9, "y", base=on_top), written("blue", 9, "y", seen=on_top)):
        assert judge(change, there, MARKS) is Verdict.FOLLOWS
    assert judge(written("blue", 9, "y", base=Stamp(version - 1, "green")), there, MARKS) is Verdict.WON


def test_a_write_that_is_in_what_is_there_already_is_left():
    there = There(item("x", 5, origin="blue 3"))
    assert judge(written("blue", 3, "y"), there, MARKS) is Verdict.OLDER
    assert judge(written("blue", 4, "y"), there, MARKS) is Verdict.LOST


@pytest.mark.parametrize(("written_at", "deleted_at"), PAIRS)
def test_a_deleted_item_is_made_anew_only_by_a_newer_write(written_at, deleted_at):
    for side in ("blue", "green"):
        found = judge(written("blue", written_at, "x"), There(None, Stamp(deleted_at, side)), MARKS)
        newer = written_at > deleted_at or (written_at == deleted_at and side == "green")
        assert found is (Verdict.NEW if newer else Verdict.BURIED)


def test_who_changes_an_item_that_the_other_side_deleted_is_in_conflict():
    change = written("blue", 9, "x", base=Stamp(1, "blue"))
    assert judge(change, There(None, Stamp(5, "green")), MARKS) is Verdict.WON
    assert judge(change, There(None, Stamp(5, "blue")), MARKS) is Verdict.NEW


def test_a_delete_of_what_is_not_there_is_done():
    assert judge(Change(KEY, None, Stamp(5, "blue")), There(None), MARKS) is Verdict.ALREADY


def test_what_is_from_before_is_replaced_only_by_the_baseline_and_only_without_a_version():
    there = There(item("older"))
    assert judge(written("blue", 5, "x", old=True), there, MARKS) is Verdict.REPLACES
    assert judge(written("blue", 5, "x"), there, MARKS) is Verdict.WON
    assert judge(written("blue", 5, "x", old=True), There(item("y", 1)), MARKS) is Verdict.WON


# -- records ----------------------------------------------------------------------------------------------------------


def record(old, new, expired=False, created=NOW):
    return Record("7", created, KEY, old, new, expired)


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (None, item("x", 1), Kind.WRITE),
        (item("x", 1), item("y", 2), Kind.WRITE),
        (item("x", 1, "green 1"), item("y", 2, "green 1"), Kind.WRITE),
        (None, item("x"), Kind.UNSTAMPED),
        (item("x", 3), item("y"), Kind.UNSTAMPED),
        (item("x", 3), item("y", 2), Kind.UNSTAMPED),
        (item("x", 3), item("y", 3), Kind.UNSTAMPED),
        (item("x", 3, "green 3"), item("y", 3, "green 3"), Kind.UNSTAMPED),
        (None, item("x", 3, "green 3"), Kind.COPY),
        (item("x", 1), item("y", 3, "green 3"), Kind.COPY),
        (item("x", 3), item("y", 3, "green 3"), Kind.COPY),
        (None, item("x", 3, "blue 3"), Kind.WRITE),
        (item("x", 1), None, Kind.DELETE),
    ],
)
def test_a_record_of_blues_stream_says_what_happened(old, new, kind):
    assert kind_of(record(old, new), MARKS, "blue") is kind


def test_what_the_time_to_live_removes_has_expired():
    assert kind_of(record(item("x", 1), None, expired=True), MARKS, "blue") is Kind.EXPIRED


def test_a_delete_has_the_time_at_which_it_happened_and_is_always_later_than_what_it_deleted():
    at = int(NOW.timestamp() * 1000)
    assert change_of(record(item("x", 1), None), MARKS, "blue").stamp == Stamp(at, "blue")
    assert change_of(record(item("x", at + 500), None), MARKS, "blue").stamp == Stamp(at + 501, "blue")


@pytest.mark.parametrize("version", [{"S": "1"}, {"N": "1.5"}, {"N": "-1"}, {"NULL": True}])
def test_a_version_that_is_no_whole_number_is_refused(version):
    with pytest.raises(UserError, match="version: must be a whole number"):
        MARKS.version_of({**KEY, "version": version})


@pytest.mark.parametrize("origin", ["", "blue", "blue x", "red 3", "3"])
def test_an_origin_that_is_none_says_nothing(origin):
    assert MARKS.seen(item("x", 3, origin)) is None


# -- shards -----------------------------------------------------------------------------------------------------------

FAMILY = Listing("s", (Shard("old"), Shard("child", "old"), Shard("other"), Shard("orphan", "long gone")))


def positions(**done):
    return {name: Position("1", NOW, done.get(name, False)) for name in ("old", "child", "other", "orphan")}


def test_a_child_is_read_when_its_parent_is_read_to_its_end_or_is_no_longer_there():
    assert ready(positions(), FAMILY) == ("old", "other", "orphan")
    assert ready(positions(old=True), FAMILY) == ("child", "other", "orphan")


def test_new_shards_have_nothing_older_than_the_last_look_and_gone_ones_are_done():
    before = {"gone": Position("5", NOW), "old": Position("9", NOW)}
    after = joined(before, FAMILY, NOW - timedelta(minutes=1))
    assert after["gone"].done
    assert after["old"] == before["old"]
    assert after["child"] == Position("", NOW - timedelta(minutes=1))
    assert set(pruned(after, FAMILY)) == {shard.id for shard in FAMILY.shards}


def test_what_was_not_read_for_a_day_may_be_gone_and_less_is_the_lag():
    there = positions(other=True)
    check(there, NOW, NOW + timedelta(hours=23, minutes=59), "orders")
    assert lag(there, NOW + timedelta(minutes=5)) == timedelta(minutes=5)
    with pytest.raises(Trimmed, match="orders: changes since 2030-01-02 00:00:00 UTC"):
        check(there, NOW, NOW + timedelta(hours=24), "orders")
    with pytest.raises(Trimmed):
        check({}, NOW, NOW + timedelta(hours=24), "orders")
