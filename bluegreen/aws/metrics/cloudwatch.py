"""The Metrics port on CloudWatch: one GetMetricData for all queries of a look, one DescribeAlarms for all alarms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.metrics.alarms import heard, view, watched_by
from bluegreen.aws.metrics.drill import is_drill
from bluegreen.aws.metrics.measures import Metric, Points, combine, metrics_of
from bluegreen.aws.session import Api
from bluegreen.errors import Denied, Unreachable
from bluegreen.model import AlarmView, Point, Query, Series, Slot
from bluegreen.selftest.alarms import LOOKBACK

MINUTE = timedelta(minutes=1)
QUERIES = 500
"""At most so many in one GetMetricData."""
NAMES = 50
"""So many alarms fit into one page of DescribeAlarms."""

_T = TypeVar("_T")
Facts = Callable[[Slot], PlaceFacts | None]


class CloudWatch:
    """`bluegreen.ports.Metrics`. A slot without a balancer has no points."""

    def __init__(self, api: Api, facts: Facts) -> None:
        self._api = api
        self._facts = facts

    def read(self, queries: Sequence[Query], since: datetime, until: datetime) -> Mapping[Query, Series]:
        """Whole minutes only: one that had not ended at `until` may still grow."""
        start, end = _floor(since + MINUTE - timedelta(microseconds=1)), _floor(until)
        places = {slot: self._facts(slot) for slot in Slot if any(query.slot is slot for query in queries)}
        wanted = {query: _metrics(query, places) for query in queries}
        metrics = list(dict.fromkeys(metric for parts in wanted.values() for metric in parts))
        found = self._fetch(metrics, start, end)
        return {
            query: tuple(Point(at, value) for at, value in sorted(combine(query, parts, found).items()))
            for query, parts in wanted.items()
        }

    def alarms(self, names: Sequence[str]) -> Mapping[str, str]:
        """A drill's ALARM is no alarm, and no permission either."""
        return {
            alarm["AlarmName"]: "INSUFFICIENT_DATA" if is_drill(alarm) else alarm["StateValue"]
            for alarm in self._described(names)
        }

    def set_up(self, names: Sequence[str], at: datetime) -> Sequence[AlarmView]:
        places = {slot: self._facts(slot) for slot in Slot}
        described = {alarm["AlarmName"]: alarm for alarm in self._described(names)}
        watched = {name: watched_by(alarm) for name, alarm in described.items()}
        metrics = list(dict.fromkeys(metric for some in watched.values() for metric in some))
        found = self._fetch(metrics, _floor(at - LOOKBACK), _floor(at))
        return [heard(view(described[name], places), watched[name], found) for name in names if name in described]

    def _described(self, names: Sequence[str]) -> Iterator[dict[str, Any]]:
        for some in _batches(list(dict.fromkeys(names)), NAMES):
            answer = self._api.call(
                "cloudwatch", "describe_alarms", AlarmNames=some, AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
            yield from (*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ()))

    def _fetch(self, metrics: Sequence[Metric], start: datetime, end: datetime) -> dict[Metric, Points]:
        found: dict[Metric, Points] = {metric: {} for metric in metrics}
        for some in _batches(metrics, QUERIES) if start < end else ():
            ids = {f"m{index}": metric for index, metric in enumerate(some)}
            for result in self._results(ids, start, end):
                values = zip(result["Timestamps"], result["Values"], strict=True)
                found[ids[result["Id"]]].update((at.astimezone(UTC), value) for at, value in values)
        return found

    def _results(self, ids: Mapping[str, Metric], start: datetime, end: datetime) -> Iterator[dict[str, Any]]:
        queries = [_query(id_, metric) for id_, metric in ids.items()]
        times = {"StartTime": start, "EndTime": end, "ScanBy": "TimestampAscending"}
        for result in self._api.collect(
            "cloudwatch", "get_metric_data", "MetricDataResults", MetricDataQueries=queries, **times
        ):
            _check(result)
            yield result


def _metrics(query: Query, places: Mapping[Slot, PlaceFacts | None]) -> tuple[Metric, ...]:
    if query.slot is None:
        return (Metric(query.namespace, query.measure, query.dimensions, query.statistic or "Average"),)
    facts = places[query.slot]
    return () if facts is None else metrics_of(query, facts.balancer)


def _query(id_: str, metric: Metric) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in metric.dimensions]
    described = {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions}
    return {"Id": id_, "MetricStat": {"Metric": described, "Period": 60, "Stat": metric.statistic}}


def _check(result: Mapping[str, Any]) -> None:
    """A metric that could not be read is not a metric without data."""
    status = result.get("StatusCode", "Complete")
    if status == "InternalError":
        raise Unreachable(f"cloudwatch get_metric_data: {result.get('Label', '')}: {status}")
    if status == "Forbidden":
        raise Denied(f"cloudwatch get_metric_data: {result.get('Label', '')}: {status}")


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _batches(things: Sequence[_T], size: int) -> Iterable[list[_T]]:
    return (list(things[start : start + size]) for start in range(0, len(things), size))
