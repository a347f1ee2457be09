"""Alarms in the API's shape and in the world's (CloudWatch API reference, PutMetricAlarm, PutCompositeAlarm)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from bluegreen.model import Slot
from sim.alarms import AlarmSpec, Comparison
from sim.cloud.bindings import Bindings
from sim.cloud.cloudwatch_names import metric_of, slot_of, source_of
from sim.cloud.service import Answer, Params
from sim.cloudwatch.measures import DERIVED, Source, percentile, source
from sim.cloudwatch.names import APPLICATION, CLASSIC, MEASURES
from sim.cloudwatch.rules import Rule, RuleError
from sim.errors import AwsError, NotModelled

COMPARISONS: Mapping[str, Comparison] = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": ">=",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}
NAMES = {sign: name for name, sign in COMPARISONS.items()}

ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
INERT = {"AlarmName", "AlarmDescription", "ActionsEnabled", "Tags", *ACTIONS}
"""What does not change an alarm's state."""
JUDGED = {"EvaluationPeriods", "DatapointsToAlarm", "Threshold", "ComparisonOperator", "TreatMissingData"}
WATCHED = {"MetricName", "Namespace", "Dimensions", "Period", "Statistic", "ExtendedStatistic"}
LOW_SAMPLES = "EvaluateLowSampleCountPercentile"
MOST_ACTIONS = 5
HIGH_RESOLUTION = (10, 20, 30)


def metric_alarm_of(bindings: Bindings, params: Params) -> AlarmSpec:
    """Raises AwsError for what AWS refuses, NotModelled for what the world cannot watch."""
    _only(params, INERT | JUDGED | WATCHED | {"Metrics", LOW_SAMPLES})
    _actions(params)
    if params.get("ComparisonOperator") not in COMPARISONS:
        raise NotModelled(f"the rehearsal's alarms do not compare by {params.get('ComparisonOperator')}")
    if ("MetricName" in params) == ("Metrics" in params) or ("Metrics" in params and WATCHED & set(params)):
        raise _invalid("an alarm has either a metric or Metrics")
    watched = _by_metric(bindings, params) if "MetricName" in params else _by_metrics(bindings, params["Metrics"])
    return _spec(
        name=params["AlarmName"],
        threshold=params.get("Threshold"),
        comparison=COMPARISONS[params["ComparisonOperator"]],
        periods=params["EvaluationPeriods"],
        datapoints=params.get("DatapointsToAlarm"),
        treat_missing=params.get("TreatMissingData", "missing"),
        low_samples=params.get(LOW_SAMPLES, "evaluate"),
        **watched,
    )


def composite_of(params: Params) -> AlarmSpec:
    """Raises AwsError for what AWS refuses, NotModelled for suppressors."""
    _only(params, INERT | {"AlarmRule"})
    _actions(params)
    try:
        Rule(params["AlarmRule"])
    except RuleError as wrong:
        raise _invalid(f"AlarmRule: {wrong}") from wrong
    return _spec(name=params["AlarmName"], rule=params["AlarmRule"])


def describe(bindings: Bindings, alarm: AlarmSpec, asked: Params) -> Answer:
    """What the alarm watches and how it judges. What was asked for by API is told as it was; what a slot's measure is
    called can only be told while the slot has a balancer."""
    text = {"AlarmDescription": asked["AlarmDescription"]} if "AlarmDescription" in asked else {}
    if alarm.rule is not None:
        return {**text, "AlarmRule": alarm.rule}
    low = {LOW_SAMPLES: alarm.low_samples} if alarm.percent is not None else {}
    watched = {key: asked[key] for key in (*sorted(WATCHED), "Metrics") if key in asked}
    return {
        **text,
        "EvaluationPeriods": alarm.periods,
        "DatapointsToAlarm": alarm.needed,
        "Threshold": alarm.threshold,
        "ComparisonOperator": NAMES[alarm.comparison],
        "TreatMissingData": alarm.treat_missing,
        **low,
        **(watched or _called(bindings, alarm)),
    }


def _by_metric(bindings: Bindings, params: Params) -> dict[str, Any]:
    if ("Statistic" in params) == ("ExtendedStatistic" in params) or "Period" not in params:
        raise _invalid("an alarm on a metric has a Period, and either Statistic or ExtendedStatistic")
    wanted = source_of(params, params.get("Statistic") or params["ExtendedStatistic"])
    return {**_source(_slot(bindings, params), wanted), "period": _period(params["Period"])}


def _by_metrics(bindings: Bindings, queries: list[Mapping[str, Any]]) -> dict[str, Any]:
    """One expression over metrics, or one metric. The expression is the only one that returns data."""
    shown = [query for query in queries if query.get("ReturnData", True)]
    periods = {query["MetricStat"]["Period"] for query in queries if "MetricStat" in query}
    if len(shown) != 1 or len(periods) != 1:
        raise _invalid("exactly one of Metrics returns data, and all have one period")
    if [query for query in queries if "Expression" in query and query is not shown[0]]:
        raise NotModelled("the rehearsal's alarms have one expression each")
    found = {}
    for query in queries:
        if "MetricStat" in query:
            asked = query["MetricStat"]
            found[query["Id"]] = _source(_slot(bindings, asked["Metric"]), source_of(asked["Metric"], asked["Stat"]))
    period = _period(periods.pop())
    if "Expression" not in shown[0]:
        return {**found[shown[0]["Id"]], "period": period}
    # Here, unlike in scenario files, no name stands for a measure by itself.
    return {"expression": shown[0]["Expression"], "metrics": found, "period": period}


def _slot(bindings: Bindings, metric: Mapping[str, Any]) -> Slot:
    slot = slot_of(bindings, metric)
    if slot is None:
        raise NotModelled(f"an alarm on {metric['MetricName']} with dimensions that no balancer publishes")
    return slot


def _source(slot: Slot, wanted: Source) -> dict[str, Any]:
    return {"slot": slot, "measure": wanted.measure, "statistic": wanted.statistic}


def _period(seconds: int) -> timedelta:
    if seconds in HIGH_RESOLUTION:
        raise NotModelled(f"periods of {seconds} s are for own metrics in high resolution; the rehearsal has none")
    if seconds <= 0 or seconds % 60:
        raise _invalid("Period must be 10, 20, 30 or a multiple of 60.")
    return timedelta(seconds=seconds)


def _called(bindings: Bindings, alarm: AlarmSpec) -> Answer:
    seconds = round(alarm.period.total_seconds())
    if alarm.measure is not None and alarm.measure not in DERIVED:
        assert alarm.slot is not None, "the spec was checked"
        wanted = source(alarm.measure, alarm.statistic)
        metric = metric_of(bindings, alarm.slot, wanted) if not alarm.dimensions else _misnamed(alarm, wanted)
        kind = "ExtendedStatistic" if percentile(wanted.statistic) else "Statistic"
        return {**metric, "Period": seconds, kind: wanted.statistic} if metric else {}
    formula = alarm.formula or DERIVED[alarm.measure or ""]
    queries: list[Answer] = []
    for name in formula.names:
        its = alarm.metrics.get(name)
        slot = its.slot if its else alarm.slot
        if slot is None or (its is None and name in DERIVED):
            return {}
        wanted = source(its.measure, its.statistic) if its else source(name)
        metric = metric_of(bindings, slot, wanted)
        if metric is None:
            return {}
        stat = {"Metric": metric, "Period": seconds, "Stat": wanted.statistic}
        queries.append({"Id": name, "MetricStat": stat, "ReturnData": False})
    return {"Metrics": [*queries, {"Id": "watched", "Expression": formula.text, "ReturnData": True}]}


def _misnamed(alarm: AlarmSpec, wanted: Source) -> Answer:
    """The metric of a balancer that there is not."""
    namespace = CLASSIC if "LoadBalancerName" in alarm.dimensions else APPLICATION
    name = next(name for (its, name), what in MEASURES.items() if (its, what) == (namespace, wanted.measure))
    dimensions = [{"Name": key, "Value": value} for key, value in alarm.dimensions.items()]
    return {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}


def _only(params: Params, known: set[str]) -> None:
    if strange := sorted(set(params) - known):
        raise NotModelled(f"the rehearsal's alarms know nothing of {', '.join(strange)}")


def _actions(params: Params) -> None:
    for kind in ACTIONS:
        actions = params.get(kind, ())
        if len(actions) > MOST_ACTIONS:
            raise _invalid(f"{kind} has at most {MOST_ACTIONS} members")
        if others := [action for action in actions if not action.startswith("arn:aws:sns:")]:
            raise NotModelled(f"the rehearsal's alarms only pretend to notify; they cannot do {', '.join(others)}")


def _spec(**options: Any) -> AlarmSpec:
    try:
        return AlarmSpec(**options)
    except ValidationError as wrong:
        words = [str(error["msg"]).removeprefix("Value error, ") for error in wrong.errors()]
        raise _invalid("; ".join(words)) from wrong


def _invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)
