"""An Auto Scaling group's machines: launch, boot, health, replacement, zones, crashes, removal."""

from datetime import timedelta

import numpy as np
import pytest
import simpy

from bluegreen.model import Slot
from sim.effects import CapacityChanged
from sim.fleet import Fleet, FleetSpec
from sim.instance import Health, State

TICK = timedelta(seconds=5)


class Group:
    """A fleet in an environment of its own, ticked as the world ticks it."""

    def __init__(self, seed=1, live=False, **spec):
        self.env, self.effects, self.down = simpy.Environment(), [], set()
        rng = np.random.default_rng(seed)
        spec = FleetSpec.model_validate({"autoscaling": False, **spec})
        self.fleet = Fleet(Slot.GREEN, spec, env=self.env, rng=rng, zones_down=self.down, record=self.effects.append)
        if live:
            self.fleet.serve_already()

    def run(self, minutes, crash_every=None):
        for _ in range(round(minutes * 12)):
            self.env.run(until=self.env.now + 5000)
            if self.fleet.exists:
                self.fleet.tick(TICK, crash_every)

    def lose(self, *zones):
        self.down.update(zones)
        self.fleet.zones_changed()

    def regain(self, *zones):
        self.down.difference_update(zones)
        self.fleet.zones_changed()

    def when(self, holds, limit=60):
        """Minutes until `holds()`."""
        start = self.env.now
        while not holds():
            assert self.env.now < start + limit * 60_000, "it never came to that"
            self.run(1 / 12)
        return (self.env.now - start) / 60_000


def test_a_cold_machine_answers_after_about_two_minutes_and_is_healthy_at_its_next_check():
    """123 s on average from launch to answering: measured cold launch less its sleep (field facts D)."""
    group = Group()
    group.fleet.create(300, 0, 300)
    group.run(10)
    answered = np.array([i.serving_since for i in group.fleet.instances]) / 1000
    assert np.mean(answered) == pytest.approx(123, rel=0.03)
    assert group.fleet.healthy == 300


def test_a_new_machine_is_in_service_before_it_is_healthy():
    group = Group(spread=0.0)
    group.fleet.create(6, 0, 6)
    group.run(0.5)
    assert (group.fleet.in_service, group.fleet.counts.pending) == (0, 6)
    group.run(0.5)
    assert (group.fleet.in_service, group.fleet.registered, group.fleet.healthy) == (6, 6, 0)
    group.run(1.75)
    assert group.fleet.healthy == 6


def test_a_new_target_needs_one_passed_check():
    """C-6: healthy at most one interval after it answers."""
    group = Group()
    group.fleet.create(50, 0, 50)
    healthy_at = {}
    while len(healthy_at) < 50:
        group.run(1 / 12)
        for i in group.fleet.instances:
            if i.health is Health.HEALTHY:
                healthy_at.setdefault(i.id, group.env.now)
    waits = [healthy_at[i.id] - i.serving_since for i in group.fleet.instances]
    assert min(waits) >= 0
    assert max(waits) <= 35_000


def test_a_lost_machine_is_unhealthy_after_two_failed_checks_and_back_after_five_passed_ones():
    """C-6: down after 30 to 60 s, back after 120 to 150 s."""
    group = Group(live=True, instances=60, health_check="EC2", drain="1h")
    group.lose("a")
    group.fleet._is_due = lambda instance: False
    of_zone = [i for i in group.fleet.instances if i.zone == "a"]
    assert group.when(lambda: any(i.health is Health.UNHEALTHY for i in of_zone)) >= 0.5
    assert group.when(lambda: all(i.health is Health.UNHEALTHY for i in of_zone)) <= 0.6
    group.regain("a")
    assert group.when(lambda: any(i.health is Health.HEALTHY for i in of_zone)) >= 2.0
    assert group.when(lambda: all(i.health is Health.HEALTHY for i in of_zone)) <= 0.6


def test_machines_are_spread_over_three_zones():
    group = Group(live=True, instances=10)
    zones = [i.zone for i in group.fleet.instances]
    assert sorted(zones.count(zone) for zone in "abc") == [3, 3, 4]


def test_machines_of_a_lost_zone_are_replaced_in_the_others():
    group = Group(live=True, instances=9)
    group.lose("b")
    assert len(group.fleet.counts.answering) == 6
    assert group.fleet.healthy == 9, "the balancer does not know yet"
    group.run(1.2)
    assert group.fleet.healthy == 6
    group.run(12)
    assert group.fleet.healthy == 9
    assert {i.zone for i in group.fleet.instances if i.active} == {"a", "c"}


def test_unhealthy_machines_are_replaced_one_tenth_at_a_time():
    group = Group(live=True, instances=30)
    group.lose("a", "b")
    most_pending = 0
    for _ in range(30 * 12):
        group.run(1 / 12)
        most_pending = max(most_pending, group.fleet.counts.pending)
    assert most_pending == 3
    assert group.fleet.healthy == 30


def test_a_machine_that_never_answers_is_replaced_after_its_grace():
    group = Group(boot_failure="100%")
    group.fleet.create(2, 0, 2)
    first = {i.id for i in group.fleet.instances}
    group.run(5)
    assert {i.id for i in group.fleet.instances if i.active} == first
    group.run(5)
    assert group.fleet.healthy == 0
    assert not first <= {i.id for i in group.fleet.instances if i.active}


def test_with_ec2_checks_only_a_machine_that_does_not_answer_stays():
    group = Group(boot_failure="100%", health_check="EC2")
    group.fleet.create(2, 0, 2)
    first = {i.id for i in group.fleet.instances}
    group.run(60)
    assert {i.id for i in group.fleet.instances if i.active} == first


def test_slow_boots_take_their_factor_longer():
    group = Group(spread=0.0)
    group.fleet.boot_factor = 2.0
    group.fleet.create(4, 0, 4)
    group.run(4)
    assert group.fleet.healthy == 0
    group.run(1)
    assert group.fleet.healthy == 4


def test_crashing_machines_are_away_while_they_boot_again():
    group = Group(live=True, instances=20)
    group.run(30, crash_every=timedelta(minutes=5))
    away = 20 - len(group.fleet.counts.answering)
    assert away > 2
    group.run(30)
    assert group.fleet.healthy == 20


def test_a_growing_group_launches_and_a_shrinking_one_drains_first():
    group = Group(live=True, instances=4, minimum=1, maximum=8)
    group.fleet.want(6)
    assert [i.state for i in group.fleet.instances].count(State.PENDING) == 2
    group.run(6)
    group.fleet.want(3)
    assert group.fleet.registered == 3
    assert [i.health for i in group.fleet.instances].count(Health.DRAINING) == 3
    group.run(5.4)
    assert len(group.fleet.instances) == 6, "draining takes five minutes"
    group.run(0.2)
    assert len(group.fleet.instances) == 3


def test_the_wish_stays_within_minimum_and_maximum_and_each_change_is_recorded():
    group = Group(live=True, instances=4, minimum=2, maximum=8)
    group.fleet.want(100, by="operator")
    group.fleet.want(0)
    group.fleet.want(2)
    group.fleet.minimum = 3
    group.fleet.want(group.fleet.desired, by="operator")
    green = Slot.GREEN
    assert group.effects == [
        CapacityChanged(green, 4, 8, "operator"),
        CapacityChanged(green, 8, 2, "engine"),
        CapacityChanged(green, 2, 3, "operator"),
    ]


def test_a_removed_group_is_gone_after_its_machines_and_can_be_made_again():
    group = Group(live=True)
    group.fleet.remove()
    assert (group.fleet.exists, group.fleet.removing, group.fleet.registered) == (True, True, 0)
    group.fleet.want(5)
    group.run(1)
    assert (group.fleet.exists, group.fleet.removing, group.fleet.instances) == (False, False, [])
    group.fleet.create(2, 1, 4)
    group.run(5)
    assert group.fleet.healthy == 2


def test_a_machine_removed_while_it_boots_never_comes_back():
    group = Group(spread=0.0)
    group.fleet.create(4, 0, 8)
    group.run(1)
    group.fleet.want(0)
    group.run(10)
    assert group.fleet.instances == []


def test_when_no_target_is_healthy_all_registered_ones_get_requests():
    """C-5: fail-open."""
    group = Group(live=True, instances=3, health_check="EC2")
    group.lose("a", "b", "c")
    group.fleet._is_due = lambda instance: False
    group.run(2)
    assert (group.fleet.healthy, group.fleet.counts.routed) == (0, 3)


def test_a_machine_carries_little_until_it_is_warm():
    group = Group(spread=0.0, check_every="1s", boot="10s", launch="5s")
    group.fleet.create(10, 0, 10)
    group.when(lambda: group.fleet.healthy == 10)
    strengths = []
    for _ in range(14):
        strengths.append(group.fleet.strength)
        group.run(1 / 12)
    assert strengths == sorted(strengths)
    assert strengths[0] == pytest.approx(5.5, abs=0.5)
    assert strengths[-1] == 10


def test_machine_ids_are_the_same_in_every_run_and_differ_between_slots():
    ids = [i.id for i in Group(live=True).fleet.instances]
    assert ids == [i.id for i in Group(seed=9, live=True).fleet.instances]
    assert all(len(name) == 19 for name in ids)
