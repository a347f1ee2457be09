"""Target tracking, by its alarms: 3 of 3 minutes above the target, 15 of 15 below 0.7 of it."""

import pytest

from bluegreen.model import Slot
from sim.effects import CapacityChanged
from sim.tracking import Tracking, TrackingSpec

from .conftest import run


def wanted(metrics, instances, target=0.5):
    """What the policy asks for after these minutes."""
    policy = Tracking(TrackingSpec(target=target))
    asked = instances
    for metric in metrics:
        asked = policy.wanted(metric, instances, instances)
    return asked


def test_two_machines_at_80_percent_for_three_minutes_become_four():
    """D-6."""
    assert wanted([0.8, 0.8], 2) == 2
    assert wanted([0.8, 0.8, 0.8], 2) == 4


@pytest.mark.parametrize(
    ("metrics", "expected"),
    [
        ([0.8, 0.4, 0.8, 0.8], 10),
        ([0.3] * 14, 10),
        ([0.3] * 15, 6),
        ([0.36] * 60, 10),
        ([0.01] * 15, 1),
        ([0.3] * 7 + [None] + [0.3] * 7, 10),
        ([0.8, None, 0.8], 10),
        ([None] * 60, 10),
    ],
    ids=["broken", "14 low", "15 low", "above 0.7", "idle", "missing low", "missing high", "no data"],
)
def test_ten_machines_with_a_target_of_half(metrics, expected):
    assert wanted(metrics, 10) == expected


def test_removals_are_rounded_down():
    assert wanted([0.33] * 15, 10) == 7  # 6.6 fit: only 3 of the 3.4 go


def scale_ins(world):
    return [e for e in world.effects if isinstance(e, CapacityChanged) and e.by == "autoscaling" and e.after < e.before]


def switch(world):
    """All users go to green."""
    world.dns.change({Slot.BLUE: 0, Slot.GREEN: 100})


def test_cut_over_trap_blue_shrinks_a_quarter_of_an_hour_after_its_traffic_left(make_world):
    world = make_world(green=10)
    world.places[Slot.GREEN].fleet.scale_in_held = True
    switch(world)
    run(world, minutes=14)
    assert not scale_ins(world)
    run(world, minutes=4)
    assert [e.slot for e in scale_ins(world)][:1] == [Slot.BLUE]
    assert world.places[Slot.BLUE].fleet.healthy < 10


def test_cut_over_trap_is_avoided_while_scale_in_is_held_and_springs_when_it_is_given_back(make_world):
    world = make_world(green=10)
    for place in world.places.values():
        place.fleet.scale_in_held = True
    switch(world)
    run(world, hours=1)
    assert not scale_ins(world)
    assert world.places[Slot.BLUE].fleet.healthy == 10
    world.places[Slot.BLUE].fleet.scale_in_held = False
    run(world, minutes=2)
    assert scale_ins(world)


def test_autoscaling_lags_behind_an_all_at_once_switch_to_a_small_fleet(make_world):
    world = make_world(green=3, balancer={"cold": 5000.0})
    switch(world)
    run(world, minutes=3)
    green = world.places[Slot.GREEN].fleet
    assert green.desired == 3, "three minutes of data come first"
    assert world.samples[-1]["errors"]["green"] > 100
    run(world, minutes=25)
    assert green.desired >= 8
    assert world.samples[-1]["errors"]["green"] == 0


def test_nothing_shrinks_while_new_machines_warm_up(make_world):
    """Live is idle enough to shrink after 15 minutes, but a machine launched by hand holds that up for its five."""

    def first_scale_in(launched_at):
        world = make_world(demand={"rate": 300.0})
        run(world, minutes=launched_at)
        world.places[Slot.BLUE].fleet.want(11, by="operator")
        start = world.clock.now()
        while not scale_ins(world):
            run(world, minutes=1)
        return launched_at + (world.clock.now() - start).total_seconds() / 60

    assert first_scale_in(launched_at=2) == 15
    assert first_scale_in(launched_at=13) >= 18
