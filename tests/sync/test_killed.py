"""The copier killed, throttled and left without an answer at its calls: nothing is lost, nothing happens twice, and
every record is counted once. What became of every write is checked as a history."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.sync.counts import Count
from sim.data.history import Wrong
from sim.data.judge import judge
from tests.sync.place import FATES, Place, Weather

SECOND = timedelta(seconds=1)

deeds = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(["blue", "green"]), st.sampled_from("abc")),
    st.tuples(st.just("delete"), st.sampled_from(["blue", "green"]), st.sampled_from("abc")),
    st.tuples(st.just("round"), st.just(""), st.just("")),
    st.tuples(st.just("wait"), st.just(""), st.just("")),
    st.tuples(st.just("split"), st.sampled_from(["blue", "green"]), st.just("")),
)


def perform(place, what, side, key):
    match what:
        case "put":
            place.put(side, key)
        case "no version":
            place.put(side, key, version=False)
        case "old version":
            place.put(side, key, version=None)
        case "delete":
            place.delete(side, key)
        case "split":
            place.tables[side].split()
        case "wait":
            place.pass_by(7 * SECOND)
        case "round":
            place.go()
    place.pass_by(timedelta(milliseconds=150))


STORY = [
    *[("put", "blue", key) for key in "abcde"],
    ("round", "", ""),  # the baseline begins
    ("put", "blue", "b"),
    ("delete", "blue", "c"),
    *[("round", "", "")] * 2,
    ("put", "green", "a"),
    ("put", "blue", "a"),  # neither knows of the other
    ("put", "green", "d"),
    ("wait", "", ""),
    ("round", "", ""),
    ("delete", "green", "b"),
    ("put", "blue", "e"),
    ("split", "blue", ""),
    ("put", "blue", "e"),
    ("round", "", ""),
    ("wait", "", ""),
    ("put", "green", "c"),  # made anew
    ("put", "blue", "d"),
    ("delete", "green", "d"),  # beside a write
    ("wait", "", ""),
]


def played(fates, story=STORY):
    """From the copier's first call on."""
    return told(Place(weather=Weather(fates), shards=1), story)


def told(place, story):
    for deed in story:
        perform(place, *deed)
    return place.settle()


def wrong(place):
    """All that is not as it should be, in words."""
    found = [str(finding) for finding in judge(place.ended())]
    if place.holds("blue") != place.holds("green"):
        found.append(f"apart: {place.holds('blue')}, {place.holds('green')}")
    return found


CALM = played({})
CALLS = CALM.weather.calls


def test_without_trouble_the_story_ends_well():
    assert wrong(CALM) == []
    assert CALM.state.losses() == {"conflicts": 2, "drops": 0}
    assert CALM.copiers == 1


def records(place):
    return {side: sum(len(part.records) for part in table.parts) for side, table in place.tables.items()}


def check(place):
    assert wrong(place) == []
    assert place.state.losses()["conflicts"] >= 1
    for source, direction in (("blue", "blue>green"), ("green", "green>blue")):
        counts = place.state.totals(direction)
        assert sum(counts.values()) - counts[Count.BASELINE] == records(place)[source]


HUNDRED = [
    (int(call), fate)
    for call, fate in zip(np.random.default_rng(7).integers(1, CALLS + 1, 100), [*FATES] * 25, strict=True)
]


@pytest.mark.parametrize(("call", "fate"), HUNDRED)
def test_trouble_at_one_of_a_hundred_random_calls_loses_and_doubles_nothing(call, fate):
    check(played({call: fate}))


@pytest.mark.slow
@pytest.mark.parametrize("fate", FATES)
def test_trouble_at_any_call_loses_and_doubles_nothing(fate):
    for call in range(1, CALLS + 1):
        check(played({call: fate}))


fates = st.dictionaries(st.integers(1, 300), st.sampled_from([*FATES]), max_size=8)


def drawn(story, fates):
    """Once the copier has begun: what green wrote before is not its business."""
    place = Place(shards=1).settle()
    place.weather.fates = {place.weather.calls + call: fate for call, fate in fates.items()}
    return told(place, story)


careless = st.tuples(
    st.sampled_from(["put", "no version", "old version", "delete", "round", "wait", "split"]),
    st.just("blue"),
    st.sampled_from("abc"),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(careless, max_size=30), fates)
def test_whatever_the_applications_of_one_side_leave_out_both_sides_end_with_the_same(story, fates):
    place = drawn(story, fates)
    assert place.holds("blue") == place.holds("green")


@settings(max_examples=60, deadline=None)
@given(st.lists(deeds, max_size=30), fates)
def test_whatever_is_written_and_whenever_calls_fail_nothing_is_lost_and_nothing_happens_twice(story, fates):
    story = [("put" if what == "delete" else what, *more) for what, *more in story]
    assert wrong(drawn(story, fates)) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(deeds, max_size=30), fates)
def test_with_deletes_an_older_write_of_the_other_side_may_show_until_the_delete_is_read_and_no_longer(story, fates):
    """A deleted item leaves nothing behind by which an older write could be known as older."""
    place = drawn(story, fates)
    found = [finding for finding in judge(place.ended()) if finding.wrong is not Wrong.RESURRECTED]
    assert found == []
    assert place.holds("blue") == place.holds("green")
