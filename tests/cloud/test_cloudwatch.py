"""CloudWatch as the engine meets it: the world's metrics under AWS's names, late, and absent where nothing was."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from bluegreen.model import Slot
from sim.alarms import AlarmSpec
from sim.clock import EPOCH
from sim.cloud import NotModelled
from tests.cloud.conftest import opened

ALB, ELB = "AWS/ApplicationELB", "AWS/ELB"


def dimensions(it, with_targets=False):
    """Of the live application balancer."""
    group = it.client("elbv2").describe_target_groups(Names=["shop-live"])["TargetGroups"][0]
    found = [{"Name": "LoadBalancer", "Value": group["LoadBalancerArns"][0].partition(":loadbalancer/")[2]}]
    if with_targets:
        found.append({"Name": "TargetGroup", "Value": group["TargetGroupArn"].rpartition(":")[2]})
    return found


def query(name, statistic="Sum", dimensions=(), *, namespace=ALB, id_="q", period=60):
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": list(dimensions)}
    return {"Id": id_, "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic}}


def read(it, *queries, minutes=60, **more):
    since = {"StartTime": EPOCH, "EndTime": EPOCH + timedelta(minutes=minutes)}
    return it.client("cloudwatch").get_metric_data(MetricDataQueries=list(queries), **since, **more)[
        "MetricDataResults"
    ]


def values(it, *args, **kwargs):
    return read(it, query(*args, **kwargs))[0]["Values"]


@pytest.fixture
def later(rehearsal):
    """Ten minutes into the run."""
    rehearsal.wait(minutes=10, seconds=30)
    return rehearsal


def test_requests_are_the_worlds_one_point_per_published_minute(later):
    (result,) = read(later, query("RequestCount", "Sum", dimensions(later)), ScanBy="TimestampAscending")
    expected = later.world.metrics.series(Slot.BLUE, "requests", EPOCH, later.world.clock.now())
    assert list(zip(result["Timestamps"], result["Values"], strict=True)) == expected
    assert len(expected) == 9  # the tenth minute is not published yet


def test_points_come_newest_first_unless_asked_otherwise(later):
    newest = read(later, query("RequestCount", "Sum", dimensions(later)))[0]["Timestamps"]
    assert newest == sorted(newest, reverse=True)


@pytest.mark.parametrize("statistic", ["Average", "p50", "p90", "p95", "p99"])
def test_latencies_are_there_with_their_percentiles(later, statistic):
    assert all(0 < value < 10 for value in values(later, "TargetResponseTime", statistic, dimensions(later)))


def test_healthy_hosts_need_both_dimensions(later):
    assert set(values(later, "HealthyHostCount", "Minimum", dimensions(later, with_targets=True))) == {10.0}
    assert values(later, "HealthyHostCount", "Minimum", dimensions(later)) == []


def test_errors_that_did_not_happen_are_absent_not_zero(later):
    assert values(later, "HTTPCode_ELB_5XX_Count", "Sum", dimensions(later)) == []


def test_dimensions_must_be_exactly_those_published_in_any_order(later):
    both = dimensions(later, with_targets=True)
    assert values(later, "HealthyHostCount", "Minimum", both[::-1])
    assert values(later, "RequestCount", "Sum", []) == []
    assert values(later, "RequestCount", "Sum", both) == []
    assert values(later, "RequestCount", "Sum", [{"Name": "LoadBalancer", "Value": "app/none/1"}]) == []


def test_the_namespace_counts(later):
    assert values(later, "RequestCount", "Sum", dimensions(later), namespace="AWS/NetworkELB") == []


def test_classic_balancers_publish_under_their_own_names():
    with opened(balancer="classic") as it:
        it.wait(minutes=5)
        own = [{"Name": "LoadBalancerName", "Value": "shop-live"}]
        assert values(it, "RequestCount", "Sum", own, namespace=ELB)
        assert values(it, "Latency", "p99", own, namespace=ELB)
        assert set(values(it, "HealthyHostCount", "Minimum", own, namespace=ELB)) == {10.0}


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 0},
        {"queries": [query("RequestCount"), query("RequestCount")]},
        {"queries": [query("RequestCount", id_="Upper")]},
        {"queries": [query("RequestCount", id_=f"q{number}") for number in range(501)]},
    ],
)
def test_what_cloudwatch_refuses_is_refused(rehearsal, wrong):
    with pytest.raises(ClientError) as error:
        read(rehearsal, *wrong.get("queries", [query("RequestCount")]), minutes=wrong.get("minutes", 60))
    assert error.value.response["Error"]["Code"] == "ValidationError"


@pytest.mark.parametrize(
    "strange",
    [
        lambda own: query("RequestCount", "Sum", own, period=300),
        lambda own: query("RequestCount", "p99", own),
        lambda own: query("ConsumedLCUs", "Sum", own),
        lambda own: {"Id": "e", "Expression": "a / b"},
    ],
)
def test_what_the_world_does_not_measure_fails_loudly(rehearsal, strange):
    with pytest.raises(NotModelled):
        read(rehearsal, strange(dimensions(rehearsal)))


def alarms(it, **asked):
    described = it.client("cloudwatch").describe_alarms(**asked)["MetricAlarms"]
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in described}


def test_an_alarm_has_insufficient_data_first_and_the_worlds_judgement_later():
    busy = AlarmSpec(name="busy", slot=Slot.BLUE, measure="requests", threshold=1, periods=2)
    with opened(alarms=(busy,)) as it:
        assert alarms(it) == {"busy": "INSUFFICIENT_DATA"}
        it.wait(minutes=10)
        assert alarms(it, AlarmNames=["busy", "none"]) == {"busy": "ALARM"}
        assert alarms(it, StateValue="OK") == {}


def test_an_alarm_that_a_gate_names_has_a_stand_in_and_a_note_says_so():
    with opened(plan={"gates": [{"kind": "alarm", "alarm": "checkout-errors"}]}) as it:
        assert alarms(it) == {"checkout-errors": "INSUFFICIENT_DATA"}
        assert any("checkout-errors" in note for note in it.world.notes)
