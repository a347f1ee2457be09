"""Users who follow, against what was published."""

from datetime import timedelta

import pytest

from bluegreen.model import Slot
from bluegreen.preview.users import Users

ALL_BLUE = {Slot.BLUE: 1.0, Slot.GREEN: 0.0}
ALL_GREEN = {Slot.BLUE: 0.0, Slot.GREEN: 1.0}


def left(after, ttl=20, path=(ALL_GREEN,)):
    """Blue's share so many seconds after the last of the answers in `path`, ten minutes apart."""
    users = Users(ALL_BLUE, timedelta(seconds=ttl))
    for answer in path[:-1]:
        users.answer(answer)
        users.go_on(timedelta(minutes=10))
    users.answer(path[-1])
    users.go_on(timedelta(seconds=after))
    return users.shares()[Slot.BLUE]


@pytest.mark.parametrize(("seconds", "share"), [(60, 0.10), (900, 0.02)])
def test_with_a_ttl_of_20s_as_many_are_left_as_flavel_and_others_measured(seconds, share):
    assert left(seconds) == pytest.approx(share, rel=1e-6)


def test_right_after_a_change_nobody_has_moved():
    assert left(0) == pytest.approx(1)


def test_half_a_ttl_after_a_change_about_half_of_the_well_behaved_have_moved():
    assert 0.5 < left(10) < 0.6


def test_who_went_in_steps_has_fewer_left_behind_than_who_went_at_once():
    half = {Slot.BLUE: 0.5, Slot.GREEN: 0.5}
    assert left(300, path=(half, ALL_GREEN)) < left(300)


def test_shares_always_add_up_to_one():
    users = Users(ALL_BLUE, timedelta(seconds=60))
    for seconds in range(0, 600, 7):
        users.answer(ALL_GREEN if seconds % 2 else ALL_BLUE)
        users.go_on(timedelta(seconds=seconds))
        assert sum(users.shares().values()) == pytest.approx(1)
