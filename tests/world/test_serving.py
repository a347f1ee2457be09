"""Servers, software and sizes of machines: what becomes of the requests that reach them."""

from datetime import timedelta
from math import exp

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bluegreen.model import Slot
from sim.balancer import Balancer, BalancerSpec
from sim.fleet import Fleet
from sim.fleets.spec import FleetSpec
from sim.place import Place
from sim.queueing import erlang_c, mean_wait, quantiles
from sim.servers import COLLAPSED, Servers, ServerSpec

from .conftest import run
from .fake_fleet import place

SPEC = ServerSpec()  # 200 requests/s a machine


# -- servers


def test_throughput_rises_to_capacity_and_then_stays_flat():
    loads = np.arange(100, 4001, 100)
    served = []
    for load in loads:
        there = place(10)
        there.serve(60 * load, 60.0, 1.0)  # the queue is full by then, if it ever is
        served.append(there.serve(60 * load, 60.0, 1.0).answered / 60)
    assert served == pytest.approx(np.minimum(loads, 2000))


def test_latency_never_falls_as_the_load_rises():
    done = [place(10).serve(60 * load, 60.0, 1.0) for load in range(0, 4001, 20)]
    for percentile in range(5):
        assert min(np.diff([each.latency[percentile] for each in done])) > -1e-6
    assert min(np.diff([each.slow / max(1, each.answered) for each in done])) > -1e-9


@pytest.mark.parametrize("utilisation", [0.1, 0.5, 0.8, 0.95])
def test_the_steady_range_is_exactly_erlang(utilisation):
    load, slow = 10 * utilisation, 0.1
    late, latency = Servers(SPEC).steady(utilisation, 0.05, slow)
    assert latency[4] == pytest.approx(0.05 * (1 + mean_wait(10, load)), rel=2e-3)
    assert latency[:4] == pytest.approx(0.05 * quantiles(10, np.array([load]))[0], rel=2e-3)
    waits, slack, t = erlang_c(10, load), 10 - load, slow / 0.05
    exact = exp(-t) + waits * ((slack * exp(-t) - exp(-slack * t)) / (slack - 1) - exp(-t))
    assert late == pytest.approx(exact, rel=5e-3)


@settings(max_examples=60, deadline=None)
@given(utilisation=st.floats(0, 0.99), slow=st.floats(0.001, 5), varies=st.sampled_from([1.0, 0.0, 0.5, 4.0]))
def test_the_share_that_is_late_is_a_share(utilisation, slow, varies):
    late, latency = Servers(ServerSpec(service_varies=varies)).steady(utilisation, 0.05, slow)
    assert -1e-9 <= late <= 1 + 1e-9
    assert list(latency[:4]) == sorted(latency[:4])


def test_an_idle_machine_takes_its_service_time_and_an_overloaded_one_its_queue_more():
    there = place(10)
    idle = there.serve(0, 60.0, 1.0).latency
    there.serve(60 * 9000, 60.0, 1.0)
    full = there.serve(60 * 9000, 60.0, 1.0).latency
    assert idle[4] == pytest.approx(0.05)
    assert full[4] == pytest.approx(2.05)
    assert idle[0] < idle[1] < idle[2] < idle[3]


def test_service_times_that_are_all_alike_have_no_tail_of_their_own():
    late, latency = Servers(ServerSpec(service_varies=0.0)).steady(0.01, 0.05, 0.051)
    assert latency == pytest.approx([0.05] * 5, rel=0.01)
    assert late < 0.01 < Servers(SPEC).steady(0.01, 0.05, 0.051)[0]


def test_a_slow_release_is_slower_and_carries_less():
    slow = place(10)
    slow.release.latency_factor = 4
    light = slow.serve(6000, 60.0, 1.0)
    assert light.latency[4] == pytest.approx(4 * place(10).serve(6000, 60.0, 1.0).latency[4], rel=0.01)
    slow.serve(60_000, 60.0, 1.0)
    done = slow.serve(60_000, 60.0, 1.0)
    assert done.utilisation == pytest.approx(2.0)
    assert done.shed == pytest.approx(30_000, abs=1)


def test_a_release_that_collapses_is_fine_below_its_limit_and_fails_above():
    there = place(10)
    there.release.collapse_above = 0.6
    assert there.serve(60 * 1199, 60.0, 1.0).failed == 0
    assert there.serve(60 * 1201, 60.0, 1.0).failed == pytest.approx(60 * 1201 * COLLAPSED, rel=0.02)
    shared = place(100)
    shared.release.collapse_at = 600
    assert shared.serve(60 * 599, 60.0, 1.0).failed == 0
    assert shared.serve(60 * 601, 60.0, 1.0).failed == pytest.approx(60 * 601 * COLLAPSED, rel=0.02)


# -- sizes


def test_twenty_small_against_ten_large_machines():
    """The same capacity in all: Erlang's numbers of 5 and of 10 workers a machine, what the loss of one takes, and
    what an hour costs."""
    large = FleetSpec(capacity=200, workers=10, price=0.2)
    small = large.sized(0.5)
    assert (small.capacity, small.parallel, small.price, small.service_s) == (100, 5, 0.1, 0.05)
    places = {
        count: place(count, **spec.model_dump(include={"capacity", "workers", "price"}))
        for count, spec in ((20, small), (10, large))
    }
    for utilisation in (0.5, 0.8, 0.9):
        few, many = (places[count].serve(round(60 * 2000 * utilisation), 60.0, 1.0) for count in (10, 20))
        assert few.utilisation == many.utilisation == pytest.approx(utilisation)
        for done, workers in ((few, 10), (many, 5)):
            exact = quantiles(workers, np.array([workers * utilisation]))[0]
            assert done.latency[:4] == pytest.approx(0.05 * exact, rel=3e-3)
            mean = 0.05 * (1 + mean_wait(workers, workers * utilisation))
            assert done.latency[4] == pytest.approx(mean, rel=3e-3)
        assert many.latency[3] > few.latency[3], "small ones wait longer at the same utilisation"
    for count, there in places.items():
        there.fleet.set(count - 1)
        assert there.serve(60 * 1850, 60.0, 1.0).utilisation == pytest.approx(1850 / (2000 * (1 - 1 / count)), rel=0.01)
        there.fleet.set(count)
        there.machine_seconds = 0.0
        there.pass_time(3600.0)
        assert there.cost == pytest.approx(2.0), "ten or twenty, an hour costs the same"
    waits = {}
    for count, there in places.items():
        there.serve(0, 60.0, 1.0)
        there.fleet.set(count - 1)
        waits[count] = there.serve(60 * 1850, 60.0, 1.0)
    assert waits[20].waiting == 0 < waits[10].waiting, "one of ten is more than these could lose, one of twenty not"


def test_a_size_that_has_no_whole_workers_is_refused_and_so_are_three_of_two_numbers():
    with pytest.raises(ValueError, match="not a whole number"):
        ServerSpec(capacity=100).sized(0.5)
    with pytest.raises(ValidationError, match="two are enough"):
        ServerSpec(workers=4, service="50ms")


def test_machine_hours_are_counted_and_cost_nothing_without_a_price():
    there = place(4)
    for _ in range(30):
        there.pass_time(60.0)
    assert (there.machine_seconds, there.cost) == (7200, None)


# -- places


@settings(max_examples=60, deadline=None)
@given(
    requests=st.integers(0, 10**6),
    error_rate=st.sampled_from([0.0, 0.01, 0.3, 1.0]),
    dead=st.integers(0, 10),
    warm=st.sampled_from([1000.0, 200_000.0]),
)
def test_every_request_is_counted_once(requests, error_rate, dead, warm):
    there = place(10 - dead, rate=warm, balancer={"cold": 500})
    there.fleet.set(10 - dead, 10)
    there.release.error_rate = error_rate
    done = there.serve(requests, 5.0, 1.0)
    parts = (done.unreachable, done.rejected, done.dead, done.shed, done.failed, done.answered)
    assert all(part >= 0 for part in parts)
    assert sum(parts) == done.requests == requests - done.waiting
    assert done.slow <= done.answered


def test_requests_to_machines_that_do_not_answer_fail_until_the_balancer_knows():
    there = place(9)
    there.fleet.set(6, 9)
    done = there.serve(9000, 60.0, 1.0)
    assert done.dead == done.elb_502 == pytest.approx(3000, rel=0.1)
    there.fleet.set(6)
    assert there.serve(9000, 60.0, 1.0).dead == 0


def test_a_balancer_without_machines_answers_503_and_a_place_without_balancer_nothing():
    empty = place(1)
    empty.fleet.set(0)
    done = empty.serve(100, 5.0, 1.0)
    assert (done.rejected, done.elb_5xx, done.routed) == (100, 100, 0)
    empty.balancer.remove()
    assert empty.serve(100, 5.0, 1.0).unreachable == 100


def test_without_a_working_machine_nothing_is_answered_and_what_waited_is_lost():
    there = place(1, queue="60s")
    there.serve(3000, 10.0, 1.0)
    there.fleet.set(0, 1)
    done = there.serve(10, 1.0, 1.0)
    assert (done.dead, done.waiting) == (1010, 0)


def test_a_bad_release_fails_its_share_of_the_requests():
    there = place()
    there.release.error_rate = 0.3
    assert there.serve(5000, 5.0, 1.0).failed == pytest.approx(1500, rel=0.1)


def test_a_leak_eats_capacity_by_the_hour_and_is_gone_with_the_fleet():
    there = place(10)
    there.release.leak_per_hour = 0.3
    for _ in range(120):
        there.pass_time(60.0)
    assert there.capacity == pytest.approx(2000 * 0.4)
    there.serve(15_000, 10.0, 1.0)
    assert there.serve(15_000, 10.0, 1.0).shed == pytest.approx(7000, rel=0.01), "asked for 1500, it has 800 a second"
    there.fleet.exists = False
    there.pass_time(60.0)
    assert there.leaked == 0


def test_a_place_is_healthy_with_as_many_targets_as_its_group_demands():
    there = place(3, balancer={"minimum_healthy": 3})
    assert there.healthy
    there.fleet.set(2)
    assert not there.healthy


def test_whether_an_empty_group_beside_good_ones_fails_a_balancer_is_as_the_scenario_says():
    assert place(3, balancer={"empty_groups": 1}).healthy
    assert not place(3, balancer={"empty_groups": 1, "empty_group_fails": True}).healthy
    assert place(3, balancer={"empty_group_fails": True}).healthy


def test_the_fleet_hears_how_busy_it_was_over_the_whole_stretch():
    there = place(10, impatience={"retries": "100%", "backoff": "1s"})
    there.release.error_rate = 0.5
    there.serve(60_000, 60.0, 1.0)
    ((busy, length),) = there.fleet.busy
    assert length == 60 and 0.5 < busy < 1


# -- with a real fleet


def test_machines_of_a_lost_zone_answer_nothing_until_their_checks_have_failed():
    env, down = simpy.Environment(), set()
    fleet = Fleet(
        Slot.BLUE,
        FleetSpec(instances=9, minimum=0, health_check="EC2"),
        env=env,
        rng=np.random.default_rng(1),
        zones_down=down,
        record=lambda effect: None,
        settle=lambda: None,
    )
    balancer = Balancer(BalancerSpec.model_validate({"nodes": {"fall_back": "100%"}}), env)
    balancer.serve_already(2000)
    fleet.serve_already()
    there = Place(Slot.BLUE, fleet, balancer, np.random.default_rng(2))
    down.add("a")
    fleet.zones_changed()
    balancer.zones_changed(down)
    done = there.serve(9000, 5.0, 1.0)
    assert done.dead == done.timed_out == pytest.approx(3000, rel=0.1), "into a lost zone no connection comes about"
    env.run(until=65_000)
    assert there.serve(9000, 5.0, 1.0).dead == 0


# -- in a world


def switch(world):
    world.dns.change({Slot.BLUE: 0, Slot.GREEN: 100})


def refused(world):
    """Requests to green that its balancer refused."""
    series = world.metrics.series(Slot.GREEN, "elb_5xx", world.clock.now() - timedelta(hours=3), world.clock.now())
    return sum(value for _, value in series)


def errors(world, slot):
    """Errors a second in the newest sample."""
    return world.samples[-1].line()["errors"][str(slot)]


def test_all_at_once_to_a_cold_balancer_gives_503s(make_world):
    world = make_world(green=10, balancer={"cold": 500.0})
    switch(world)
    run(world, minutes=30)
    assert refused(world) > 10_000
    assert errors(world, Slot.GREEN) == 0, "it has grown in the end"


def test_all_at_once_to_a_warm_balancer_gives_none(make_world):
    world = make_world(green=10, balancer={"cold": 500.0})
    world.places[Slot.GREEN].balancer.prewarm(1200)
    switch(world)
    run(world, minutes=30)
    assert refused(world) == 0


def test_ten_steps_to_a_cold_balancer_give_none(make_world):
    world = make_world(green=10, balancer={"cold": 500.0})
    for there in world.places.values():
        there.fleet.minimum = 10
    for step in range(1, 11):
        world.dns.change({Slot.BLUE: 100 - 10 * step, Slot.GREEN: 10 * step})
        run(world, minutes=5)
    assert refused(world) == 0
    assert sum(sum(sample.line()["errors"].values()) for sample in world.samples) == 0


def test_clients_who_still_go_to_a_removed_slot_fail(make_world):
    world = make_world(green=10, clients={"never": "5%"}, balancer={"cold": 5000.0})
    switch(world)
    run(world, hours=2)
    blue = world.places[Slot.BLUE]
    world.settle()
    blue.fleet.remove()
    blue.balancer.remove()
    world.dns.change({Slot.GREEN: 100})
    run(world, minutes=5)
    assert errors(world, Slot.BLUE) == pytest.approx(50, rel=0.2)
