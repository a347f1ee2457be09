"""Measures of a slot from CloudWatch: absent stays absent, ratios stay at most one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bluegreen.aws.balancers import Balancer
from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.metrics.cloudwatch import CloudWatch
from bluegreen.errors import Denied, Unreachable
from bluegreen.model import Point, Query, Slot
from tests.aws.conftest import CountedApi, Shop

ALB = Balancer(
    "application",
    "shop-green",
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/shop-green/50dc",
    "x",
    "Z",
    target_groups=("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop-green/73e2",),
)
CLASSIC = Balancer("classic", "shop-green", "", "x", "Z")
NOW = datetime.now(UTC).replace(second=0, microsecond=0)
MINUTE = timedelta(minutes=1)
GREEN = Slot.GREEN


class Measured:
    """CloudWatch with a slot's metrics in it."""

    def __init__(self, shop: Shop, api: CountedApi, balancer: Balancer) -> None:
        self.client, self.balancer = shop.cloudwatch, balancer
        self.metrics = CloudWatch(api, lambda slot: PlaceFacts(balancer, "g") if slot is GREEN else None)

    def put(self, name: str, minutes_ago: int, value: float, **more: Any) -> None:
        dimensions = more.get("dimensions", self.balancer.dimensions)
        self.client.put_metric_data(
            Namespace=self.balancer.namespace,
            MetricData=[
                {
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": text} for key, text in dimensions],
                    "Timestamp": NOW - minutes_ago * MINUTE,
                    "Value": value,
                }
            ],
        )

    def read(
        self, *measures: str, since: datetime = NOW - 10 * MINUTE, until: datetime = NOW
    ) -> list[dict[int, float]]:
        """Values by how many minutes ago."""
        queries = [Query(measure, GREEN) for measure in measures]
        found = self.metrics.read(queries, since, until)
        return [{(NOW - point.at) // MINUTE: point.value for point in found[query]} for query in queries]


@pytest.fixture
def alb(shop: Shop, api: CountedApi) -> Measured:
    return Measured(shop, api, ALB)


@pytest.fixture
def classic(shop: Shop, api: CountedApi) -> Measured:
    return Measured(shop, api, CLASSIC)


def test_errors_are_those_of_targets_and_balancer_together(alb: Measured) -> None:
    alb.put("HTTPCode_Target_5XX_Count", 2, 3)
    alb.put("HTTPCode_ELB_5XX_Count", 2, 4)
    alb.put("HTTPCode_ELB_5XX_Count", 1, 5)

    assert alb.read("errors") == [{2: 7, 1: 5}]


def test_no_data_is_no_point(alb: Measured) -> None:
    assert alb.read("errors", "requests", "latency_avg", "healthy_hosts") == [{}, {}, {}, {}]


def test_a_minute_without_errors_has_requests_but_no_errors(alb: Measured) -> None:
    alb.put("RequestCount", 2, 100)

    assert alb.read("requests", "errors") == [{2: 100}, {}]


def test_requests_refused_for_want_of_targets_count_as_requests(alb: Measured) -> None:
    alb.put("RequestCount", 2, 100)
    alb.put("HTTPCode_ELB_503_Count", 2, 50)
    alb.put("HTTPCode_ELB_5XX_Count", 2, 60)

    assert alb.read("requests", "errors") == [{2: 150}, {2: 60}]


def test_errors_are_never_more_than_requests(alb: Measured) -> None:
    alb.put("HTTPCode_ELB_5XX_Count", 2, 60)

    assert alb.read("requests", "errors") == [{2: 60}, {2: 60}]


def test_a_classic_balancers_measures_have_their_own_names(classic: Measured) -> None:
    classic.put("RequestCount", 2, 100)
    classic.put("SpilloverCount", 2, 20)
    classic.put("HTTPCode_Backend_5XX", 2, 3)
    classic.put("HTTPCode_ELB_5XX", 2, 20)
    classic.put("Latency", 2, 0.25)
    classic.put("HealthyHostCount", 2, 4)

    assert classic.read("requests", "errors", "latency_avg", "healthy_hosts") == [{2: 120}, {2: 23}, {2: 0.25}, {2: 4}]


def test_healthy_hosts_are_the_least_of_the_minute(alb: Measured) -> None:
    [dimensions] = ALB.target_group_dimensions
    alb.put("HealthyHostCount", 2, 5, dimensions=dimensions)
    alb.put("HealthyHostCount", 2, 3, dimensions=dimensions)

    assert alb.read("healthy_hosts") == [{2: 3}]


def test_only_whole_minutes_within_the_window_are_read(alb: Measured) -> None:
    for minutes_ago in range(6):
        alb.put("RequestCount", minutes_ago, 1)
    half = timedelta(seconds=30)

    [found] = alb.read("requests", since=NOW - 4 * MINUTE - half, until=NOW - MINUTE + half)

    assert sorted(found) == [2, 3, 4]


def test_points_come_oldest_first_in_utc(alb: Measured) -> None:
    for minutes_ago in (1, 3, 2):
        alb.put("RequestCount", minutes_ago, minutes_ago)

    found = alb.metrics.read([Query("requests", GREEN)], NOW - 10 * MINUTE, NOW)

    assert found[Query("requests", GREEN)] == tuple(Point(NOW - n * MINUTE, n) for n in (3, 2, 1))
    assert all(point.at.tzinfo is UTC for point in found[Query("requests", GREEN)])


def test_all_queries_are_one_call(alb: Measured, api: CountedApi) -> None:
    alb.read("requests", "errors", "latency_avg", "latency_p99", "healthy_hosts")

    assert api.calls == ["cloudwatch:get_metric_data"]


def test_a_slot_without_balancer_has_no_points_and_costs_no_call(alb: Measured, api: CountedApi) -> None:
    query = Query("requests", Slot.BLUE)

    assert alb.metrics.read([query], NOW - MINUTE, NOW) == {query: ()}
    assert api.calls == []


def test_any_other_metric_can_be_read_by_its_full_name(alb: Measured, shop: Shop) -> None:
    shop.cloudwatch.put_metric_data(
        Namespace="Shop", MetricData=[{"MetricName": "Orders", "Timestamp": NOW - 2 * MINUTE, "Value": 7}]
    )
    query = Query("Orders", namespace="Shop", statistic="Sum")

    assert alb.metrics.read([query], NOW - 5 * MINUTE, NOW)[query] == (Point(NOW - 2 * MINUTE, 7),)


@pytest.mark.parametrize(("status", "error"), [("InternalError", Unreachable), ("Forbidden", Denied)])
def test_a_metric_that_could_not_be_read_is_not_one_without_data(
    status: str, error: type[Exception], alb: Measured, api: CountedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = {"Id": "m0", "Timestamps": [], "Values": [], "StatusCode": status}
    monkeypatch.setattr(api, "collect", lambda *_, **__: [result])

    with pytest.raises(error):
        alb.read("latency_avg")


@pytest.mark.parametrize("measure", ["latency_p50", "latency_p90", "latency_p95", "latency_p99"])
def test_percentiles_are_asked_for_by_cloudwatchs_names(
    measure: str, alb: Measured, api: CountedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(api, "collect", lambda *_, **params: asked.extend(params["MetricDataQueries"]) or [])

    alb.read(measure)

    [query] = asked
    assert query["MetricStat"]["Stat"] == measure.removeprefix("latency_")
    assert query["MetricStat"]["Period"] == 60
    assert query["MetricStat"]["Metric"]["MetricName"] == "TargetResponseTime"


def test_more_queries_than_one_call_may_hold_are_split(alb: Measured, api: CountedApi) -> None:
    queries = [Query(f"Orders{n}", namespace="Shop", statistic="Sum") for n in range(501)]

    found = alb.metrics.read(queries, NOW - MINUTE, NOW)

    assert len(found) == 501
    assert api.calls == ["cloudwatch:get_metric_data"] * 2


def test_alarms_have_their_state_and_unknown_ones_are_missing(alb: Measured, shop: Shop, api: CountedApi) -> None:
    shop.cloudwatch.put_metric_alarm(
        AlarmName="errors",
        MetricName="x",
        Namespace="y",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        Statistic="Sum",
        ComparisonOperator="GreaterThanThreshold",
    )
    shop.cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")

    assert alb.metrics.alarms(["errors", "nothing"]) == {"errors": "ALARM"}
    assert api.calls == ["cloudwatch:describe_alarms"]


def test_no_alarms_cost_no_call(alb: Measured, api: CountedApi) -> None:
    assert alb.metrics.alarms([]) == {}
    assert api.calls == []
