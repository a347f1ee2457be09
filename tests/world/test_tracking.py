"""Target tracking in a whole world: the cut-over trap, and how late it is for a switch all at once."""

import pytest

from bluegreen.model import Slot
from bluegreen.plan import Plan
from sim.effects import CapacityChanged
from sim.world import World
from sim.worldspec import WorldSpec

from .conftest import PLAN, run


def scale_ins(world):
    return [e for e in world.effects if isinstance(e, CapacityChanged) and e.by == "autoscaling" and e.after < e.before]


def switch(world):
    """All users go to green."""
    world.dns.change({Slot.BLUE: 0, Slot.GREEN: 100})


def test_cut_over_trap_blue_shrinks_a_quarter_of_an_hour_after_its_traffic_left(make_world):
    world = make_world(green=10)
    world.places[Slot.GREEN].fleet.minimum = 10
    switch(world)
    run(world, minutes=14)
    assert not scale_ins(world)
    run(world, minutes=4)
    assert [e.slot for e in scale_ins(world)][:1] == [Slot.BLUE]
    assert world.places[Slot.BLUE].fleet.healthy < 10


def test_cut_over_trap_is_avoided_while_scale_in_is_held_and_springs_when_it_is_given_back(make_world):
    world = make_world(green=10)
    for place in world.places.values():
        place.fleet.minimum = 10
    switch(world)
    run(world, hours=1)
    assert not scale_ins(world)
    assert world.places[Slot.BLUE].fleet.healthy == 10
    world.places[Slot.BLUE].fleet.minimum = 2
    run(world, minutes=2)
    assert scale_ins(world)


def test_autoscaling_lags_behind_an_all_at_once_switch_to_a_small_fleet(make_world):
    """Health checks that fail from overload are left out here: they would make users and machines go to and fro."""
    alone = {"candidate": {"health_check": "EC2"}, "dns": {"evaluate_target_health": False}}
    world = make_world(green=3, balancer={"cold": 5000.0}, **alone)
    switch(world)
    run(world, minutes=3)
    green = world.places[Slot.GREEN].fleet
    assert green.desired == 3, "three minutes of data come first"
    assert world.samples[-1].line()["errors"]["green"] > 100
    run(world, minutes=25)
    assert green.desired >= 8
    assert world.samples[-1].line()["errors"]["green"] == 0


@pytest.mark.parametrize(("extra", "desired"), [(1, 10), (2, 15)])
def test_alarms_of_target_tracking_look_back_as_far_as_cloudwatch_does_in_this_world(extra, desired):
    spec = WorldSpec.model_validate({"metrics": {"extra_periods": extra, "premature": "insufficient_data"}})
    fleet = World(spec, Plan.model_validate(PLAN), 1).places[Slot.BLUE].fleet
    for utilisation in (0.9, None, None, None, 0.9):
        if utilisation is not None:
            fleet.worked(utilisation, 60.0)
        fleet.minute()
    assert fleet.desired == desired
