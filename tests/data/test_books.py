"""Acknowledged writes: where they are, what is lost, and that counts and tracked keys agree."""

import numpy as np
import pytest

from sim.data.books import Books
from sim.data.history import Wrong
from sim.data.judge import judge
from sim.data.told import history_of


def books(share=1.0):
    return Books(np.random.default_rng(1), 50, share)


def kept(promoted, position, *writes):
    """Promoted at a moment with what was copied up to `position`; a hundred writes per stretch."""
    made = books()
    for where, start, end in writes:
        if end > promoted and made.position is None:
            made.promote(position, promoted)
        made.write(where, start, end, 100)
    if made.position is None:
        made.promote(position, promoted)
    return made


def findings(made, truth, **given):
    return {finding.wrong for finding in judge(history_of(made, truth, at=10_000, **given), settled=False)}


def test_an_asynchronous_replica_lacks_what_came_after_its_position():
    """Golden case G-2, a hundred writes a second."""
    made = kept(10_000, 7_000, *[("source", second * 1000, second * 1000 + 1000) for second in range(10)])
    assert made.missed == made.lost("copy") == 300
    assert findings(made, "copy") == {Wrong.LOST, Wrong.BEHIND}
    assert made.lost_keys("copy")


def test_who_promotes_with_everything_loses_nothing():
    made = kept(1000, 1000, ("source", 0, 1000), ("copy", 1000, 2000))
    assert (made.lost("copy"), findings(made, "copy"), made.lost_keys("copy")) == (0, set(), ())


def test_going_back_loses_what_only_the_copy_has_and_bringing_it_back_loses_nothing():
    made = kept(1000, 1000, ("source", 0, 1000), ("copy", 1000, 2000))
    assert made.lost("source") == 100 and Wrong.LOST in findings(made, "source")
    assert findings(made, "source", confirmed=True) == set()
    made.bring_back(2000)
    assert (made.lost("source"), findings(made, "source"), made.lost_keys("source")) == (0, set(), ())


def test_writes_on_both_sides_are_stranded_and_conflict():
    made = kept(1000, 1000, ("source", 0, 1000), ("copy", 1000, 2000), ("source", 1000, 2000))
    assert made.stranded == made.lost("copy") == 100
    assert 10 < made.conflicts() <= 50
    assert Wrong.LOST in findings(made, "copy")


@pytest.mark.parametrize("share", [0.0, 0.01])
def test_counts_do_not_depend_on_how_many_keys_are_tracked(share):
    made = books(share)
    for minute in range(10):
        made.write("source", minute * 1000, minute * 1000 + 1000, 1_000_000)
    made.promote(9_500, 10_000)
    assert (made.acknowledged, made.missed) == (10_000_000, 500_000)
    assert len(made.history) == pytest.approx(10_000_000 * share, rel=0.05)
