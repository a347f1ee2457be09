"""The copier between two tables: what one side writes the other one has."""

from datetime import timedelta

import pytest

from bluegreen.errors import InUse, LeaseLost, UserError
from bluegreen.sync.counts import Count
from bluegreen.sync.direction import Start
from bluegreen.sync.ports import Trimmed
from sim.data.judge import judge
from tests.sync.place import START, Place

HOUR = timedelta(hours=1)


def test_what_was_there_and_what_is_written_meanwhile_is_on_the_other_side():
    place = Place(both_ways=False)
    for number in range(10):
        place.put("blue", f"k{number}")
    place.go()
    place.put("blue", "k3")
    place.put("blue", "new")
    place.settle()
    assert place.holds("green") == place.holds("blue")
    assert judge(place.ended()) == ()


def test_a_write_of_either_side_reaches_the_other_one_and_does_not_come_back():
    place = Place().settle()
    place.put("blue", "a")
    place.put("green", "b")
    place.settle()
    assert place.holds("blue") == place.holds("green") == {"a": "w1", "b": "w2"}
    records = {side: sum(len(part.records) for part in table.parts) for side, table in place.tables.items()}
    assert records == {"blue": 2, "green": 2}
    assert (place.counts[Count.COPIED], place.counts[Count.SKIPPED]) == (2, 2)


def test_writes_in_turns_on_both_sides_follow_each_other_without_conflicts():
    place = Place().settle()
    for number in range(6):
        place.put(("blue", "green")[number % 2], "a")
        place.settle()
    assert place.holds("blue") == place.holds("green") == {"a": "w6"}
    assert place.state.losses() == {"conflicts": 0, "drops": 0}
    assert judge(place.ended()) == ()


def test_an_application_that_keeps_or_drops_the_origin_of_what_it_overwrites_makes_no_difference():
    for keep in (True, False):
        place = Place().settle()
        place.put("blue", "a")
        place.settle()
        copy = place.tables["green"].get({"id": {"S": "a"}})
        origin = {"sync_origin": copy["sync_origin"]} if keep else {}
        place.put("green", "a", **origin)
        place.settle()
        assert place.holds("blue") == {"a": "w2"}
        assert place.state.losses() == {"conflicts": 0, "drops": 0}


@pytest.mark.parametrize(("first", "second"), [("blue", "green"), ("green", "blue")])
def test_of_two_writes_that_did_not_know_of_each_other_the_later_one_stays_and_the_other_one_is_kept_and_counted(
    first, second
):
    place = Place().settle()
    place.put(first, "a")
    place.pass_by(timedelta(seconds=2))
    place.put(second, "a")
    place.settle()
    assert place.holds("blue") == place.holds("green") == {"a": "w2"}
    (lost,) = place.state.overwritten()
    assert (lost.loss, lost.key, '"w1"' in lost.content) == ("conflicts", '{"id":{"S":"a"}}', True)
    assert place.state.losses() == {"conflicts": 1, "drops": 0}
    assert judge(place.ended()) == ()


def test_of_two_writes_with_equal_versions_that_of_the_first_side_stays():
    place = Place().settle()
    place.put("green", "a")
    place.put("blue", "a")
    place.settle()
    assert place.holds("blue") == place.holds("green") == {"a": "w2"}
    assert place.state.losses()["conflicts"] == 1


@pytest.mark.parametrize("side", ["blue", "green"])
def test_a_write_with_the_version_of_what_the_next_one_was_made_on_is_not_taken_for_its_copy(side):
    """Both in one millisecond, and one side goes on before the copier comes."""
    place = Place(shards=1).settle()
    place.put("blue", "a")
    place.put("green", "a")
    place.pass_by(timedelta(seconds=2))
    place.put(side, "a")
    place.settle()
    assert place.holds("blue") == place.holds("green") == {"a": "w3"}
    (lost,) = place.state.overwritten()
    assert ('"w2"' if side == "blue" else '"w1"') in lost.content


def test_two_sides_that_wrote_the_same_are_no_conflict():
    place = Place().settle()
    for side in ("blue", "green"):
        place.tables[side].write(
            {"id": {"S": "a"}}, {"id": {"S": "a"}, "write": {"S": "x"}, "version": {"N": str(place.ms)}}
        )
        place.pass_by(timedelta(seconds=5))
    place.settle()
    assert place.state.losses()["conflicts"] == 0
    place.put("green", "a")
    place.settle()
    assert place.holds("blue") == {"a": "w1"}
    assert place.state.losses()["conflicts"] == 0


# -- deletes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["blue", "green"])
def test_a_delete_reaches_the_other_side_and_does_not_come_back(side):
    place = Place().settle()
    place.put("blue", "a")
    place.settle()
    place.pass_by(timedelta(seconds=5))
    place.delete(side, "a")
    place.settle()
    assert place.holds("blue") == place.holds("green") == {}
    assert judge(place.ended()) == ()


def test_an_item_that_is_deleted_and_made_anew_is_there():
    place = Place().settle()
    for _ in range(3):
        place.put("blue", "a")
        place.delete("blue", "a")
    place.put("blue", "a")
    place.settle()
    assert place.holds("blue") == place.holds("green") == {"a": "w7"}
    place.delete("green", "a")
    place.put("green", "a")
    place.settle()
    assert place.holds("blue") == place.holds("green") == {"a": "w9"}


def test_an_item_that_is_made_anew_with_a_version_that_did_not_grow_gets_one_that_does():
    place = Place().settle()
    place.put("blue", "a")
    place.settle()
    place.pass_by(timedelta(minutes=1))
    place.delete("blue", "a")
    image = {"id": {"S": "a"}, "write": {"S": "again"}, "version": {"N": "1"}}
    place.tables["blue"].write({"id": {"S": "a"}}, image)
    place.settle()
    assert place.holds("blue") == place.holds("green") == {"a": "again"}


def test_a_write_that_is_older_than_the_other_sides_delete_does_not_bring_the_item_back():
    place = Place().settle()
    place.put("blue", "a")
    place.settle()
    place.put("green", "a")  # not copied yet
    place.pass_by(timedelta(seconds=5))
    place.delete("blue", "a")
    place.settle()
    assert place.holds("blue") == place.holds("green") == {}
    assert place.state.losses()["conflicts"] == 1
    assert judge(place.ended()) == ()


def test_a_write_that_is_newer_than_the_other_sides_delete_stays():
    place = Place().settle()
    place.put("blue", "a")
    place.settle()
    place.delete("blue", "a")
    place.pass_by(timedelta(seconds=5))
    place.put("green", "a")
    place.settle()
    assert place.holds("blue") == place.holds("green") == {"a": "w3"}


def test_what_a_tables_own_time_to_live_removes_is_left_to_the_other_tables():
    place = Place().settle()
    place.put("blue", "a")
    place.settle()
    place.tables["blue"].heard = None
    place.tables["blue"].write({"id": {"S": "a"}}, None, expired=True)
    place.settle()
    assert (place.holds("blue"), place.holds("green")) == ({}, {"a": "w1"})


# -- writes without a version -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [False, None])
def test_a_write_without_a_version_that_grew_is_given_one_and_copied(version):
    place = Place().settle()
    place.put("blue", "a")
    place.settle()
    for side in ("green", "blue", "blue"):
        place.put(side, "a", version=version)
        place.settle()
    place.put("green", "a", version=version)
    place.put("green", "a", version=version)
    place.settle()
    assert place.holds("blue") == place.holds("green") == {"a": "w6"}
    assert place.counts[Count.STAMPED] == 5
    assert place.state.losses() == {"conflicts": 0, "drops": 0}


def test_a_write_without_a_version_that_is_overwritten_before_it_gets_one_is_kept_and_counted():
    place = Place().settle()
    place.put("blue", "a")
    place.settle()
    place.put("green", "a", version=None)
    place.put("blue", "a")
    place.settle()
    assert place.holds("blue") == place.holds("green") == {"a": "w3"}
    assert place.state.losses() == {"conflicts": 0, "drops": 1}
    assert [one.content for one in place.state.overwritten()] and judge(place.ended()) == ()


def test_a_version_that_is_something_else_is_an_error_that_says_so_and_nothing_is_overwritten():
    place = Place().settle()
    image = {"id": {"S": "a"}, "version": {"S": "v1"}, "write": {"S": "x"}}
    place.tables["blue"].write({"id": {"S": "a"}}, image)
    with pytest.raises(UserError, match="version: must be a whole number"):
        place.settle()
    assert place.tables["blue"].get({"id": {"S": "a"}}) == image


# -- the baseline -----------------------------------------------------------------------------------------------------


def test_items_that_never_had_a_version_are_copied_and_those_of_the_other_side_are_replaced_when_they_differ():
    place = Place()
    for number in range(7):
        place.put("blue", f"k{number}", version=False)
    place.tables["green"].write({"id": {"S": "k1"}}, {"id": {"S": "k1"}, "write": {"S": "older"}})
    place.pass_by(timedelta(hours=2))
    place.settle()
    assert place.holds("green") == place.holds("blue")
    assert place.count(Count.BASELINE) == 7
    assert place.state.losses() == {"conflicts": 0, "drops": 0}
    assert "version" not in place.tables["blue"].get({"id": {"S": "k1"}})


def test_what_the_second_side_wrote_before_the_copier_began_stays_there():
    place = Place()
    place.tables["green"].write({"id": {"S": "junk"}}, {"id": {"S": "junk"}, "write": {"S": "x"}})
    place.pass_by(timedelta(minutes=5))
    place.settle()
    assert place.holds("blue") == {}


def test_writes_deletes_and_ended_shards_during_the_baseline_fall_into_no_gap():
    place = Place(page=1)
    for number in range(12):
        place.put("blue", f"k{number:02}")
    for number in range(12):
        place.go()
        place.pass_by(timedelta(seconds=40))
        place.put("blue", f"k{(number * 5) % 12:02}")
        place.delete("blue", f"k{(number * 7) % 12:02}")
        if number % 4 == 3:
            for table in place.tables.values():
                table.split()
    place.settle()
    assert place.holds("green") == place.holds("blue")
    assert judge(place.ended()) == ()


def test_without_a_baseline_all_that_the_stream_still_has_is_carried_over():
    place = Place(start_=Start.STREAM)
    place.put("blue", "a")
    place.pass_by(2 * HOUR)
    place.settle()
    assert place.holds("green") == {"a": "w1"}
    assert place.count(Count.BASELINE) == 0


# -- one way, and who is at work --------------------------------------------------------------------------------------


def test_one_way_a_newer_write_of_the_target_stays_and_the_one_that_does_not_arrive_is_told():
    place = Place(both_ways=False).settle()
    place.put("blue", "a")
    place.settle()
    place.put("blue", "a")
    place.pass_by(timedelta(seconds=5))
    place.put("green", "a")
    place.settle()
    assert (place.holds("blue"), place.holds("green")) == ({"a": "w2"}, {"a": "w3"})
    (told,) = place.state.overwritten()
    assert '"w2"' in told.content


def test_a_copier_that_stood_still_and_was_taken_over_stops_and_moves_nothing():
    place = Place().settle()
    frozen = place.copier
    place.pass_by(timedelta(minutes=5))
    place.start()
    place.put("blue", "a")
    place.settle()
    place.put("blue", "b")
    before = dict(place.kept.items)
    with pytest.raises(LeaseLost, match="has it now"):
        frozen.run(lambda _: True)
    assert place.kept.items == before
    assert place.holds("green") == {"a": "w1"}


def test_a_copier_that_is_alive_keeps_another_one_from_beginning():
    place = Place().settle()
    place.copier.lease.renew()
    first = place.copier

    def passing(length):
        place.now_ += length
        first.lease.renew()

    place.pass_by = passing
    with pytest.raises(InUse):
        place.start()


# -- the stream -------------------------------------------------------------------------------------------------------


def test_shards_that_end_are_read_before_their_children():
    place = Place(shards=3).settle()
    for number in range(60):
        place.put("blue", f"k{number % 5}")
        place.pass_by(timedelta(seconds=7))
        if number % 9 == 0:
            place.tables["blue"].split()
        if number % 4 == 0:
            place.go()
    place.settle()
    assert place.holds("green") == place.holds("blue")
    assert judge(place.ended()) == ()


def test_places_in_a_shard_that_expired_are_found_again():
    place = Place().settle()
    place.pass_by(timedelta(minutes=16))
    place.put("blue", "a")
    place.settle()
    assert place.holds("green") == {"a": "w1"}


@pytest.mark.parametrize("away", [23, 25])
def test_after_23_hours_everything_is_caught_up_and_after_25_it_stops_and_says_so(away):
    place = Place().settle()
    place.put("blue", "a")
    place.pass_by(HOUR * away)
    place.put("blue", "b")
    place.copier = None
    if away < 24:
        place.settle()
        assert place.holds("green") == {"a": "w1", "b": "w2"}
        return
    with pytest.raises(
        Trimmed, match=r"blue: changes since 2030-01-01 00:00:0. UTC were not read.*24 hours only.*--anew"
    ):
        place.settle()
    assert place.holds("green") == {}


def test_a_copier_that_was_not_away_goes_on_after_a_quiet_day():
    place = Place().settle()
    place.put("blue", "a")
    place.settle()
    for _ in range(50):
        place.go()
        place.pass_by(HOUR)
    place.copier = None
    place.put("blue", "b")
    place.settle()
    assert place.holds("green") == {"a": "w1", "b": "w2"}


def test_a_stream_that_was_switched_off_and_on_stops_the_copier():
    place = Place().settle()
    place.tables["blue"].anew()
    place.copier = None
    with pytest.raises(Trimmed, match="switched off and on"):
        place.settle()


def test_the_lag_is_the_age_of_the_oldest_change_that_is_not_there():
    place = Place().settle()
    assert place.copier.directions[0].lag <= timedelta(seconds=1)
    place.put("blue", "a")
    place.pass_by(timedelta(seconds=50))
    assert place.copier.directions[0].lag >= timedelta(seconds=50)
    place.settle()
    assert place.copier.directions[0].lag <= timedelta(seconds=1)


def test_shards_that_are_read_and_gone_are_not_kept_for_ever():
    place = Place().settle()
    for _ in range(60):
        place.put("blue", "a")
        place.tables["blue"].split()
        place.settle()
        place.pass_by(HOUR)
    assert len(place.state.positions("blue>green")) < 60
    assert place.now_ > START
