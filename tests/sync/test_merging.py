"""A team's own rule for conflicts: what it makes is on both sides, once, also when the copier is killed."""

import json
import sys
from datetime import timedelta

import pytest

from bluegreen.errors import UserError
from bluegreen.sync.counts import Count
from bluegreen.sync.merging import CommandMerge, PythonMerge, merge_of
from tests.sync.place import FATES, Place, Weather

KEY = {"id": {"S": "a"}}


def number(image):
    return int(image.get("n", {"N": "0"})["N"])


def summed(key, first, second):
    """Asked twice for one conflict, it would count one side twice."""
    return {**first, "n": {"N": str(number(first) + number(second))}}


def put(place, side, n):
    place.put(side, "a", n={"N": str(n)})


def both(place):
    return [number(place.tables[side].get(KEY) or {}) for side in ("blue", "green")]


def story(fates):
    place = Place(merge=summed, shards=1, weather=Weather(fates))
    place.settle()
    put(place, "blue", 1)
    place.pass_by(timedelta(seconds=2))
    put(place, "green", 10)
    return place.settle()


def test_what_the_rule_makes_of_two_writes_is_on_both_sides_and_nothing_is_lost():
    place = story({})
    assert both(place) == [11, 11]
    assert place.state.losses() == {"conflicts": 0, "drops": 0}
    assert place.counts[Count.MERGED] == 1


@pytest.mark.parametrize("fate", FATES)
def test_the_rule_takes_effect_once_whichever_call_is_interrupted(fate):
    for call in range(1, story({}).weather.calls + 1):
        assert both(story({call: fate})) == [11, 11], call


@pytest.mark.parametrize("later", ["blue", "green"])
def test_after_a_merge_both_sides_go_on_from_what_it_made(later):
    place = story({})
    put(place, later, 5)
    place.settle()
    assert both(place) == [5, 5]
    assert place.counts[Count.MERGED] == 1


def test_a_side_that_writes_on_while_its_write_is_merged_is_merged_too():
    place = Place(merge=summed, shards=1).settle()
    put(place, "blue", 1)
    put(place, "green", 10)
    put(place, "blue", 2)  # on top of its own
    put(place, "green", 20)
    place.settle()
    assert both(place)[0] == both(place)[1] >= 22
    assert place.state.losses()["conflicts"] == 0


def test_between_a_delete_and_a_write_there_is_nothing_to_merge():
    place = Place(merge=summed, shards=1).settle()
    put(place, "blue", 1)
    place.settle()
    put(place, "green", 10)
    place.pass_by(timedelta(seconds=5))
    place.delete("blue", "a")
    place.settle()
    assert both(place) == [0, 0]
    assert place.state.losses()["conflicts"] == 1


# -- the contract -----------------------------------------------------------------------------------------------------

ITEMS = (KEY, {**KEY, "n": {"N": "1"}}, {**KEY, "n": {"N": "10"}, "raw": {"B": b"\x00\xff"}})
PROGRAM = """
import json, sys
asked = json.load(sys.stdin)
print(json.dumps({**asked["first"], "text": {"S": asked["second"]["raw"]["B"]}}))
"""


def command(program, **more):
    return merge_of(CommandMerge(command=(sys.executable, "-c", program), **more))


def test_a_command_gets_both_items_as_json_and_prints_one():
    assert command(PROGRAM)(*ITEMS) == {**KEY, "n": {"N": "1"}, "text": {"S": "AP8="}}


@pytest.mark.parametrize(
    ("program", "more", "said"),
    [
        ("print('no')", {}, "printed no JSON"),
        ("import sys; sys.exit('cannot')", {}, "exit code 1: cannot"),
        ("import time; time.sleep(9)", {"timeout": "50ms"}, "no answer after 50ms"),
        ("print('{}')", {}, "must keep the item's key"),
        ("print('[1]')", {}, "must return an item"),
        (f"print('{json.dumps({'id': 'a'})}')", {}, "must return an item"),
    ],
)
def test_a_command_that_does_not_answer_as_it_should_stops_the_copier(program, more, said):
    with pytest.raises(UserError, match=said):
        command(program, **more)(*ITEMS)


def test_a_command_and_a_function_that_are_not_there_are_told():
    with pytest.raises(UserError, match="cannot be started"):
        merge_of(CommandMerge(command=("/no/such/program",)))(*ITEMS)
    with pytest.raises(UserError, match="cannot be imported"):
        merge_of(PythonMerge(function="json:no_such_function"))
    with pytest.raises(UserError, match="is not a function"):
        merge_of(PythonMerge(function="json:__name__"))
