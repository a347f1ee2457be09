"""What gates read beside the known measures, on both tiers: counts of slow answers, and a balancer's own metrics."""

from datetime import timedelta

import pytest

from bluegreen.gates.sequential_latency import answered, slower
from bluegreen.model import Query, query_of
from sim.errors import NotModelled

from .conftest import BLUE

ELB = "AWS/ApplicationELB"


def read(it, *queries):
    """The first minute's value of each; None where there is no point."""
    it.wait(minutes=5)
    now = it.world.clock.now()
    found = it.ports.metrics.read(queries, now - timedelta(minutes=5), now)
    return [found[query][0].value if found[query] else None for query in queries]


def test_slow_answers_are_counted_beside_all_answers(make):
    it = make()
    limits = [slower(BLUE, timedelta(seconds=seconds)) for seconds in (9, 0.2, 0.035)]
    count, none, few, more = read(it, answered(BLUE), *limits)
    assert none == 0
    assert 0 < few < more < count
    p50, p99 = read(it, query_of("latency_p50", BLUE), query_of("latency_p99", BLUE))
    for seconds, share in ((p50, 0.5), (p99, 0.01)):
        count, over = read(it, answered(BLUE), slower(BLUE, timedelta(seconds=seconds)))
        assert over / count == pytest.approx(share, rel=0.05)


def test_a_balancers_own_metric_is_read_by_its_name(make):
    requests, same, hosts = read(
        make(),
        query_of("requests", BLUE),
        Query("RequestCount", BLUE, ELB, statistic="Sum"),
        Query("HealthyHostCount", BLUE, ELB, statistic="Minimum"),
    )
    assert requests == same > 0
    assert hosts == 10


def test_a_metric_of_another_kind_of_balancer_has_no_points(make):
    assert read(make(), Query("Latency", BLUE, "AWS/ELB", statistic="Average")) == [None]


def test_a_metric_that_nobody_publishes_has_no_points(make):
    queue = Query("Age", None, "AWS/SQS", (("QueueName", "orders"),), "Maximum")
    assert read(make(), queue, query_of("requests", BLUE))[0] is None


def test_a_metric_that_the_world_does_not_measure_is_said_to_be_missing(make):
    with pytest.raises(NotModelled, match="does not measure AWS/ApplicationELB ConsumedLCUs"):
        read(make(), Query("ConsumedLCUs", BLUE, ELB, statistic="Sum"))
