"""Half a hold, after a crash or a human's change, is seen as such and given back whole; the same on both tiers."""

import pytest

from sim.api import EngineKilled

from .conftest import BLUE

SCHEDULED = "ScheduledActions"


def stands(setting):
    view = setting.ports.environments.look(BLUE)
    return view.scale_in_held, view.hold_left


def given_back(setting):
    fleet = setting.world.places[BLUE].fleet
    return (fleet.minimum, SCHEDULED in fleet.suspended) == (2, False) and stands(setting) == (False, False)


def test_without_a_hold_nothing_is_to_be_given_back(make):
    assert stands(make()) == (False, False)


def test_a_whole_hold_is_both(make):
    setting = make()
    setting.ports.environments.hold_scale_in(BLUE, held=True)
    assert stands(setting) == (True, True)
    setting.ports.environments.hold_scale_in(BLUE, held=False)
    assert given_back(setting)


def test_a_floor_lowered_by_hand_leaves_a_hold_that_is_none_and_is_given_back(make):
    setting = make()
    setting.ports.environments.hold_scale_in(BLUE, held=True)
    setting.world.places[BLUE].fleet.minimum = 4
    assert stands(setting) == (False, True)
    setting.ports.environments.hold_scale_in(BLUE, held=False)
    assert given_back(setting)


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize("call", [2, 3, 4])
def test_wherever_an_engine_dies_the_next_one_sees_what_is_to_be_given_back(make, call, held):
    """It looks first; then come three calls."""
    setting = make()
    if not held:
        setting.ports.environments.hold_scale_in(BLUE, held=True)
    setting.ports.environments.look(BLUE)
    api = setting.world.api
    api.kill_after = frozenset({api.calls + call})
    with pytest.raises(EngineKilled):
        setting.ports.environments.hold_scale_in(BLUE, held=held)
    setting.again()
    whole = given_back(setting)
    assert stands(setting)[1] is not whole
    setting.ports.environments.hold_scale_in(BLUE, held=False)
    assert given_back(setting)
