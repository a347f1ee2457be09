"""How alarms are set up, from DescribeAlarms (Amazon CloudWatch API reference)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.metrics.measures import Metric, Points
from bluegreen.model import AlarmView, Slot

COMPARISONS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": ">=",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}
OURS = ("LoadBalancer", "LoadBalancerName", "TargetGroup", "AutoScalingGroupName")
"""Dimensions that name a thing of a slot."""

Dimensions = tuple[tuple[str, str], ...]


def view(described: Mapping[str, Any], places: Mapping[Slot, PlaceFacts | None]) -> AlarmView:
    """From a metric alarm or a composite one."""
    metrics = list(_metrics(described))
    named = [pair for metric in metrics for pair in _dimensions(metric) if pair[0] in OURS]
    known = {slot: _names(facts) for slot, facts in places.items() if facts is not None}
    first = metrics[0] if len(metrics) == 1 else {}
    strangers = [f"{name} {value}" for name, value in named if not any(value in names for names in known.values())]
    return AlarmView(
        name=described["AlarmName"],
        state=described["StateValue"],
        namespace=first.get("Namespace", ""),
        metric=first.get("MetricName", ""),
        dimensions=_dimensions(first),
        period=described.get("Period", 0) or _period(described),
        periods=described.get("EvaluationPeriods", 0),
        datapoints=described.get("DatapointsToAlarm", described.get("EvaluationPeriods", 0)),
        threshold=described.get("Threshold"),
        comparison=COMPARISONS.get(described.get("ComparisonOperator", ""), ""),
        statistic=described.get("Statistic") or described.get("ExtendedStatistic", ""),
        missing=described.get("TreatMissingData", "missing"),
        rule=described.get("AlarmRule", ""),
        expression="Metrics" in described,
        watches=tuple(slot for slot in Slot if any(value in known.get(slot, ()) for _, value in named)),
        strangers=", ".join(dict.fromkeys(strangers)),
        since=described.get("StateUpdatedTimestamp"),
    )


def watched_by(described: Mapping[str, Any]) -> tuple[Metric, ...]:
    """The metrics that an alarm reads, its expression's too; a composite alarm reads none."""
    stats = [query["MetricStat"] for query in described.get("Metrics", ()) if "MetricStat" in query]
    if "MetricName" in described:
        statistic = described.get("Statistic") or described["ExtendedStatistic"]
        stats = [{"Metric": described, "Stat": statistic}]
    return tuple(
        Metric(each["Metric"]["Namespace"], each["Metric"]["MetricName"], _dimensions(each["Metric"]), each["Stat"])
        for each in stats
    )


def heard(alarm: AlarmView, watched: Sequence[Metric], found: Mapping[Metric, Points]) -> AlarmView:
    """The same alarm, with what its metrics were found to have."""
    if not watched:
        return alarm
    return replace(alarm, heard=True, newest=max((at for metric in watched for at in found[metric]), default=None))


def _metrics(described: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    if "MetricName" in described:
        yield described
    for query in described.get("Metrics", ()):
        if "MetricStat" in query:
            yield query["MetricStat"]["Metric"]


def _period(described: Mapping[str, Any]) -> int:
    stats = [query["MetricStat"]["Period"] for query in described.get("Metrics", ()) if "MetricStat" in query]
    return max(stats, default=0)


def _dimensions(metric: Mapping[str, Any]) -> Dimensions:
    return tuple((dimension["Name"], dimension["Value"]) for dimension in metric.get("Dimensions", ()))


def _names(facts: PlaceFacts) -> frozenset[str]:
    """What dimensions call the things of a place."""
    balancer = facts.balancer
    pairs = [*balancer.dimensions, *(pair for group in balancer.target_group_dimensions for pair in group)]
    return frozenset({facts.group, *(value for _, value in pairs)})
