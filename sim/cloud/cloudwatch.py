"""CloudWatch: all of it is the world's. Balancers' metrics by their dimensions, alarms by the world's evaluation.

Only dimension sets that were published can be queried, and the set must be exact; what was never published is an
empty series, not an error (Elastic Load Balancing User Guides, CloudWatch metrics; CloudWatch API reference,
GetMetricData).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bluegreen.model import Slot
from sim.cloud.errors import AwsError, NotModelled
from sim.cloud.service import Answer, Params, Service

MAX_QUERIES = 500
MINUTE = timedelta(minutes=1)

APPLICATION, CLASSIC = "AWS/ApplicationELB", "AWS/ELB"
PER_STATISTIC = {"Average": "avg", "p50": "p50", "p90": "p90", "p95": "p95", "p99": "p99"}

COUNTS = {
    (APPLICATION, "RequestCount"): "requests",
    (APPLICATION, "HTTPCode_Target_5XX_Count"): "target_5xx",
    (APPLICATION, "HTTPCode_ELB_5XX_Count"): "elb_5xx",
    (APPLICATION, "HTTPCode_ELB_503_Count"): "elb_503",
    (CLASSIC, "RequestCount"): "requests",
    (CLASSIC, "HTTPCode_Backend_5XX"): "target_5xx",
    (CLASSIC, "HTTPCode_ELB_5XX"): "elb_5xx",
    (CLASSIC, "SpilloverCount"): "elb_503",
}
"""Metric -> the world's measure. Their useful statistic is Sum."""
LATENCIES = {(APPLICATION, "TargetResponseTime"), (CLASSIC, "Latency")}
HOSTS = {
    (APPLICATION, "HealthyHostCount"): "healthy_hosts",
    (APPLICATION, "UnHealthyHostCount"): "unhealthy_hosts",
    (CLASSIC, "HealthyHostCount"): "healthy_hosts",
    (CLASSIC, "UnHealthyHostCount"): "unhealthy_hosts",
}
"""The world has one opinion of each host: Average, Minimum and Maximum are the same."""


class CloudWatch(Service):
    """Reads the world's metrics and alarms."""

    name = "cloudwatch"

    def on_get_metric_data(self, params: Params) -> Answer:
        queries = params["MetricDataQueries"]
        _check(queries, params["StartTime"], params["EndTime"])
        newest_first = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        results = []
        for query in queries:
            points = self._points(query, params["StartTime"], params["EndTime"])
            if newest_first:
                points = points[::-1]
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label", query["MetricStat"]["Metric"]["MetricName"]),
                    "Timestamps": [at for at, _ in points],
                    "Values": [value for _, value in points],
                    "StatusCode": "Complete",
                }
            )
        return {"MetricDataResults": results, "Messages": []}

    def on_describe_alarms(self, params: Params) -> Answer:
        """Those named, or all. A name without an alarm is left out."""
        wanted = params.get("AlarmNames")
        names = [name for name in self.world.metrics.alarms if wanted is None or name in wanted]
        described = [self._alarm(name) for name in names]
        state = params.get("StateValue")
        return {"MetricAlarms": [a for a in described if state in {None, a["StateValue"]}], "CompositeAlarms": []}

    def _alarm(self, name: str) -> Answer:
        return {
            "AlarmName": name,
            "AlarmArn": f"arn:aws:cloudwatch:{self.site.region}:123456789012:alarm:{name}",
            "StateValue": self.world.metrics.alarm_state(name),
        }

    def _points(self, query: Mapping[str, Any], since: datetime, until: datetime) -> list[tuple[datetime, float]]:
        asked = query["MetricStat"]
        if asked["Period"] != 60:
            raise NotModelled(f"the rehearsal's CloudWatch has periods of 60 s, not {asked['Period']}")
        metric = asked["Metric"]
        slot = self._slot(metric)
        if slot is None:
            return []
        measure = _measure(metric["Namespace"], metric["MetricName"], asked["Stat"])
        return list(self.world.metrics.series(slot, measure, since, until))

    def _slot(self, metric: Mapping[str, Any]) -> Slot | None:
        """The place whose balancer publishes under exactly these dimensions."""
        namespace, name = metric["Namespace"], metric["MetricName"]
        dimensions = {d["Name"]: d["Value"] for d in metric.get("Dimensions", [])}
        if namespace == CLASSIC and set(dimensions) == {"LoadBalancerName"}:
            return self.site.bindings.metrics.get(dimensions["LoadBalancerName"])
        if namespace != APPLICATION:
            return None
        per_group = (namespace, name) in HOSTS
        if set(dimensions) != ({"LoadBalancer", "TargetGroup"} if per_group else {"LoadBalancer"}):
            return None
        slot = self.site.bindings.metrics.get(dimensions["LoadBalancer"])
        if per_group and self.site.bindings.metrics.get(dimensions["TargetGroup"]) is not slot:
            return None
        return slot


def _check(queries: Sequence[Mapping[str, Any]], since: datetime, until: datetime) -> None:
    if len(queries) > MAX_QUERIES:
        raise _invalid(f"The collection MetricDataQueries must not have a size greater than {MAX_QUERIES}.")
    if since >= until:
        raise _invalid("The parameter EndTime must be greater than the parameter StartTime.")
    ids = [query["Id"] for query in queries]
    if len(set(ids)) < len(ids):
        raise _invalid("The values for parameter Id in MetricDataQueries are not unique.")
    for query in queries:
        if not query["Id"][:1].islower():
            raise _invalid(
                f"The value {query['Id']} for parameter MetricDataQueries.member.Id is not matching the regex."
            )
        if "MetricStat" not in query:
            raise NotModelled("the rehearsal's CloudWatch does no metric math")


def _measure(namespace: str, name: str, statistic: str) -> str:
    """The world's measure behind a metric and statistic."""
    metric = (namespace, name)
    if metric in COUNTS and statistic == "Sum":
        return COUNTS[metric]
    if metric in LATENCIES and statistic in PER_STATISTIC:
        return f"latency_{PER_STATISTIC[statistic]}"
    if metric in HOSTS and statistic in {"Average", "Minimum", "Maximum"}:
        return HOSTS[metric]
    raise NotModelled(f"the rehearsal's world does not measure {namespace} {name} {statistic}")


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
