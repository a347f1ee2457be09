"""Golden cases of load balancers, by id. C-6, how health checks count, is the fleet's."""

from datetime import datetime, timedelta

import numpy as np
import pytest
import simpy

from bluegreen.model import Slot
from sim.balancer import Balancer, BalancerSpec
from sim.clock import EPOCH
from sim.errors import AwsError
from sim.fleet import Fleet
from sim.fleets.spec import FleetSpec
from sim.metrics import Metrics, MetricsSpec
from sim.nodes import NodeReport, across_nodes, target_shares
from sim.place import Place
from tests.world.fake_fleet import place

HOUR = 3_600_000


def c1():
    targets = {"a": 2, "b": 8}
    assert target_shares(targets, cross_zone=True) == pytest.approx({"a": 0.1, "b": 0.1})
    assert target_shares(targets, cross_zone=False) == pytest.approx({"a": 0.25, "b": 0.0625})


def c2():
    first = NodeReport(2, 10, 6)
    alike = across_nodes([first, NodeReport(1, 5, 3)])
    assert (alike.least, alike.most, alike.average) == (1, 10, 4.5)
    assert across_nodes([first, NodeReport(1, 5, 3, samples=2)]).average == 4
    with pytest.raises(ValueError, match="no data point"):
        across_nodes([])


def c5():
    """Machines answer, but their checks all fail."""
    env = simpy.Environment()
    fleet = Fleet(
        Slot.BLUE,
        FleetSpec(instances=3, minimum=0, health_check="EC2"),
        env=env,
        rng=np.random.default_rng(1),
        zones_down=set(),
        record=lambda effect: None,
        settle=lambda: None,
    )
    balancer = Balancer(BalancerSpec(), env)
    balancer.serve_already(100)
    fleet.serve_already()
    fleet.failing(1.0)
    env.run(until=120_000)
    assert (fleet.registered, fleet.healthy, fleet.routed, fleet.answering) == (3, 0, 3, 3)
    there = Place(Slot.BLUE, fleet, balancer, np.random.default_rng(1))
    done = there.serve(6000, 60.0, 1.0)
    assert done.answered == 6000
    assert done.utilisation == pytest.approx(100 / 600), "each of them gets its third"


def c7():
    """One node of a classic balancer, before a machine that answers next to nothing."""
    node = {"nodes": {"zones": 1}, "idle_timeout": "20000d"}
    there = place(1, kind="classic", balancer=node, capacity=1e-6, service="1s", queue="1ms")
    waiting = there.serve(1024, 0.01, 1.0)
    assert (waiting.requests, waiting.waiting, waiting.surge, waiting.spilled) == (0, 1024, 1024, 0)
    one_more = there.serve(1, 0.01, 1.0)
    assert (one_more.requests, one_more.rejected, one_more.spilled, one_more.waiting) == (1, 1, 1, 1024)


def c9():
    env = simpy.Environment()
    balancer = Balancer(BalancerSpec.model_validate({"reservation": {"quota": 15_000}}), env)
    balancer.create()
    reservation = balancer.reservation
    reservation.modify(500)
    assert reservation.state == "pending"
    refused("CapacityReservationPending", reservation, 600)
    env.run(until=HOUR)
    assert (reservation.state, reservation.effective) == ("provisioned", 500)
    for step, units in enumerate((400, 300), start=2):
        reservation.modify(units)
        env.run(until=step * HOUR)
    refused("CapacityDecreaseRequestLimitExceeded", reservation, 200)
    reservation.modify(600)
    env.run(until=25 * HOUR)
    assert reservation.decreases_left == 2, "a new day"
    reservation.modify(500)


def refused(code, reservation, units):
    with pytest.raises(AwsError) as error:
        reservation.modify(units)
    assert error.value.code == code


def c10():
    env = simpy.Environment()
    metrics, there = Metrics(MetricsSpec(delay=timedelta(0)), env), place()
    for minute, requests in enumerate((600, 0, 600), start=1):
        metrics.count(Slot.BLUE, there.serve(requests, 60.0, 1.0))
        env.run(until=minute * 60_000)
        metrics.close(Slot.BLUE, {})
    env.run(until=HOUR)
    found = metrics.series(Slot.BLUE, "requests", EPOCH, EPOCH + timedelta(hours=1))
    assert [(at - EPOCH).total_seconds() for at, _ in found] == [0, 120], "missing, not 0"
    assert isinstance(found[0][0], datetime)


CASES = {"C-1": c1, "C-2": c2, "C-5": c5, "C-7": c7, "C-9": c9, "C-10": c10}


@pytest.mark.parametrize("case", CASES)
def test_elb_golden(case):
    CASES[case]()
