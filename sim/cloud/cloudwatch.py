"""CloudWatch: all of it is the world's. Balancers' metrics by their dimensions, metric math over them, alarms by the
world's evaluation (CloudWatch API reference). Where moto falls short: it mixes namespaces, cannot tell percentiles,
does no math, evaluates no alarm.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bluegreen.metricmath.formula import FUNCTIONS, Formula, FormulaError
from bluegreen.metricmath.points import Points
from bluegreen.model import Query
from sim.clock import EPOCH
from sim.cloud.cloudwatch_alarms import Alarms
from sim.cloud.cloudwatch_names import slot_of, source_of
from sim.cloud.service import Answer, Params
from sim.cloudwatch.names import MEASURES
from sim.data.published import Points as Databases
from sim.data.published import published
from sim.errors import AwsError, NotModelled

MAX_QUERIES = 500
MAX_DATAPOINTS = 1440
"""Of one answer of GetMetricStatistics."""
MINUTE = timedelta(minutes=1)
SUB_MINUTE = (1, 5, 10, 20, 30)
ID = re.compile(r"[a-z][a-zA-Z0-9_]*")

Series = dict[datetime, float]


class CloudWatch(Alarms):
    """Reads the world's metrics; alarms are in the file beside."""

    name = "cloudwatch"

    def on_get_metric_data(self, params: Params) -> Answer:
        queries, since, until = params["MetricDataQueries"], params["StartTime"], params["EndTime"]
        _check(params, queries, since, until)
        found = _Answered(self, queries, since, until)
        newest_first = params.get("ScanBy", "TimestampDescending") == "TimestampDescending"
        results = []
        for query in queries:
            if not query.get("ReturnData", True):
                continue
            points = sorted(found.series(query["Id"]).items(), reverse=newest_first)
            results.append(
                {
                    "Id": query["Id"],
                    "Label": query.get("Label") or _label(query),
                    "Timestamps": [at for at, _ in points],
                    "Values": [value for _, value in points],
                    "StatusCode": "Complete",
                }
            )
        return {"MetricDataResults": results, "Messages": []}

    def on_get_metric_statistics(self, params: Params) -> Answer:
        """One metric by several statistics; points oldest first, as AWS promises no order."""
        since, until, period = params["StartTime"], params["EndTime"], params["Period"]
        statistics = [*params.get("Statistics", ()), *params.get("ExtendedStatistics", ())]
        if since >= until:
            raise AwsError("InvalidParameterValue", "The parameter StartTime must be less than the parameter EndTime.")
        if not statistics:
            raise AwsError("MissingParameter", "At least one of Statistics and ExtendedStatistics must be specified.")
        minutes = _minutes(period, "InvalidParameterValue")
        if (until - since) / (minutes * MINUTE) > MAX_DATAPOINTS:
            raise AwsError("InvalidParameterCombination", f"more than the limit of {MAX_DATAPOINTS} datapoints")
        points: dict[datetime, Answer] = {}
        for statistic in statistics:
            for at, value in self.measured(params, statistic, minutes, since, until).items():
                point = points.setdefault(at, {"Timestamp": at, "Unit": _unit(params)})
                extended = statistic in params.get("ExtendedStatistics", ())
                (point.setdefault("ExtendedStatistics", {}) if extended else point)[statistic] = value
        return {"Label": params["MetricName"], "Datapoints": [points[at] for at in sorted(points)]}

    def measured(
        self, metric: Mapping[str, Any], statistic: str, minutes: int, since: datetime, until: datetime
    ) -> Series:
        """A metric's points by one statistic; none when nobody publishes under these dimensions."""
        databases = published(self.site.plan.data, self.world.data, _asked(metric))
        if databases is not None:
            return _minute_by_minute(metric, databases, minutes, since, until)
        slot = slot_of(self.site.bindings, metric)
        if slot is None:
            return {}
        return dict(self.world.metrics.periods(slot, source_of(metric, statistic), minutes, since, until))


class _Answered:
    """The queries of one GetMetricData, each answered when it is first needed."""

    def __init__(
        self, cloudwatch: CloudWatch, queries: Sequence[Mapping[str, Any]], since: datetime, until: datetime
    ) -> None:
        self._cloudwatch, self._since, self._until = cloudwatch, since, until
        self._queries = {query["Id"]: query for query in queries}
        self._series: dict[str, Series] = {}
        self._begun: list[str] = []

    def series(self, id_: str) -> Series:
        if id_ not in self._series:
            if id_ in self._begun:
                raise invalid(f"Error in expression '{id_}': it depends on itself")
            self._begun.append(id_)
            query = self._queries[id_]
            self._series[id_] = self._computed(query) if "Expression" in query else self._measured(query)
        return self._series[id_]

    def _measured(self, query: Mapping[str, Any]) -> Series:
        asked = query["MetricStat"]
        minutes = _minutes(asked["Period"])
        return self._cloudwatch.measured(asked["Metric"], asked["Stat"], minutes, self._since, self._until)

    def _computed(self, query: Mapping[str, Any]) -> Series:
        formula = read_formula(query["Id"], query["Expression"])
        if unknown := [name for name in formula.names if name not in self._queries]:
            raise invalid(f"Error in expression '{query['Id']}': {', '.join(unknown)} is not an id of this request")
        if not formula.names:
            raise NotModelled(f"expression {query['Id']} is made of no metric of the request")
        parts = {name: self.series(name) for name in formula.names}
        length = MINUTE * self._period(query["Id"])
        first = min((at for part in parts.values() for at in part), default=None)
        if first is None:
            return {}
        first -= max(first - self._since, timedelta(0)) // length * length
        grid = [first + k * length for k in range(-((first - self._until) // length))]
        aligned: dict[str, Points] = {name: [part.get(at) for at in grid] for name, part in parts.items()}
        return {at: value for at, value in zip(grid, formula(aligned), strict=True) if value is not None}

    def _period(self, id_: str) -> int:
        """The one period, in minutes, of all metrics that a query is made of."""
        query = self._queries[id_]
        if "Expression" not in query:
            return _minutes(query["MetricStat"]["Period"])
        found = {self._period(name) for name in read_formula(id_, query["Expression"]).names}
        if len(found) != 1:
            raise NotModelled(f"expression {id_} mixes metrics of several periods")
        return found.pop()


def _asked(metric: Mapping[str, Any]) -> Query:
    dimensions = tuple((each["Name"], each["Value"]) for each in metric.get("Dimensions", []))
    return Query(metric["MetricName"], None, metric["Namespace"], dimensions)


def _minute_by_minute(
    metric: Mapping[str, Any], databases: Databases, minutes: int, since: datetime, until: datetime
) -> Series:
    """What databases publish, once a minute."""
    if minutes != 1:
        raise NotModelled(f"the rehearsal's {metric['MetricName']} is published once a minute")
    points = {EPOCH + timedelta(milliseconds=at): value for at, value in databases}
    return {at: value for at, value in points.items() if since <= at < until}


def read_formula(id_: str, text: str) -> Formula:
    """Raises AwsError for what is no metric math, NotModelled for functions that AWS may have and we have not."""
    words = [word for word in re.findall(r"\b([A-Z][A-Z0-9_]*)\s*\(", text) if word not in {*FUNCTIONS, "AND", "OR"}]
    if words or text.lstrip().upper().startswith("SELECT"):
        raise NotModelled(f"the rehearsal's metric math has no {', '.join(words) or 'queries'}: {text}")
    try:
        return Formula(text)
    except FormulaError as error:
        raise invalid(f"Error in expression '{id_}': {error}") from error


def invalid(message: str) -> AwsError:
    return AwsError("ValidationError", message)


def _check(params: Params, queries: Sequence[Mapping[str, Any]], since: datetime, until: datetime) -> None:
    if strange := {"NextToken", "MaxDatapoints", "LabelOptions"} & set(params):
        raise NotModelled(f"the rehearsal's GetMetricData has no {', '.join(sorted(strange))}")
    if len(queries) > MAX_QUERIES:
        raise invalid(f"The collection MetricDataQueries must not have a size greater than {MAX_QUERIES}.")
    if since >= until:
        raise invalid("The parameter EndTime must be greater than the parameter StartTime.")
    ids = [query["Id"] for query in queries]
    if len(set(ids)) < len(ids):
        raise invalid("The values for parameter Id in MetricDataQueries are not unique.")
    for query in queries:
        if not ID.fullmatch(query["Id"]):
            raise invalid(
                f"The value {query['Id']} for parameter MetricDataQueries.member.Id is not matching the regex."
            )
        if ("MetricStat" in query) == ("Expression" in query):
            raise invalid(f"Exactly one of MetricStat and Expression must be specified for {query['Id']}.")


def _minutes(seconds: int, code: str = "ValidationError") -> int:
    if seconds in SUB_MINUTE:
        raise NotModelled(f"periods of {seconds} s are for own metrics in high resolution; the rehearsal has none")
    if seconds <= 0 or seconds % 60:
        raise AwsError(code, "Period must be 1, 5, 10, 20, 30 or a multiple of 60.")
    return seconds // 60


def _label(query: Mapping[str, Any]) -> str:
    return str(query["Id"] if "Expression" in query else query["MetricStat"]["Metric"]["MetricName"])


def _unit(metric: Mapping[str, Any]) -> str:
    return "Seconds" if MEASURES.get((metric["Namespace"], metric["MetricName"])) == "latency" else "Count"
