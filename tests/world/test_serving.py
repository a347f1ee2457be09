"""Balancers, servers and software: what becomes of the requests."""

from datetime import timedelta

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from bluegreen.model import Slot
from sim.balancer import Balancer, BalancerSpec
from sim.fleet import Fleet, FleetSpec
from sim.place import Place
from sim.release import Release
from sim.servers import COLLAPSED, ServerSpec, answer

from .conftest import run

TICK = timedelta(seconds=5)
SPEC = ServerSpec()  # 200 requests/s a machine


def place(instances=10, rate=1000.0, **spec):
    """A place that serves already, outside of any world."""
    env = simpy.Environment()
    spec = FleetSpec.model_validate({"instances": instances, "maximum": 100, "minimum": 0, **spec})
    fleet = Fleet(Slot.BLUE, spec, env=env, rng=np.random.default_rng(1), zones_down=set())
    balancer = Balancer(BalancerSpec(cold=500.0), env)
    balancer.serve_already(rate)
    fleet.serve_already()
    return Place(Slot.BLUE, fleet, balancer, np.random.default_rng(2))


# -- servers


def test_throughput_rises_to_capacity_and_then_stays_flat():
    loads = np.arange(100, 4001, 100)
    served = [load * (1 - answer(SPEC, Release(), 10, load, 1.0).shed) for load in loads]
    assert served == pytest.approx(np.minimum(loads, 2000))


def test_latency_never_falls_as_the_load_rises():
    done = [answer(SPEC, Release(), 10, load, 1.0) for load in range(0, 4001, 20)]
    for percentile in range(5):
        times = [answered.latency[percentile] for answered in done]
        assert min(np.diff(times)) > -1e-6
    assert min(np.diff([answered.slow for answered in done])) > -1e-9


def test_an_idle_machine_takes_its_service_time_and_an_overloaded_one_its_queue_more():
    idle, full = (answer(SPEC, Release(), 10, load, 1.0).latency for load in (0, 9000))
    assert idle[4] == pytest.approx(0.05)
    assert full[4] == pytest.approx(2.05)
    assert idle[0] < idle[1] < idle[2] < idle[3]


def test_a_slow_release_is_slower_and_carries_less():
    done = answer(SPEC, Release(latency_factor=4), 10, 1000, 1.0)
    assert done.utilisation == pytest.approx(2.0)
    assert done.shed == pytest.approx(0.5)
    light = answer(SPEC, Release(latency_factor=4), 10, 100, 1.0)
    assert light.latency[4] == pytest.approx(4 * answer(SPEC, Release(), 10, 100, 1.0).latency[4], rel=0.01)


def test_a_release_that_collapses_is_fine_below_its_limit_and_fails_above():
    release = Release(collapse_above=0.6)
    assert answer(SPEC, release, 10, 1199, 1.0).failed == 0
    assert answer(SPEC, release, 10, 1201, 1.0).failed == COLLAPSED
    shared = Release(collapse_at=600)
    assert answer(SPEC, shared, 100, 599, 1.0).failed == 0
    assert answer(SPEC, shared, 100, 601, 1.0).failed == COLLAPSED


def test_twenty_small_machines_wait_longer_than_ten_large_ones_at_the_same_utilisation():
    small, large = ServerSpec(capacity=100), ServerSpec(capacity=200)
    assert answer(small, Release(), 20, 1800, 1.0).latency[3] > answer(large, Release(), 10, 1800, 1.0).latency[3]


def test_without_machines_everything_is_refused():
    assert answer(SPEC, Release(), 0, 10, 1.0).shed == 1


# -- balancers


def test_a_cold_balancer_refuses_an_all_at_once_jump_until_it_has_grown():
    """The 50 % in 5 minutes rule: from 500 to 1000 requests/s takes 5 x ln 2 / ln 1.5 = 8.5 minutes."""
    balancer = Balancer(BalancerSpec(cold=500.0), simpy.Environment())
    balancer.create()
    admitted = [balancer.admit(1000, TICK) for _ in range(12 * 12)]
    assert admitted[0] == 0.5
    assert admitted == sorted(admitted)
    assert next(n for n, share in enumerate(admitted) if share == 1) / 12 == pytest.approx(8.55, abs=0.1)


def test_a_warm_balancer_takes_the_jump():
    balancer = Balancer(BalancerSpec(cold=500.0), simpy.Environment())
    balancer.create()
    balancer.prewarm(1000)
    assert all(balancer.admit(1000, TICK) == 1 for _ in range(100))


def test_a_cold_balancer_follows_steps_that_keep_to_the_rule():
    balancer = Balancer(BalancerSpec(cold=500.0), simpy.Environment())
    balancer.create()
    for step in range(1, 11):
        assert all(balancer.admit(100 * step, TICK) == 1 for _ in range(60))


def test_a_reservation_is_kept_without_load_and_other_warmth_is_lost_slowly():
    balancer = Balancer(BalancerSpec(cold=500.0), simpy.Environment())
    balancer.create()
    balancer.serve_already(2000)
    balancer.prewarm(800)
    for _ in range(12 * 60):
        balancer.admit(0, TICK)
    assert 2500 < balancer.warm < 3000, "an hour later it can still take its traffic back"
    for _ in range(12 * 60 * 72):
        balancer.admit(0, TICK)
    assert balancer.warm == pytest.approx(800, abs=1)


def test_a_balancer_is_active_some_time_after_it_was_asked_for():
    env = simpy.Environment()
    balancer = Balancer(BalancerSpec(cold=500.0), env)
    balancer.create()
    assert (balancer.exists, balancer.active) == (True, False)
    env.run(until=121_000)
    assert balancer.active


# -- places


@settings(max_examples=60, deadline=None)
@given(
    requests=st.integers(0, 10**6),
    error_rate=st.sampled_from([0.0, 0.01, 0.3, 1.0]),
    lost=st.sets(st.sampled_from("abc")),
    warm=st.sampled_from([1000.0, 200_000.0]),
)
def test_every_request_is_counted_once(requests, error_rate, lost, warm):
    there = place(rate=warm)
    there.fleet._zones_down |= lost
    there.fleet.zones_changed()
    there.release.error_rate = error_rate
    done = there.serve(requests, TICK, 1.0)
    parts = (done.unreachable, done.rejected, done.dead, done.shed, done.failed, done.answered)
    assert all(part >= 0 for part in parts)
    assert sum(parts) == done.requests == requests
    assert done.slow <= done.answered


def test_an_overloaded_fleet_sheds_what_it_cannot_serve():
    done = place(instances=10, rate=4000).serve(20_000, TICK, 1.0)
    assert done.shed == pytest.approx(10_000, rel=0.05)
    assert done.slow == pytest.approx(done.answered, rel=0.01), "and the others wait"


def test_requests_to_machines_of_a_lost_zone_fail_until_the_balancer_knows():
    there = place(instances=9, rate=2000)
    there.fleet._zones_down.add("a")
    there.fleet.zones_changed()
    assert there.serve(9000, TICK, 1.0).dead == pytest.approx(3000, rel=0.1)
    for _ in range(13):
        there.fleet._env.run(until=there.fleet._env.now + 5000)
    assert there.serve(9000, TICK, 1.0).dead == 0


def test_a_balancer_without_machines_answers_503_and_a_place_without_balancer_nothing():
    empty = place(instances=1)
    empty.fleet.want(0)
    done = empty.serve(100, TICK, 1.0)
    assert (done.rejected, done.routed) == (100, 0)
    empty.balancer.remove()
    assert empty.serve(100, TICK, 1.0).unreachable == 100


def test_a_bad_release_fails_its_share_of_the_requests():
    there = place()
    there.release.error_rate = 0.3
    assert there.serve(5000, TICK, 1.0).failed == pytest.approx(1500, rel=0.1)


def test_a_leak_eats_capacity_by_the_hour_and_is_gone_with_the_fleet():
    there = place(rate=2000)
    there.release.leak_per_hour = 0.3
    for _ in range(12 * 60 * 2):
        there.tick(TICK)
    assert there.capacity == pytest.approx(2000 * 0.4)
    assert there.serve(7500, TICK, 1.0).shed == pytest.approx(3500, rel=0.1), (
        "it was asked for 1500 and has 800 a second"
    )
    there.fleet.remove()
    there.fleet._env.run(until=120_000)
    there.tick(TICK)
    assert there.leaked == 0


# -- in a world


def switch(world):
    world.dns.change({Slot.BLUE: 0, Slot.GREEN: 100})


def refused(world):
    """Requests to green that its balancer refused."""
    series = world.metrics.series(Slot.GREEN, "elb_5xx", world.clock.now() - timedelta(hours=3), world.clock.now())
    return sum(value for _, value in series)


def test_all_at_once_to_a_cold_balancer_gives_503s(make_world):
    world = make_world(green=10, balancer={"cold": 500.0})
    switch(world)
    run(world, minutes=30)
    assert refused(world) > 10_000
    assert world.samples[-1]["errors"]["green"] == 0, "it has grown in the end"


def test_all_at_once_to_a_warm_balancer_gives_none(make_world):
    world = make_world(green=10, balancer={"cold": 500.0})
    world.places[Slot.GREEN].balancer.prewarm(1200)
    switch(world)
    run(world, minutes=30)
    assert refused(world) == 0


def test_ten_steps_to_a_cold_balancer_give_none(make_world):
    world = make_world(green=10, balancer={"cold": 500.0})
    for place in world.places.values():
        place.fleet.scale_in_held = True
    for step in range(1, 11):
        world.dns.change({Slot.BLUE: 100 - 10 * step, Slot.GREEN: 10 * step})
        run(world, minutes=5)
    assert refused(world) == 0
    assert sum(sum(sample["errors"].values()) for sample in world.samples) == 0


def test_clients_who_still_go_to_a_removed_slot_fail(make_world):
    world = make_world(green=10, clients={"never": "5%"}, balancer={"cold": 5000.0})
    switch(world)
    run(world, hours=2)
    blue = world.places[Slot.BLUE]
    blue.fleet.remove()
    blue.balancer.remove()
    world.dns.change({Slot.GREEN: 100})
    run(world, minutes=5)
    assert world.samples[-1]["errors"]["blue"] == pytest.approx(50, rel=0.2)
