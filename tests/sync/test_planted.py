"""Copiers with a mistake planted in them, and whether the history of what happened shows it. What finds nothing when
nothing is wrong, and each of these when it is there, is worth asking."""

from datetime import timedelta

import pytest

from bluegreen.sync import carrying, direction
from bluegreen.sync.judging import Verdict, judge
from bluegreen.sync.marks import Marks
from sim.data.history import Promoted, Read, Wrong
from sim.data.judge import judge as judge_history
from tests.sync.place import Place
from tests.sync.test_killed import played

SECONDS = timedelta(seconds=5)


def conflicting():
    """Neither knows of the other, and the older write arrives second."""
    place = Place(shards=1).settle()
    place.put("blue", "a")
    place.settle()
    place.put("green", "a")
    place.pass_by(SECONDS)
    place.put("blue", "a")
    return [place.settle()]


def deleted():
    """An older write is on its way to an item that was deleted."""
    place = Place(shards=1).settle()
    place.put("blue", "a")
    place.settle()
    place.put("green", "a")
    place.pass_by(SECONDS)
    place.delete("blue", "a")
    return [place.settle()]


def there_before():
    """Items from long before the copier began."""
    place = Place(shards=1)
    place.put("blue", "a")
    place.pass_by(60 * SECONDS)
    return [place.settle()]


def killed_after_a_delete():
    """Killed at each call while it carries a write and a delete: both are read again."""
    places = []
    for call in range(1, 30):
        place = Place(shards=1).settle()
        place.weather.fates = {place.weather.calls + call: "killed after"}
        place.put("blue", "a")
        place.pass_by(SECONDS)
        place.delete("blue", "a")
        places.append(place.settle())
    return places


def long_story():
    return [played({})]


def blind(change_, there, marks):
    """Whatever is there is overwritten."""
    return Verdict.NEW if there.image is None else Verdict.FOLLOWS


def only_new(change_, there, marks):
    """What is there already is left as it is."""
    found = judge(change_, there, marks)
    return Verdict.OLDER if found is Verdict.FOLLOWS else found


def unasked(change_, there, marks):
    """Deletes are forgotten."""
    found = judge(change_, there, marks)
    return Verdict.NEW if found is Verdict.BURIED else found


PLANTED = {
    "the last to arrive wins": (carrying, "judge", blind, conflicting, Wrong.RESURRECTED),
    "changes of what is there are passed over": (carrying, "judge", only_new, long_story, Wrong.LOST),
    "deletes are forgotten": (carrying, "judge", unasked, killed_after_a_delete, Wrong.RESURRECTED),
    "versions are compared the wrong way round": (
        Marks, "newer", lambda _, one, other: one.version < other.version, conflicting, Wrong.RESURRECTED,
    ),
    "deletes are not carried": (
        carrying.Carrier, "_delete", lambda *_: carrying.Count.SKIPPED, deleted, Wrong.LOST,
    ),
    "the baseline is left out": (direction.Direction, "_copy_some", lambda self: False, there_before, Wrong.APART),
}  # fmt: skip


def found(places):
    return {finding.wrong for place in places for finding in judge_history(place.ended())}


@pytest.mark.parametrize("name", PLANTED)
def test_a_copier_with_this_mistake_is_found_out(name, monkeypatch):
    where, what, wrong, story, expected = PLANTED[name]
    monkeypatch.setattr(where, what, wrong)
    assert expected in found(story())


@pytest.mark.parametrize("story", [conflicting, deleted, there_before, killed_after_a_delete, long_story])
def test_the_same_stories_without_a_mistake_show_nothing(story):
    assert found(story()) == set()


def promoted(lag):
    """Green becomes the one that counts while the copier is behind, or when it is not."""
    place = Place().settle()
    for number in range(4):
        place.put("blue", f"k{number}")
    if not lag:
        place.settle()
    at = place.ms + 1
    history = place.history
    history.events.append(Promoted("green", at))
    history.events += [Read(f"k{n}", tuple(filter(None, [place.holds("green").get(f"k{n}")])), "green", at + 1)
                       for n in range(4)]  # fmt: skip
    place.pass_by(SECONDS)
    place.settle()
    return place.ended()


def test_a_promotion_before_everything_was_copied_and_its_stale_reads_are_found():
    assert {finding.wrong for finding in judge_history(promoted(lag=True))} == {Wrong.BEHIND, Wrong.STALE}
    assert judge_history(promoted(lag=False)) == ()
