"""Applications that leave the version out, or give one that did not grow, on both sides of one item at once: whatever
they do, both sides end with the same, and what was overwritten unseen is counted."""

from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.aws.sync.metrics import Publisher
from bluegreen.sync.change import Kind, kind_of
from bluegreen.sync.telling import show_report
from sim.data.history import Applied, Form
from tests.sync.place import MARKS, Place
from tests.sync.test_judging import item, record
from tests.sync.test_killed import fates, perform

MOMENT = timedelta(milliseconds=150)
SIDES = st.sampled_from(["blue", "green"])
WHAT = ["put", "no version", "old version", "low version", "read", "from what was read", "delete", "round", "wait"]
deeds = st.tuples(st.sampled_from([*WHAT, "split"]), SIDES, st.sampled_from("ab"))


def careless(place, read, what, side, key):
    """More of what applications do. What was read goes back whole, with the marks that it had then."""
    match what:
        case "read":
            read[side, key] = place.tables[side].get({"id": {"S": key}}) or {}
        case "from what was read":
            write(place, side, key, read.get((side, key), {}))
        case "low version":
            write(place, side, key, {"version": {"N": "7"}})
        case _:
            perform(place, what, side, key)
            return
    place.pass_by(MOMENT)


def joined(key, first, second):
    """Both writes, each once."""
    parts = {*first["write"]["S"].split("+"), *second["write"]["S"].split("+")}
    return {**first, "write": {"S": "+".join(sorted(parts))}}


def write(place, side, key, image):
    place.writes += 1
    id_ = f"w{place.writes}"
    place._do(side, key, id_, {**image, "id": {"S": key}, "write": {"S": id_}}, 0, Form.SET)


def played(story, fates, **how):
    place, read = Place(shards=1, **how).settle(), {}
    place.weather.fates = {place.weather.calls + call: fate for call, fate in fates.items()}
    for deed in story:
        careless(place, read, *deed)
    return place.settle()


STORIES = {
    "a lower version lands where a higher one was replaced by none": [
        ("put", "blue", "a"), ("put", "green", "a"), ("no version", "green", "a"),
    ],
    "... and is deleted": [
        ("put", "blue", "a"), ("put", "blue", "a"), ("put", "green", "a"), ("put", "blue", "a"),
        ("no version", "blue", "a"), ("delete", "green", "a"),
    ],
    "what has no version is deleted by who wrote it": [
        ("put", "blue", "a"), ("round", "", ""), ("put", "blue", "a"), ("round", "", ""), ("round", "", ""),
        ("no version", "green", "a"), ("delete", "green", "a"),
    ],
    "an item is made with a version below that of the other side's delete": [
        ("put", "green", "a"), ("delete", "green", "a"), ("round", "", ""), ("low version", "blue", "a"),
    ],
    "an item gets the version back that it had": [
        ("low version", "blue", "a"), ("no version", "blue", "a"), ("low version", "blue", "a"),
    ],
    "what was read long ago is written back as it was": [
        ("put", "blue", "a"), ("round", "", ""), ("round", "", ""), ("read", "green", "a"), ("put", "blue", "a"),
        ("round", "", ""), ("round", "", ""), ("from what was read", "green", "a"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_both_sides_end_with_the_same_where_they_once_did_not(name):
    place = played(STORIES[name], {})
    assert place.holds("blue") == place.holds("green")


@settings(max_examples=150, deadline=None)
@given(st.lists(deeds, max_size=20), fates)
def test_whatever_both_sides_leave_out_and_whenever_calls_fail_they_end_with_the_same(story, fates):
    place = played(story, fates)
    assert place.holds("blue") == place.holds("green")


@settings(max_examples=60, deadline=None)
@given(st.lists(deeds, max_size=20), fates)
def test_with_a_teams_own_rule_they_end_with_the_same_too(story, fates):
    place = played(story, fates, merge=joined)
    assert place.holds("blue") == place.holds("green")


writes = st.tuples(st.sampled_from(["put", "no version", "old version", "round", "wait"]), SIDES, st.just("a"))


@settings(max_examples=150, deadline=None)
@given(st.lists(writes, max_size=16))
def test_every_write_that_the_other_side_overwrote_and_never_had_is_told(story):
    place = played(story, {})
    writes, told = place.history.writes(), "".join(one.content for one in place.state.overwritten())
    went = {
        side: [e.id for e in place.history.events if isinstance(e, Applied) and e.side == side] for side in place.tables
    }
    for side, other in (("blue", "green"), ("green", "blue")):
        for one, after in pairwise(went[side]):
            if writes[one].side == side and writes[after].side == other and one not in went[other]:
                assert f'"{one}"' in told


def test_a_copy_with_a_version_below_the_one_it_takes_the_place_of_is_none():
    was, older = item("x", 7, "green 7"), item("y", 5, "green 5")
    assert kind_of(record(was, older), MARKS, "blue") is Kind.UNSTAMPED
    assert kind_of(record(older, was), MARKS, "blue") is Kind.COPY


def test_one_way_an_older_item_of_the_source_stays_where_it_is():
    place = Place(shards=1, both_ways=False).settle()
    place.put("blue", "a")
    place.settle()
    place.pass_by(timedelta(minutes=1))
    place.delete("blue", "a")
    place.settle()
    write(place, "blue", "a", {"version": {"N": "7"}})
    place.settle()
    assert place.holds("blue") == place.holds("green") != {}


def test_writes_without_a_version_are_named_where_the_copier_tells_how_it_stands_and_published_for_gates():
    place = Place().settle()
    place.put("blue", "a", version=False)
    place.put("green", "b", version=False)
    place.settle()
    report, put = place.copier.report({}, quiet=True), []
    assert "2 written without a version that grew" in show_report(report)
    api = SimpleNamespace(call=lambda service, operation, **params: put.extend(params["MetricData"]))
    Publisher(api, "Bluegreen/Sync", "orders").report(report)
    whole = {one["MetricName"]: one["Value"] for one in put if len(one["Dimensions"]) == 1}
    assert whole == {"Lag": report.directions[0].lag.total_seconds(), "Stamped": 2, "Conflicts": 0, "Drops": 0}
