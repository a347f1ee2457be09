"""An Auto Scaling group's machines: launch, boot, health, replacement, crashes, strength, removal."""

from datetime import timedelta

import numpy as np
import pytest

from bluegreen.model import Slot
from sim.effects import CapacityChanged
from sim.instance import Health, State

from .groups import Group, counts, recount


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
    assert (group.fleet.in_service, group.fleet.pending) == (0, 6)
    group.run(0.5)
    assert (group.fleet.in_service, group.fleet.registered, group.fleet.healthy) == (6, 6, 0)
    group.run(1.75)
    assert group.fleet.healthy == 6


def test_a_machine_that_does_not_answer_yet_is_unhealthy_after_two_checks():
    group = Group(spread=0.0)
    group.fleet.create(6, 0, 6)
    group.run(seconds=35 + 29)
    assert group.fleet.unhealthy == 0
    group.run(seconds=32)
    assert (group.fleet.unhealthy, group.fleet.healthy) == (6, 0)


def test_machines_are_spread_over_three_zones():
    group = Group(live=True, instances=10)
    assert sorted(group.zones().values()) == [3, 3, 4]


def test_machines_of_a_lost_zone_are_replaced_in_the_others():
    group = Group(live=True, instances=9)
    group.lose("b")
    assert group.fleet.answering == 6
    assert group.fleet.healthy == 9, "the balancer does not know yet"
    group.run(1.2)
    assert group.fleet.healthy == 6
    group.run(20)
    assert group.fleet.healthy == 9
    assert group.zones() == {"a": 5, "b": 0, "c": 4} or group.zones() == {"a": 4, "b": 0, "c": 5}


def test_unhealthy_machines_are_replaced_one_tenth_at_a_time():
    group = Group(live=True, instances=30)
    group.lose("a", "b")
    most_pending = 0
    for _ in range(30 * 60):
        group.run(seconds=1)
        most_pending = max(most_pending, group.fleet.pending)
    assert most_pending == 3
    assert group.fleet.healthy == 30


def test_when_the_balancer_calls_all_unhealthy_they_are_replaced_one_by_one():
    group = Group(live=True, instances=30, drain="0s")
    group.fleet.failing(1.0)
    group.run(2)  # the first to fail are found while others still pass
    most_pending = 0
    for _ in range(10 * 60):
        group.run(seconds=1)
        most_pending = max(most_pending, group.fleet.pending)
    assert (most_pending, group.fleet.healthy) == (1, 0)


def test_with_a_default_warm_up_replacement_waits_for_it():
    """Guide, health checks: it waits for the default instance warm-up to finish before continuing."""

    def replaced_in_nine_minutes(**spec):
        group = Group(live=True, instances=9, status_check="10s", spread=0.0, **spec)
        before = group.ids()
        group.lose("a")
        group.run(9)
        return len(group.ids() - before)

    assert replaced_in_nine_minutes() == 3
    assert replaced_in_nine_minutes(default_warm_up="250s") == 2


def test_a_machine_that_never_answers_is_replaced_after_its_grace():
    group = Group(boot_failure="100%")
    group.fleet.create(2, 0, 2)
    first = group.ids()
    group.run(5)
    assert group.ids() == first
    group.run(8)
    assert group.fleet.healthy == 0
    assert not first & group.ids(), "one by one: each waits for the verdict on the one before"


def test_without_grace_machines_are_replaced_while_they_boot_and_never_serve():
    """Grace 0 s, the API's default, with the balancer's checks: the group goes round in circles."""
    group = Group(grace="0s", spread=0.0, fails=1, check_every="10s")
    group.fleet.create(4, 0, 4)
    group.run(30)
    assert group.fleet.healthy == 0
    assert len([a for a in group.fleet.activities if a.launches]) > 20


def test_with_ec2_checks_only_a_machine_that_does_not_answer_stays():
    group = Group(boot_failure="100%", health_check="EC2")
    group.fleet.create(2, 0, 2)
    first = group.ids()
    group.run(60)
    assert group.ids() == first


def test_with_ec2_checks_only_a_lost_zone_is_noticed_all_the_same():
    group = Group(live=True, instances=9, health_check="EC2")
    group.lose("a")
    group.run(seconds=119)
    assert group.zones()["a"] == 3
    group.run(20)
    assert group.zones()["a"] == 0
    assert group.fleet.healthy == 9


def test_slow_boots_take_their_factor_longer():
    group = Group(spread=0.0)
    group.fleet.boot_factor = 2.0
    group.fleet.create(4, 0, 4)
    group.run(4)
    assert group.fleet.healthy == 0
    group.run(1)
    assert group.fleet.healthy == 4


def test_serving_machines_crash_as_often_as_asked_however_time_is_cut():
    """Each serves for `crash_every` on average and then boots for 88 s: a share 300 / 388 of them serves."""
    group = Group(live=True, instances=500, maximum=500, minimum=500, health_check="EC2")
    group.run(30, crash_every=timedelta(minutes=5))
    serving = []
    for _ in range(30):
        group.run(1, crash_every=timedelta(minutes=5))
        serving.append(sum(i.state is State.SERVING for i in group.fleet.instances))
    assert np.mean(serving) / 500 == pytest.approx(300 / 388, rel=0.02)
    group.run(30)
    assert group.fleet.healthy == 500


def test_crashes_come_at_any_moment_of_a_minute():
    group = Group(live=True, instances=300, maximum=300)
    group.run(1)
    group.run(1, crash_every=timedelta(minutes=1))
    down = []
    for second in range(60):
        before = group.fleet.answering
        group.run(seconds=1, crash_every=timedelta(minutes=1))
        down += [second] * max(0, before - group.fleet.answering)
    assert np.mean(down) == pytest.approx(25, abs=5), "exponential, cut off after a minute: 25 s on average"


def test_a_growing_group_launches_and_a_shrinking_one_drains_first():
    group = Group(live=True, instances=4, minimum=1, maximum=8)
    group.fleet.want(6)
    assert group.fleet.pending == 2
    group.run(6)
    group.fleet.want(3)
    assert group.fleet.registered == 3
    assert [i.health for i in group.fleet.instances].count(Health.DRAINING) == 3
    group.run(5.4)
    assert len(group.fleet.instances) == 6, "draining takes five minutes"
    group.run(0.2)
    assert len(group.fleet.instances) == 3


def test_the_oldest_of_the_fullest_zone_goes_first():
    group = Group(live=True, instances=4, minimum=1)
    oldest = group.fleet.instances[0]
    group.fleet.want(3)
    assert oldest.state is State.TERMINATING


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
    group = Group(live=True, warm_pool={})
    group.fleet.remove()
    assert (group.fleet.exists, group.fleet.removing, group.fleet.registered) == (True, True, 0)
    group.fleet.want(5)
    group.run(1)
    assert (group.fleet.exists, group.fleet.removing, group.fleet.instances) == (False, False, [])
    assert not group.fleet.pool
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
    group = Group(live=True, instances=3)
    group.fleet.suspend(["ReplaceUnhealthy"])
    group.lose("a", "b", "c")
    group.run(2)
    assert (group.fleet.healthy, group.fleet.routed, group.fleet.answering) == (0, 3, 0)


def warmed(settled_every, **spec):
    """Mean strength of ten machines that all begin to serve 100 s after time 0, over the second minute and a half."""
    group = Group(spread=0.0, check_every="1s", boot="65s", launch="35s", **spec)
    group.fleet.create(10, 0, 10)
    group.run(seconds=101)
    total = 0.0
    for _ in range(90 // settled_every):
        total += group.fleet.mean_strength(settled_every) * settled_every
        group.env.run(until=group.env.now + settled_every * 1000)
        group.fleet.worked(0.5, settled_every)
    return total / 90


def test_a_machine_carries_little_until_it_is_warm():
    group = Group(spread=0.0, check_every="1s", boot="10s", launch="5s")
    group.fleet.create(10, 0, 10)
    group.when(lambda: group.fleet.healthy == 10)
    assert group.fleet.strength == pytest.approx(5.0, abs=0.2)
    assert group.fleet.warming
    group.fleet.worked(0.5, 30)
    assert group.fleet.strength == pytest.approx(7.5, abs=0.2)
    group.fleet.worked(0.5, 30)
    assert (group.fleet.strength, group.fleet.warming) == (10, False)


def test_strength_over_one_long_stretch_is_that_of_many_short_ones():
    """From 50 % to all of it in 60 s, and 30 s at all of it: on average 10 x (0.75 x 2 + 1) / 3."""
    assert warmed(90) == pytest.approx(10 * (0.75 * 2 + 1) / 3, rel=0.01)
    for cut in (1, 5, 30, 45):
        assert warmed(cut) == pytest.approx(warmed(90), rel=1e-9)


def test_utilisation_of_a_minute_does_not_depend_on_how_it_is_cut():
    whole, cut = Group(live=True), Group(live=True)
    whole.fleet.worked(0.5, 60.0)
    for busy, length in ((0.8, 15.0), (0.4, 45.0)):
        for _ in range(3):
            cut.fleet.worked(busy, length / 3)
    assert whole.fleet.minute() == pytest.approx(0.5) == cut.fleet.minute()


def test_without_requests_or_machines_there_is_no_utilisation():
    group = Group(live=True)
    assert group.fleet.minute() is None
    group.lose("a", "b", "c")
    group.fleet.worked(0.0, 60.0)
    assert group.fleet.minute() is None


def test_overload_that_fails_all_checks_makes_all_unhealthy_and_they_recover_when_it_is_over():
    group = Group(live=True, instances=12, health_check="EC2")
    group.fleet.failing(1.0)
    assert 0.5 <= group.when(lambda: group.fleet.healthy == 0) <= 1.0
    assert group.fleet.answering == 12, "fail-open"
    group.fleet.failing(0.0)
    assert 2.0 <= group.when(lambda: group.fleet.healthy == 12) <= 2.5


def test_checks_that_fail_by_chance_bring_machines_down_as_often_as_two_in_a_row_come():
    """Two failures of chance p in a row take (1 + p) / p^2 checks on average."""
    group = Group(live=True, instances=400, maximum=400, health_check="EC2", check_every="10s", passes=10_000)
    group.fleet.failing(0.3)
    fell = {}
    while len(fell) < 400:
        group.run(seconds=10)
        for i in group.fleet.instances:
            if i.health is Health.UNHEALTHY:
                fell.setdefault(i.id, group.env.now / 10_000)
    assert np.mean(list(fell.values())) == pytest.approx(1.3 / 0.09, rel=0.1)


def test_a_little_overload_and_none_again_leaves_closed_forms_exact():
    group = Group(live=True, instances=6, health_check="EC2")
    for chance in (1e-12, 0.0):
        group.fleet.failing(chance)
        group.run(5)
    group.lose("a")
    assert 0.5 <= group.when(lambda: group.fleet.healthy == 4) <= 1.0


def test_machine_ids_are_the_same_in_every_run_and_differ_between_slots():
    ids = [i.id for i in Group(live=True).fleet.instances]
    assert ids == [i.id for i in Group(seed=9, live=True).fleet.instances]
    assert all(len(name) == 19 for name in ids)


def test_the_same_seed_gives_the_same_lives():
    def lives(seed):
        group = Group(seed=seed)
        group.fleet.create(20, 0, 20)
        group.run(10, crash_every=timedelta(minutes=5))
        return [(i.id, i.entered, i.serving_since, i.health) for i in group.fleet.instances]

    assert lives(3) == lives(3) != lives(4)


def test_the_cost_of_a_machines_life_does_not_grow_with_the_number_of_machines():
    """Events in the environment, and lines of work: a thousand machines cost ten times as much as a hundred."""

    def events(machines):
        group = Group(autoscaling=False)
        group.fleet.create(machines, 0, machines)
        group.run(10)
        group.fleet.want(0)
        group.run(10)
        assert counts(group.fleet) == recount(group.fleet)
        return next(group.env._eid)

    small, large = events(100), events(1000)
    assert large / small == pytest.approx(10, rel=0.1)
    assert small / 100 < 10
