"""Where machines come from: zones, failed launches, lifecycle hooks, the warm pool; and the history of it."""

import pytest

from sim.fleets.activities import Why
from sim.instance import State

from .groups import Group


def statuses(group, launches=True):
    return [a.status for a in group.fleet.activities if a.launches is launches]


# -- zones


def test_when_a_zone_is_back_machines_are_launched_there_first_and_then_others_go():
    group = Group(live=True, instances=12, health_check="EC2", drain="0s", shutdown="1s")
    group.lose("c")
    group.run(30)
    assert group.zones() == {"a": 6, "b": 6, "c": 0}
    group.regain("c")
    fewest = 99
    while group.zones() != {"a": 4, "b": 4, "c": 4}:
        group.run(seconds=5)
        fewest = min(fewest, group.fleet.in_service)
        assert group.minutes < 60
    assert fewest == 12, "launch first, then terminate"
    assert {a.why for a in group.fleet.activities[-8:]} == {Why.ZONES}


def test_balancing_exceeds_the_maximum_by_a_tenth_at_most():
    group = Group(live=True, instances=30, minimum=30, maximum=30, health_check="EC2", drain="0s", shutdown="1s")
    group.lose("c")
    group.run(40)
    group.regain("c")
    most = 0
    for _ in range(120):
        group.run(seconds=10)
        most = max(most, group.fleet.active)
    assert most == 33
    assert group.zones() == {"a": 10, "b": 10, "c": 10}


def test_without_az_rebalance_zones_stay_uneven_until_it_is_resumed():
    group = Group(live=True, instances=12, health_check="EC2")
    group.fleet.suspend(["AZRebalance"])
    group.lose("c")
    group.run(30)
    group.regain("c")
    group.run(30)
    assert group.zones()["c"] == 0
    group.fleet.resume(["AZRebalance"])
    group.run(15)
    assert group.zones() == {"a": 4, "b": 4, "c": 4}


def test_a_machine_on_its_way_into_a_zone_that_is_lost_is_launched_elsewhere():
    group = Group(spread=0.0)
    group.fleet.create(3, 0, 3)
    group.lose("a")
    group.run(6)
    assert group.fleet.healthy == 3
    assert group.zones()["a"] == 0
    assert "Failed" in statuses(group)


def test_with_all_zones_lost_nothing_is_launched_until_one_is_back():
    group = Group()
    group.lose("a", "b", "c")
    group.fleet.create(3, 0, 3)
    group.run(20)
    assert group.fleet.active == 0
    group.regain("b")
    group.run(6)
    assert (group.fleet.healthy, group.zones()) == (3, {"a": 0, "b": 3, "c": 0})


# -- launches that fail


def test_a_zone_without_capacity_is_passed_over_and_told_of_and_used_again_when_it_has_some():
    group = Group()
    group.fleet.capacity_short.add("b")
    group.fleet.create(6, 0, 9)
    assert group.zones() == {"a": 3, "b": 0, "c": 3}
    [failed] = [a for a in group.fleet.activities if a.status == "Failed"]
    assert "sufficient capacity in the Availability Zone" in failed.message
    group.run(10)
    group.fleet.capacity_short.clear()
    group.run(15)
    assert group.zones() == {"a": 2, "b": 2, "c": 2}


def test_without_capacity_anywhere_the_group_keeps_trying():
    group = Group(retry="60s")
    group.fleet.capacity_short |= {"a", "b", "c"}
    group.fleet.create(4, 0, 4)
    group.run(10)
    assert group.fleet.active == 0
    assert len(statuses(group)) == pytest.approx(33, abs=3), "three zones, once a minute"
    group.fleet.capacity_short.clear()
    group.run(6)
    assert group.fleet.healthy == 4


def test_launches_that_fail_by_chance_are_tried_again_after_a_while():
    group = Group(launch_failure="50%", retry="60s")
    group.fleet.create(40, 0, 40)
    assert 10 < group.fleet.active < 30
    group.run(15)
    assert group.fleet.healthy == 40
    failed = statuses(group).count("Failed")
    assert failed == pytest.approx(40, rel=0.4), "as many as succeed, at 50 %"


# -- hooks


def test_a_hook_keeps_a_machine_out_of_service_until_it_answers():
    """Guide, health checks: with a hook machines are ready before they are in service, and need no grace."""
    group = Group(spread=0.0, hooks=[{"name": "ready"}], grace="0s")
    group.fleet.create(3, 0, 3)
    group.run(2)
    assert {i.lifecycle for i in group.fleet.instances} == {"Pending:Wait"}
    assert (group.fleet.in_service, group.fleet.pending) == (0, 3)
    group.run(0.6)
    assert (group.fleet.in_service, group.fleet.unhealthy) == (3, 0)
    assert [a.status for a in group.fleet.activities] == ["Successful"] * 3


def test_a_machine_whose_hook_nobody_completes_is_abandoned_after_the_heartbeat_and_another_one_tried():
    group = Group(boot_failure="100%", spread=0.0, hooks=[{"name": "ready", "heartbeat": "5m"}])
    group.fleet.create(1, 0, 1)
    [first] = group.fleet.instances
    group.run(5.5)
    assert first.waiting
    group.run(0.2)
    assert first.state is State.TERMINATING
    assert statuses(group) == ["Cancelled", "InProgress"]
    group.fleet.boot_failure = 0.0
    group.run(10)
    assert group.fleet.healthy == 1


def test_with_continue_the_machine_comes_in_service_after_the_heartbeat_all_the_same():
    group = Group(boot_failure="100%", spread=0.0, hooks=[{"heartbeat": "5m", "result": "CONTINUE"}])
    group.fleet.create(1, 0, 1)
    group.run(5.7)
    assert group.fleet.in_service == 1


def test_a_recorded_heartbeat_begins_anew():
    group = Group(boot_failure="100%", spread=0.0, hooks=[{"name": "ready", "heartbeat": "5m"}])
    group.fleet.create(1, 0, 1)
    [first] = group.fleet.instances
    group.run(4)
    group.fleet.heartbeat(first, "ready")
    group.run(4.9)
    assert first.waiting
    group.run(0.2)
    assert not first.active


def test_heartbeats_cannot_keep_a_machine_for_longer_than_a_hundred_of_them():
    """D-8: 30 s a heartbeat, 50 minutes in all."""
    group = Group(boot_failure="100%", spread=0.0, hooks=[{"name": "ready", "heartbeat": "30s"}])
    group.fleet.create(1, 0, 1)
    [first] = group.fleet.instances
    group.run(seconds=36)
    for _ in range(200):
        if first.waiting:
            group.fleet.heartbeat(first, "ready")
            group.run(seconds=20)
    assert first.terminated / 1000 == 35 + 3000


def test_two_hooks_must_both_be_completed():
    hooks = [{"name": "one", "completes": "1m"}, {"name": "two", "completes": "3m"}]
    group = Group(spread=0.0, hooks=hooks)
    group.fleet.create(1, 0, 1)
    group.run(3.5)
    assert group.fleet.in_service == 0
    group.run(0.1)
    assert group.fleet.in_service == 1


def test_a_terminating_hook_keeps_the_machine_after_its_drain():
    group = Group(live=True, instances=4, hooks=[{"name": "bye", "transition": "terminating", "completes": "10m"}])
    group.fleet.want(3)
    group.run(15)
    assert [i.lifecycle for i in group.fleet.instances].count("Terminating:Wait") == 1
    group.run(1)
    assert len(group.fleet.instances) == 3


# -- the warm pool


def test_from_the_pool_a_machine_serves_after_36_seconds_on_average_and_cold_after_123():
    pooled, cold = Group(live=True, instances=1, maximum=301, warm_pool={}), Group(live=True, instances=1, maximum=301)
    for group, mean in ((pooled, 36), (cold, 123)):
        group.run(10)
        start = group.env.now
        group.fleet.want(301)
        group.run(10)
        waits = [(i.serving_since - start) / 1000 for i in group.fleet.instances[1:]]
        assert sum(waits) / 300 == pytest.approx(mean, rel=0.04)


def test_the_pool_is_filled_again_and_shrinks_as_the_group_grows():
    group = Group(live=True, instances=6, maximum=10, warm_pool={})
    assert len(group.fleet.pool) == 4
    group.run(10)
    group.fleet.want(8)
    assert (len(group.fleet.pool), group.fleet.active) == (2, 8)
    group.run(2)
    group.fleet.want(7)
    assert len(group.fleet.pool) == 3
    group.fleet.keep_warm(None)
    assert not group.fleet.pool


def test_the_pool_gives_its_machines_to_the_zones_that_need_them_and_none_to_a_lost_one():
    def zones(lost):
        group = Group(live=True, instances=3, maximum=9, warm_pool={}, health_check="EC2", status_check="1h")
        group.run(10)
        for zone in lost:
            group.lose(zone)
        group.fleet.want(9)
        group.run(2)
        return group.zones()

    assert zones("") == {"a": 3, "b": 3, "c": 3}
    assert zones("a")["a"] == 1


def test_an_empty_pool_means_a_cold_start():
    group = Group(live=True, instances=6, maximum=10, warm_pool={}, spread=0.0)
    group.fleet.want(7)  # nothing in the pool is ready yet
    group.run(1.5)
    assert group.fleet.answering == 6
    group.run(0.7)
    assert group.fleet.in_service == 7


# -- suspended processes


def test_without_launch_the_group_does_not_grow_and_grows_when_it_is_resumed():
    group = Group(live=True, instances=4)
    group.fleet.suspend(["Launch"])
    group.fleet.want(6)
    group.run(10)
    assert (group.fleet.desired, group.fleet.active) == (6, 4)
    group.fleet.resume(["Launch"])
    group.run(6)
    assert group.fleet.healthy == 6


def test_without_terminate_the_group_neither_shrinks_nor_replaces():
    group = Group(live=True, instances=6)
    group.fleet.suspend(["Terminate"])
    group.fleet.want(4)
    group.lose("a")
    group.run(10)
    assert group.fleet.active == 6
    group.fleet.resume(["Terminate"])
    group.run(10)
    assert (group.fleet.active, group.zones()["a"]) == (4, 0)


def test_without_launch_unhealthy_machines_are_terminated_but_not_replaced():
    group = Group(live=True, instances=9)
    group.fleet.suspend(["Launch"])
    group.lose("a")
    group.run(10)
    assert group.fleet.active == 8, "one at a time, and it waits for the successor"


def test_without_add_to_load_balancer_new_machines_stay_unknown_to_it_for_good():
    group = Group(live=True, instances=4)
    group.fleet.suspend(["AddToLoadBalancer"])
    group.fleet.want(6)
    group.run(6)
    assert (group.fleet.in_service, group.fleet.registered, group.fleet.healthy) == (6, 4, 4)
    group.fleet.resume(["AddToLoadBalancer"])
    group.run(6)
    assert group.fleet.registered == 4
    group.fleet.want(7)
    group.run(6)
    assert (group.fleet.registered, group.fleet.healthy) == (5, 5)


@pytest.mark.parametrize("process", ["HealthCheck", "ReplaceUnhealthy"])
def test_without_health_check_or_replacement_the_lost_stay_until_it_is_resumed(process):
    group = Group(live=True, instances=9)
    group.fleet.suspend([process])
    group.lose("a")
    group.run(10)
    assert group.zones()["a"] == 3
    assert sum(i.marked for i in group.fleet.instances) == (0 if process == "HealthCheck" else 3)
    group.fleet.resume([process])
    group.run(20)
    assert group.zones()["a"] == 0
    assert group.fleet.healthy == 9


def test_machines_that_die_for_good_are_noticed_by_their_balancer_or_else_by_ec2():
    for check in ("ELB", "EC2"):
        group = Group(live=True, instances=20, health_check=check)
        group.fleet.kill(group.fleet.instances[:2])
        assert group.fleet.answering == 18
        group.run(1)
        assert group.fleet.given_up + len(group.fleet.instances) - 20 == (2 if check == "ELB" else 0)
        group.run(20)
        assert (group.fleet.healthy, group.fleet.given_up) == (20, 0)


def test_causes_of_failing_checks_add_up_and_end_one_by_one():
    group = Group(live=True, instances=20, health_check="EC2", check_every="10s")
    group.fleet.failing(0.2, cause="fault")
    group.fleet.failing(1.0)
    group.run(1)
    assert group.fleet.healthy == 0
    group.fleet.failing(0.0)
    group.run(30)
    assert 0 < group.fleet.healthy < 20
    group.fleet.failing(0.0, cause="fault")
    group.run(2)
    assert group.fleet.healthy == 20


def test_a_machine_set_unhealthy_goes_at_once_whatever_the_others_do():
    group = Group(live=True, instances=9)
    for instance in group.fleet.instances[:4]:
        group.fleet.mark_unhealthy(instance)
    assert (group.fleet.in_service, group.fleet.pending) == (5, 4)


# -- scheduled actions


def test_a_scheduled_action_changes_bounds_and_size_at_its_time():
    action = {"name": "night", "at": "10m", "minimum": 1, "maximum": 6, "desired": 3}
    group = Group(live=True, instances=10, scheduled=[action])
    group.run(9.9)
    assert group.fleet.desired == 10
    group.run(0.2)
    assert (group.fleet.minimum, group.fleet.desired, group.fleet.maximum) == (1, 3, 6)
    assert [effect.by for effect in group.effects] == ["schedule"]


def test_a_scheduled_action_that_is_due_while_suspended_never_happens():
    group = Group(live=True, instances=10, scheduled=[{"at": "10m", "desired": 3}])
    group.fleet.suspend(["ScheduledActions"])
    group.run(20)
    group.fleet.resume(["ScheduledActions"])
    group.run(20)
    assert group.fleet.desired == 10


# -- history


def test_the_history_says_what_was_done_and_why():
    group = Group(live=True, instances=3, minimum=1, drain="60s")
    group.fleet.want(4)
    assert statuses(group) == ["InProgress"]
    group.run(5)
    group.fleet.want(3)
    assert statuses(group, launches=False) == ["WaitingForELBConnectionDraining"]
    group.run(5)
    started, stopped = group.fleet.activities
    assert (started.status, stopped.status) == ("Successful", "Successful")
    assert "difference between desired and actual capacity, increasing the capacity from 3 to 4" in started.cause
    assert "shrinking the capacity from 4 to 3" in stopped.cause
    assert started.cause.startswith("At 2030-01-01T00:00:00Z")


def test_the_history_names_a_failed_health_check():
    group = Group(live=True, instances=3)
    group.lose("a")
    group.run(2)
    [stopped] = [a for a in group.fleet.activities if not a.launches]
    assert "ELB system health check failure" in stopped.cause
