"""Both slots behind one balancer: warm for both together, lost to both, and who decides where a request goes."""

from datetime import timedelta

import pytest

from bluegreen.model import Slot
from bluegreen.plan import Plan
from sim.effects import WeightsChanged
from sim.world import World
from sim.worldspec import WorldSpec

from .conftest import PLAN as CONTENT

BLUE, GREEN = Slot.BLUE, Slot.GREEN


def a_world(traffic, **spec):
    """Running, with both slots' machines healthy."""
    strategy = {"kind": "all_at_once", "hold": "20m"}
    plan = Plan.model_validate({**CONTENT, "strategy": strategy, "traffic": traffic})
    world = World(WorldSpec.model_validate(spec), plan, 1)
    world.start()
    if world.shared is None:
        world.places[GREEN].balancer.create()
    world.places[GREEN].fleet.create(10, 10, 40)
    world.clock.sleep(timedelta(minutes=20))
    return world


def wait(world, **length):
    world.clock.sleep(timedelta(**length))
    world.settle()


def test_a_balancer_that_is_cold_for_both_refuses_requests_to_both_alike():
    world = a_world({"kind": "target_groups"}, demand={"rate": 1000}, balancer={"cold": 500, "headroom": 1.0})
    world.dns.change({BLUE: 50, GREEN: 50})
    wait(world, minutes=1)
    world.shared.warm, world.demand.factor = 500.0, 1.0
    before = len(world.samples)
    wait(world, seconds=59)
    wait(world, minutes=1)
    refused = {slot: sum(sample.slots[slot].errors for sample in world.samples[before:]) for slot in Slot}
    assert min(refused.values()) > 1000
    assert refused[BLUE] == pytest.approx(refused[GREEN], rel=0.1)


def test_users_follow_a_listener_at_the_next_request_and_no_cache_is_stale():
    world = a_world({"kind": "target_groups"})
    world.dns.change({BLUE: 0, GREEN: 100})
    wait(world, seconds=20)
    assert world.clients.share() == {BLUE: 0, GREEN: 1}
    assert (world.clients.stale(), world.clients.unresolved, world.clients.moving) == (0, 0, False)


def test_a_cookie_keeps_users_for_its_length_and_no_longer():
    world = a_world({"kind": "target_groups", "stickiness": "10m"})
    world.dns.change({BLUE: 100, GREEN: 0}, sticky=True)
    wait(world, minutes=1)
    world.dns.change({BLUE: 0, GREEN: 100})
    wait(world, minutes=5, seconds=5)
    assert world.clients.share()[BLUE] == pytest.approx(0.5, abs=0.02)
    wait(world, minutes=5, seconds=10)
    assert world.clients.share()[BLUE] == 0


def test_a_listener_that_no_longer_minds_cookies_lets_users_go_at_once():
    world = a_world({"kind": "target_groups", "stickiness": "10m"})
    world.dns.change({BLUE: 50, GREEN: 50}, sticky=True)
    wait(world, minutes=20)
    assert world.clients.share()[GREEN] == pytest.approx(0.5, abs=0.02)
    world.dns.change({BLUE: 100, GREEN: 0}, sticky=False)
    wait(world, seconds=10)
    assert world.clients.share() == {BLUE: 1, GREEN: 0}


def test_users_without_a_cookie_are_moved_by_the_first_weights_and_held_by_the_next():
    world = a_world({"kind": "target_groups", "stickiness": "10m"})
    world.dns.change({BLUE: 90, GREEN: 10}, sticky=True)
    wait(world, seconds=10)
    assert world.clients.share()[GREEN] == pytest.approx(0.1, abs=0.02)
    world.dns.change({BLUE: 0, GREEN: 100})
    wait(world, minutes=5)
    assert world.clients.share()[GREEN] == pytest.approx(0.55, abs=0.03)


def test_a_cookie_for_a_target_group_that_the_rule_names_no_more_holds_nobody():
    world = a_world({"kind": "target_groups", "stickiness": "10m"})
    world.dns.change({BLUE: 50, GREEN: 50}, sticky=True)
    wait(world, minutes=20)
    world.dns.change({GREEN: 100})
    wait(world, seconds=10)
    assert world.clients.share() == {BLUE: 0, GREEN: 1}


def test_where_answers_renew_cookies_users_stay_as_long_as_they_are_busy():
    world = a_world({"kind": "target_groups", "stickiness": "4m"}, listener={"visit": "30m"})
    world.dns.change({BLUE: 100, GREEN: 0}, sticky=True)
    wait(world, minutes=1)
    world.dns.change({BLUE: 0, GREEN: 100})
    wait(world, minutes=30)
    assert world.clients.share()[BLUE] == pytest.approx(0.37, abs=0.03)  # 1/e are busy for longer than the mean


def test_nobody_is_sent_around_a_target_group_whose_machines_are_dead():
    world = a_world({"kind": "target_groups"})
    world.dns.change({BLUE: 50, GREEN: 50})
    world.places[GREEN].fleet.remove()
    wait(world, minutes=5)
    assert world.dns.answers() == {BLUE: 0.5, GREEN: 0.5}


def test_the_share_of_attached_groups_is_that_of_their_healthy_machines():
    world = a_world({"kind": "group_swap"})
    world.dns.change({BLUE: 1, GREEN: 1})
    assert world.dns.answers()[GREEN] == 0, "its first check is not over"
    wait(world, minutes=1)
    assert world.dns.answers()[GREEN] == 0.5
    world.places[BLUE].fleet.want(30, by="operator")
    wait(world, minutes=10)
    assert world.dns.answers()[GREEN] == 10 / 40


def test_a_change_to_what_stands_is_no_change():
    world = a_world({"kind": "target_groups"})
    world.effects.clear()
    change = world.dns.change({BLUE: 100})
    assert not [effect for effect in world.effects if isinstance(effect, WeightsChanged)]
    assert world.dns.status(change) == "PENDING"
    wait(world, seconds=10)
    assert world.dns.status(change) == "INSYNC"


def test_a_lost_zone_strands_the_users_of_one_balancer_once():
    def stranded(traffic):
        world = a_world(traffic, demand={"rate": 300})
        world.dns.change({BLUE: 50, GREEN: 50})
        wait(world, minutes=10)
        before = len(world.samples)
        world.lose_zone("a")
        wait(world, minutes=5)
        return sum(sample.slots[slot].errors for sample in world.samples[before:] for slot in Slot)

    alone, together = stranded({"kind": "route53"}), stranded({"kind": "target_groups"})
    assert together == pytest.approx(alone, rel=0.15)


def test_a_group_that_is_detached_gets_no_new_requests_however_slow_changes_are():
    world = a_world({"kind": "group_swap"})
    world.dns.change({BLUE: 1, GREEN: 1})
    wait(world, minutes=1)
    world.dns.delay_factor = 60
    world.dns.change({BLUE: 1, GREEN: 0})
    wait(world, seconds=6)
    assert world.dns.answers() == {BLUE: 1, GREEN: 0}
    world.dns.change({BLUE: 1, GREEN: 1})
    wait(world, minutes=30)
    assert world.dns.answers() == {BLUE: 1, GREEN: 0}, "those who come are late"
