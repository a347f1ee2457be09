"""What `requests`, `errors`, latencies and `healthy_hosts` of a slot are in CloudWatch, for application and classic
balancers (Elastic Load Balancing User Guides, CloudWatch metrics).

errors     5xx from targets and from the balancer itself. Counts exist only when they are not zero: what is absent
           beside something present counts as zero; where all is absent, so is `errors`.
requests   RequestCount leaves out what the balancer refused before it chose a target, while its 5xx count holds it, so
           errors / RequestCount may exceed 1. Added are what was refused for want of targets or room (503; for
           classic the spillover), and `requests` is never below `errors`: the ratio stays at most 1, and a slot that
           only refuses still shows that users come to it.
latency_*  seconds, of requests that a target answered.
latency    by any statistic: SampleCount is how many requests a target answered, TC(0.8:) how many of them took longer
           than 0.8 s (Amazon CloudWatch User Guide, statistics definitions).
healthy_hosts   the least of all balancer nodes and target groups in the minute.

Of a balancer that both slots stand behind, a slot is counted by its target group. The balancer's own 5xx count has no
target group: what it answers itself (502, 503, 504) can be laid at neither slot's door, and is not in `errors`.
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
    "shared": ("HTTPCode_Target_5XX_Count",),
}
REQUESTS = {
    "application": ("RequestCount", "HTTPCode_ELB_503_Count"),
    "classic": ("RequestCount", "SpilloverCount"),
    "shared": ("RequestCount",),
}
LATENCY = {"application": "TargetResponseTime", "classic": "Latency", "shared": "TargetResponseTime"}
HEALTHY = "HealthyHostCount"
HOSTS = (HEALTHY, "UnHealthyHostCount")
"""These are published for each target group."""
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


def metrics_of(query: Query, balancer: Balancer) -> tuple[Metric, ...]:
    """All metrics that a slot's measure is made of, or the balancer's metric that the query names: none when its kind
    of balancer has no such namespace. An unknown measure is a programmer's error (KeyError)."""
    name, statistic = query.measure, query.statistic
    if query.namespace not in ("", balancer.namespace):
        return ()
    if name == "healthy_hosts":
        name, statistic = HEALTHY, "Minimum"
    if name in HOSTS:
        dimensions = balancer.target_group_dimensions
        return tuple(Metric(balancer.namespace, name, each, statistic) for each in dimensions)
    names: tuple[str, ...] = (name,)
    if not query.namespace:
        names, statistic = _parts(query, "shared" if balancer.shared else balancer.kind)
    return tuple(
        Metric(balancer.namespace, name, dimensions, statistic)
        for dimensions in balancer.request_dimensions
        for name in names
    )


def _parts(query: Query, kind: str) -> tuple[tuple[str, ...], str]:
    measure = query.measure
    if measure == "requests":
        return (*REQUESTS[kind], *ERRORS[kind]), "Sum"
    if measure == "errors":
        return ERRORS[kind], "Sum"
    return (LATENCY[kind],), query.statistic or STATISTICS[measure]


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
        return sum(values) if _counts(query.statistic) else min(values)
    errors = sum(value for name, value in present if "5XX" in name)
    return max(errors, sum(values) - errors)


def _counts(statistic: str) -> bool:
    """Whether values of several dimensions add up."""
    return statistic in ("Sum", "SampleCount") or statistic.startswith("TC(")
