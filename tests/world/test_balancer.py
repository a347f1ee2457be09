"""Balancers: how they grow, reserve, lose a node, queue, and take new targets in."""

from datetime import timedelta

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.balancer import Balancer, BalancerSpec
from sim.errors import AwsError
from sim.nodes import LostNodes, NodesSpec, target_shares
from sim.reservation import ReservationSpec, units_to_reserve
from sim.slowstart import check_duration, enters, weight

from .fake_fleet import place

MINUTE, HOUR = 60_000, 3_600_000


def cold(**spec):
    """A new balancer for 500 requests/s."""
    balancer = Balancer(BalancerSpec.model_validate({"cold": 500.0, **spec}), simpy.Environment())
    balancer.create()
    return balancer


# -- growth


def test_a_cold_balancer_refuses_an_all_at_once_jump_until_it_has_grown():
    """The 50 % in 5 minutes rule: from 500 to 1000 requests/s takes 5 x ln 2 / ln 1.5 = 8.5 minutes."""
    balancer = cold()
    admitted = [balancer.admit(1000, 5.0) for _ in range(12 * 12)]
    assert admitted[0] == pytest.approx(0.5, rel=0.01)
    assert admitted == sorted(admitted)
    assert next(n for n, share in enumerate(admitted) if share == 1) / 12 == pytest.approx(8.55, abs=0.1)


@settings(max_examples=100, deadline=None)
@given(
    stretches=st.lists(st.tuples(st.floats(0, 5000), st.sampled_from([1.0, 5.0, 60.0])), min_size=1, max_size=8),
    pieces=st.sampled_from([2, 12, 60]),
)
def test_growth_does_not_depend_on_how_time_is_cut(stretches, pieces):
    whole, cut = cold(), cold()
    for rate, length in stretches:
        admitted = whole.admit(rate, length)
        parts = [cut.admit(rate, length / pieces) for _ in range(pieces)]
        assert np.mean(parts) == pytest.approx(admitted, abs=1e-9)
        assert cut.warm == pytest.approx(whole.warm, rel=1e-9)


def test_a_warm_balancer_takes_the_jump():
    balancer = cold()
    balancer.prewarm(1000)
    assert all(balancer.admit(1000, 5.0) == 1 for _ in range(100))


def test_a_cold_balancer_follows_steps_that_keep_to_the_rule():
    balancer = cold()
    for step in range(1, 11):
        assert all(balancer.admit(100 * step, 5.0) == 1 for _ in range(60))


def test_warmth_without_load_is_lost_slowly_and_what_is_kept_ready_never():
    balancer = cold()
    balancer.serve_already(2000)
    balancer.prewarm(800)
    balancer.admit(0, 3600.0)
    assert 2500 < balancer.warm < 3000, "an hour later it can still take its traffic back"
    balancer.admit(0, 72 * 3600.0)
    assert balancer.warm == pytest.approx(800, abs=1)


def test_a_balancer_is_active_some_time_after_it_was_asked_for():
    env = simpy.Environment()
    balancer = Balancer(BalancerSpec(cold=500.0), env)
    balancer.create()
    assert (balancer.exists, balancer.active) == (True, False)
    env.run(until=121_000)
    assert balancer.active


def test_it_moves_while_it_refuses():
    balancer = cold()
    balancer.admit(700, 5.0)
    assert balancer.moving
    balancer.admit(700, 600.0)
    assert not balancer.moving


# -- capacity reservations


def reserving(**spec):
    env = simpy.Environment()
    settled = []
    balancer = Balancer(
        BalancerSpec.model_validate({"cold": 500.0, "reservation": {"quota": 1000, **spec}}),
        env,
        settle=lambda: settled.append(env.now),
    )
    balancer.create(setup=timedelta(0))
    return env, balancer, settled


def test_a_reservation_takes_minutes_and_then_carries_its_requests():
    env, balancer, settled = reserving()
    balancer.reservation.modify(200)
    env.run(until=5 * MINUTE)
    assert balancer.admit(5000, 1.0) < 0.2
    env.run(until=5 * MINUTE + 1)
    assert settled == [5 * MINUTE], "what came before is accounted for first"
    assert balancer.warm == 5000 and balancer.admit(5000, 600.0) == 1
    balancer.admit(0, 72 * 3600.0)
    assert balancer.warm == pytest.approx(5000, abs=1), "it is kept without load"
    balancer.reservation.modify(0)
    env.run(until=HOUR)
    balancer.admit(0, 72 * 3600.0)
    assert balancer.warm == pytest.approx(500, abs=2)


@pytest.mark.parametrize(
    ("spec", "units", "elsewhere", "code", "status"),
    [
        ({"quota": 0}, 100, 0, "CapacityUnitsLimitExceeded", 400),
        ({}, 600, 500, "CapacityUnitsLimitExceeded", 400),
        ({"quota": 50_000}, 15_001, 0, "CapacityUnitsLimitExceeded", 400),
        ({}, 99, 0, "InvalidConfigurationRequest", 400),
        ({"available": 150}, 200, 0, "InsufficientCapacity", 500),
    ],
)
def test_reservations_that_aws_refuses(spec, units, elsewhere, code, status):
    _, balancer, _ = reserving(**spec)
    with pytest.raises(AwsError) as error:
        balancer.reservation.modify(units, elsewhere)
    assert (error.value.code, error.value.status) == (code, status)
    assert balancer.reservation.units == 0


def test_the_real_default_is_that_nothing_can_be_reserved():
    assert ReservationSpec().quota == 0


def test_a_reservation_that_fails_leaves_what_was_and_may_be_asked_for_again():
    env, balancer, _ = reserving()
    reservation = balancer.reservation
    reservation.fails = True
    reservation.modify(200)
    env.run(until=HOUR)
    assert (reservation.state, reservation.effective, balancer.warm) == ("failed", 0, 500)
    reservation.fails = False
    reservation.modify(200)
    env.run(until=2 * HOUR)
    assert (reservation.state, reservation.effective) == ("provisioned", 200)


def test_a_lost_zone_makes_a_reservation_rebalance():
    env, balancer, _ = reserving()
    balancer.reservation.modify(200)
    env.run(until=HOUR)
    balancer.zones_changed({"a"})
    assert balancer.reservation.state == "rebalancing"
    with pytest.raises(AwsError, match="pending"):
        balancer.reservation.modify(300)
    env.run(until=2 * HOUR)
    assert (balancer.reservation.state, balancer.warm >= 5000) == ("provisioned", True)


def test_a_reservation_goes_with_its_balancer():
    env, balancer, _ = reserving()
    balancer.reservation.modify(200)
    balancer.remove()
    balancer.create()
    env.run(until=HOUR)
    assert (balancer.warm, balancer.reservation.units) == (500, 0)


def test_times_to_provision_are_drawn_around_their_mean():
    spec, taken = BalancerSpec.model_validate({"reservation": {"quota": 1000}}), []
    for seed in range(400):
        env = simpy.Environment()
        balancer = Balancer(spec, env, np.random.default_rng(seed))
        balancer.create()
        balancer.reservation.modify(200)
        env.run()
        taken.append(env.now / MINUTE)
    assert np.mean(taken) == pytest.approx(5, abs=4 * 5 * np.sqrt(np.expm1(0.25)) / 20)
    assert np.std(np.log(taken)) == pytest.approx(0.5, rel=0.15)


def test_a_reservation_is_advised_when_traffic_more_than_doubles_in_under_five_minutes():
    spec, soon = ReservationSpec(), timedelta(minutes=1)
    assert units_to_reserve(1000, 5000, soon, spec) == 200
    assert units_to_reserve(1000, 2000, soon, spec) is None
    assert units_to_reserve(1000, 5000, timedelta(minutes=5), spec) is None
    assert units_to_reserve(10, 100, soon, spec) == 100, "the least that can be reserved"


# -- nodes


def lost(ages, **spec):
    """The share that is lost at each of these seconds after the loss of one zone of three."""
    nodes = LostNodes(NodesSpec.model_validate(spec))
    nodes.zones_changed({"a"})
    shares, before = [], 0.0
    for age in ages:
        nodes.stranded(age - 0.0005 - before) if age - 0.0005 > before else None
        shares.append(nodes.stranded(0.001))
        before = age + 0.0005
    return shares, nodes


def test_clients_of_a_lost_node_fail_until_its_address_is_gone_from_dns_and_caches():
    shares, nodes = lost([1, 29, 60, 75, 91])
    assert shares == pytest.approx([1 / 3, 1 / 3, 1 / 6, 1 / 12, 0], abs=1e-4)
    assert not nodes.stranding
    assert lost([1], fall_back="75%")[0] == pytest.approx([1 / 12])


@settings(max_examples=50, deadline=None)
@given(cuts=st.lists(st.floats(0.1, 60), min_size=1, max_size=10))
def test_what_is_lost_with_a_node_does_not_depend_on_how_time_is_cut(cuts):
    whole, pieces = LostNodes(NodesSpec()), LostNodes(NodesSpec())
    for nodes in (whole, pieces):
        nodes.zones_changed({"b"})
    total = sum(cut * pieces.stranded(cut) for cut in cuts)
    assert total == pytest.approx(sum(cuts) * whole.stranded(sum(cuts)))
    assert total <= 20 + 1e-9, "a third of 30 s and of half of 60 s"


def test_a_lost_zone_takes_its_nodes_share_of_the_balancer_with_it():
    there = place(rate=3000, balancer={"cold": 3000})
    there.balancer.zones_changed({"a"})
    assert there.balancer.warm == pytest.approx(2000)
    done = there.serve(9000, 10.0, 1.0)
    assert done.unreachable == pytest.approx(3000, rel=0.1)
    assert there.moving
    there.serve(0, 100.0, 1.0)
    assert not there.moving
    assert there.serve(9000, 10.0, 1.0).unreachable == 0
    there.balancer.zones_changed(set())
    assert there.balancer.nodes.up == 3


def test_without_any_zone_nobody_gets_through_and_afterwards_everybody_does():
    there = place(rate=1000)
    there.balancer.zones_changed({"a", "b", "c"})
    for _ in range(5):
        assert there.serve(1000, 60.0, 1.0).unreachable == 1000
    there.balancer.zones_changed(set())
    assert there.serve(1000, 60.0, 1.0).answered == 1000


@given(targets=st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 50), min_size=1), cross=st.booleans())
def test_all_targets_together_get_everything(targets, cross):
    shares = target_shares(targets, cross)
    if any(targets.values()):
        assert sum(share * targets[zone] for zone, share in shares.items()) == pytest.approx(1)


# -- classic balancers


def test_a_classic_balancer_keeps_more_waiting_and_refuses_the_rest_itself():
    """1,024 for each of three nodes, beside the 400 that wait at the machine."""
    application, classic = place(1), place(1, kind="classic", balancer={"idle_timeout": "10m"})
    for there in (application, classic):
        there.serve(60 * 600, 60.0, 1.0)
    assert (application.waiting, classic.waiting) == (400, 400 + 3 * 1024)
    shed, spilled = (there.serve(6000, 10.0, 1.0) for there in (application, classic))
    assert (shed.shed, shed.rejected, shed.surge) == (4000, 0, 0)
    assert (spilled.shed, spilled.rejected, spilled.spilled, spilled.surge) == (0, 4000, 4000, 3072)
    assert shed.elb_5xx == 0 < spilled.elb_5xx, "the machine's own 503, and the balancer's"


# -- slow start


def test_slow_start_lasts_from_half_a_minute_to_a_quarter_of_an_hour():
    for seconds in (0, 30, 900):
        check_duration(seconds)
    for seconds in (29, 901):
        with pytest.raises(ValueError, match="30 to 900"):
            check_duration(seconds)
    with pytest.raises(ValueError, match="least_outstanding"):
        check_duration(60, "least_outstanding_requests")


def test_a_targets_part_grows_in_a_straight_line():
    assert [weight(age, 60) for age in (0, 15, 30, 60, 600)] == [0, 0.25, 0.5, 1, 1]
    assert weight(0, 0) == 1


def test_only_beside_an_old_healthy_target_does_a_new_one_start_slowly():
    assert enters(healthy_before=1, in_slow_start=0)
    assert not enters(healthy_before=0, in_slow_start=0), "a group registered in one go into an empty target group"
    assert not enters(healthy_before=2, in_slow_start=2)
