"""Samples side by side: what differs, what was on its way, and what nobody can tell."""

from datetime import timedelta

import pytest

from bluegreen.sync.compare import SHOWN, compare
from bluegreen.sync.telling import show_comparison


class Store:
    """A store whose content changes when time passes, by what is in `later`."""

    def __init__(self, now, later=None):
        self.items, self.later = dict(now), later

    def draw(self, count, seed):
        return sorted(self.items)[:count]

    def contents(self, keys):
        return {key: self.items[key] for key in keys if key in self.items}

    def count(self):
        return len(self.items)


def compared(first, second, sample=100):
    slept = []

    def pause(length):
        slept.append(length)
        for store in (first, second):
            store.items = store.items if store.later is None else store.later

    found = compare("orders", first, second, sample=sample, seed=1, patience=timedelta(seconds=5), pause=pause)
    return found, slept


SAME = {"a": "1", "b": "2"}


def test_two_stores_that_hold_the_same_are_looked_at_once():
    found, slept = compared(Store(SAME), Store(SAME))
    assert (found.compared, found.divergent, found.counts, slept) == (2, 0, (2, 2), [])


def test_what_differs_twice_without_having_moved_is_divergent():
    found, slept = compared(Store({"a": "1", "b": "2", "c": "3"}), Store({"a": "1", "b": "9", "d": "4"}))
    assert (found.differ, found.only_first, found.only_second) == (("b",), ("c",), ("d",))
    assert (found.divergent, found.moving, slept) == (3, 0, [timedelta(seconds=5)])


def test_what_was_on_its_way_is_no_difference():
    found, _ = compared(Store({"a": "2"}), Store({"a": "1"}, later={"a": "2"}))
    assert (found.divergent, found.moving) == (0, 0)


@pytest.mark.parametrize("later", [{"a": "3"}, {}])
def test_of_what_moved_and_differs_again_nobody_can_tell(later):
    found, _ = compared(Store({"a": "2"}), Store({"a": "1"}, later=later))
    assert (found.divergent, found.moving) == (0, 1)


def test_both_sides_are_drawn_from_so_what_is_only_on_one_is_found():
    found, _ = compared(Store({}), Store({"z": "1"}), sample=2)
    assert found.only_second == ("z",)


def test_of_many_that_differ_some_are_named_and_the_others_counted():
    many = {f"k{number:03}": "1" for number in range(SHOWN + 7)}
    found, _ = compared(Store(many), Store({}))
    said = show_comparison(found).splitlines()
    assert (
        said[0] == f"orders: {SHOWN + 7} compared, {SHOWN + 7} not the same, 0 moving; about {SHOWN + 7} and 0 in all"
    )
    assert (len(said), said[-1]) == (SHOWN + 2, "  and 7 more")
