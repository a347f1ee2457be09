"""What `requests`, `errors`, latencies and `healthy_hosts` of a slot are in CloudWatch, for application and classic
balancers (Elastic Load Balancing User Guides, CloudWatch metrics).

errors     5xx from targets and from the balancer itself. Counts exist only when they are not zero: what is absent
           beside something present counts as zero; where all is absent, so is `errors`.
requests   RequestCount leaves out what the balancer refused before it chose a target, while its 5xx count holds it, so
           errors / RequestCount may exceed 1. Added are what was refused for want of targets or room (503; for
           classic the spillover), and `requests` is never below `errors`: the ratio stays at most 1, and a slot that
           only refuses still shows that users come to it.
latency_*  seconds, of requests that a target answered.
healthy_hosts   the least of all balancer nodes and target groups in the minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bluegreen.aws.balancers import Balancer
from bluegreen.model import Query

Points = dict[datetime, float]

ERRORS = {
    "application": ("HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"),
    "classic": ("HTTPCode_Backend_5XX", "HTTPCode_ELB_5XX"),
}
REQUESTS = {
    "application": ("RequestCount", "HTTPCode_ELB_503_Count"),
    "classic": ("RequestCount", "SpilloverCount"),
}
LATENCY = {"application": "TargetResponseTime", "classic": "Latency"}
STATISTICS = {
    "latency_avg": "Average",
    "latency_p50": "p50",
    "latency_p90": "p90",
    "latency_p95": "p95",
    "latency_p99": "p99",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """One CloudWatch metric with one statistic."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    statistic: str


def metrics_of(measure: str, balancer: Balancer) -> tuple[Metric, ...]:
    """All metrics that a measure is made of. An unknown measure is a programmer's error (KeyError)."""
    if measure == "healthy_hosts":
        return tuple(
            Metric(balancer.namespace, "HealthyHostCount", dimensions, "Minimum")
            for dimensions in balancer.target_group_dimensions
        )
    names, statistic = _parts(measure, balancer.kind)
    return tuple(Metric(balancer.namespace, name, balancer.dimensions, statistic) for name in names)


def _parts(measure: str, kind: str) -> tuple[tuple[str, ...], str]:
    if measure == "requests":
        return (*REQUESTS[kind], *ERRORS[kind]), "Sum"
    if measure == "errors":
        return ERRORS[kind], "Sum"
    return (LATENCY[kind],), STATISTICS[measure]


def combine(query: Query, metrics: tuple[Metric, ...], found: Mapping[Metric, Points]) -> Points:
    """One value for each minute in which any of the metrics has one."""
    minutes = {at for metric in metrics for at in found[metric]}
    return {
        at: _value(query, [(metric.name, found[metric][at]) for metric in metrics if at in found[metric]])
        for at in minutes
    }


def _value(query: Query, present: list[tuple[str, float]]) -> float:
    """The measure's value from the metrics that have one in a minute."""
    values = [value for _, value in present]
    if query.slot is None or query.measure not in {"requests", "errors"}:
        return min(values)
    errors = sum(value for name, value in present if "5XX" in name)
    return max(errors, sum(values) - errors)
