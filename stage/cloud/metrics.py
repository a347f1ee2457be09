"""CloudWatch on the stage: every value that anybody measured, and statistics of it by any period. moto's own is not
used: it mixes namespaces, cannot tell percentiles and does no math.

Balancers' values (namespaces `AWS/...`) are published by the minute, when it is over and the delay too; a minute in
which nobody measured anything has no point.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil
from typing import Any

from moto.cloudwatch.models import CloudWatchBackend

from bluegreen.metricmath.formula import Formula
from bluegreen.metricmath.points import Points
from stage.knobs import MetricKnobs
from stage.pace import Pace

MINUTE = 60

Series = dict[float, float]
"""Begin of the period (Unix seconds) -> value."""


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric by its names."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Metric:
        """From the API's `Metric`."""
        pairs = frozenset((each["Name"], each["Value"]) for each in content.get("Dimensions") or ())
        return cls(content["Namespace"], content["MetricName"], pairs)


class Store:
    """All values of all metrics. Safe for threads."""

    def __init__(self, pace: Pace, knobs: MetricKnobs) -> None:
        self._pace, self._knobs = pace, knobs
        self._times: dict[Metric, list[float]] = defaultdict(list)
        self._values: dict[Metric, list[float]] = defaultdict(list)
        self._lock = threading.Lock()

    def put(self, metric: Metric, value: float, at: float | None = None, count: int = 1) -> None:
        """`count` values measured at `at` (Unix seconds of the stage), now by default."""
        at = self._pace.seconds() if at is None else at
        with self._lock:
            times, values = self._times[metric], self._values[metric]
            index = len(times) if not times or at >= times[-1] else bisect_left(times, at)
            times[index:index], values[index:index] = [at] * count, [value] * count

    def series(self, metric: Metric, statistic: str, period: int, since: float, until: float) -> Series:
        """Periods begin at multiples of their length."""
        first = ceil(since / period) * period
        end = min(until, self.published() if metric.namespace.startswith("AWS/") else self._pace.seconds())
        found: Series = {}
        with self._lock:
            times, values = self._times.get(metric, []), self._values.get(metric, [])
            while first + (period if metric.namespace.startswith("AWS/") else 0) <= end and first < until:
                low, high = bisect_left(times, first), bisect_left(times, first + period)
                if low < high:
                    found[first] = statistic_of(statistic, values[low:high])
                first += period
        return found

    def published(self) -> float:
        """Until when balancers' minutes can be read (Unix seconds)."""
        return (self._pace.seconds() - self._knobs.delay.total_seconds()) // MINUTE * MINUTE

    def answer(self, queries: Sequence[Mapping[str, Any]], since: float, until: float) -> dict[str, Series]:
        """What GetMetricData's queries give, by id; metric math over what the others gave."""
        found: dict[str, Series] = {}
        for query in queries:
            if asked := query.get("MetricStat"):
                metric = Metric.of(asked["Metric"])
                found[query["Id"]] = self.series(metric, asked["Stat"], int(asked["Period"]), since, until)
        for query in queries:
            if text := query.get("Expression"):
                found[query["Id"]] = _computed(Formula(text), found)
        return found


def _computed(formula: Formula, found: Mapping[str, Series]) -> Series:
    parts = {name: found[name] for name in formula.names}
    times = sorted({at for part in parts.values() for at in part})
    if not times:
        return {}
    gaps = [after - before for before, after in pairwise(times)]
    step = min(gaps, default=MINUTE)
    grid = [times[0] + step * k for k in range(round((times[-1] - times[0]) / step) + 1)]
    aligned: dict[str, Points] = {name: [part.get(at) for at in grid] for name, part in parts.items()}
    return {at: value for at, value in zip(grid, formula(aligned), strict=True) if value is not None}


def statistic_of(statistic: str, values: Sequence[float]) -> float:
    """Of at least one value (Amazon CloudWatch User Guide, statistics definitions). Raises ValueError."""
    match statistic:
        case "Sum":
            return sum(values)
        case "Average":
            return sum(values) / len(values)
        case "Minimum":
            return min(values)
        case "Maximum":
            return max(values)
        case "SampleCount":
            return float(len(values))
    if statistic.startswith("p"):
        return quantile(sorted(values), float(statistic[1:]) / 100)
    if statistic.startswith("TC(") and statistic.endswith(":)"):
        return float(sum(value > float(statistic[3:-2]) for value in values))
    raise ValueError(f"the stage's CloudWatch has no statistic {statistic}")


def quantile(ordered: Sequence[float], share: float) -> float:
    """The smallest value that `share` of them do not exceed."""
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def correct(store: Store) -> None:
    """From now on moto's CloudWatch answers by it."""

    def put_metric_data(self: CloudWatchBackend, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        for datum in metric_data:
            metric = Metric.of({"Namespace": namespace, **datum})
            at = _seconds(datum["Timestamp"]) if datum.get("Timestamp") else None
            values = datum.get("Values") or [datum.get("Value", 0.0)]
            counts = datum.get("Counts") or [1] * len(values)
            for value, count in zip(values, counts, strict=True):
                store.put(metric, float(value), at, int(float(count)))

    def get_metric_data(
        self: CloudWatchBackend,
        queries: list[dict[str, Any]],
        start_time: datetime,
        end_time: datetime,
        scan_by: str = "TimestampAscending",
    ) -> list[dict[str, Any]]:
        found = store.answer(queries, _seconds(start_time), _seconds(end_time))
        return [
            _result(query, found[query["Id"]], newest_first=scan_by == "TimestampDescending")
            for query in queries
            if query.get("ReturnData", True)
        ]

    CloudWatchBackend.put_metric_data = put_metric_data
    CloudWatchBackend.get_metric_data = get_metric_data


def _result(query: Mapping[str, Any], series: Series, *, newest_first: bool) -> dict[str, Any]:
    points = sorted(series.items(), reverse=newest_first)
    return {
        "id": query["Id"],
        "label": query.get("Label") or query["Id"],
        "values": [value for _, value in points],
        "timestamps": [datetime.fromtimestamp(at, UTC) for at, _ in points],
        "status_code": "Complete",
    }


def _seconds(at: Any) -> float:
    """moto hands on naive times in UTC, aware ones, or seconds."""
    if isinstance(at, datetime):
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    return float(at)
