"""Alarms on the stage: moto keeps how they are set up, the world's rules judge them (M of N with missing data), on what
the store has. A new alarm has insufficient data, as in AWS.

The alarms of a scenario watch a slot's measure: that is published under the alarm's name in the namespace `Stage`, for
the candidate's balancer, which AWS would name in the alarm, does not exist yet when the alarm is made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend

from sim.alarms import COMPARE, EvaluationSpec, evaluate
from stage.cloud.metrics import Metric, Store
from stage.pace import Pace

COMPARISONS = {
    "GreaterThanThreshold": ">",
    "GreaterThanOrEqualToThreshold": ">=",
    "LessThanThreshold": "<",
    "LessThanOrEqualToThreshold": "<=",
}
NAMES = {sign: name for name, sign in COMPARISONS.items()}
EVERY = {10: 10.0, 20: 10.0, 30: 10.0}
"""Alarms of high resolution are judged every 10 s, others every minute (Amazon CloudWatch User Guide, evaluating an
alarm)."""


class Judge:
    """Judges all alarms when their time has come."""

    def __init__(self, backend: CloudWatchBackend, store: Store, pace: Pace, spec: EvaluationSpec) -> None:
        self._backend, self._store, self._pace, self._spec = backend, store, pace, spec
        self._judged: dict[str, float] = {}

    def look(self) -> None:
        """Called often, while nobody else uses moto."""
        now = self._pace.seconds()
        for alarm in list(self._backend.alarms.values()):
            every = EVERY.get(int(alarm.period or 60), 60.0)
            if now // every > self._judged.get(alarm.name, 0.0):
                self._judged[alarm.name] = now // every
                self._judge(alarm, now)

    def _judge(self, alarm: Alarm, now: float) -> None:
        values = list(self._values(alarm, now))
        above = COMPARE[COMPARISONS[alarm.comparison_operator]]  # type: ignore[index]
        points = [None if value is None else above(value, float(alarm.threshold)) for value in values]
        n = int(alarm.evaluation_periods)
        state = evaluate(
            points,
            n,
            int(alarm.datapoints_to_alarm or n),
            alarm.treat_missing_data or "missing",
            alarm.state_value,
            premature=self._spec.premature,
        )
        if state != alarm.state_value:
            alarm.update_state(f"the newest {n} of {values} against {alarm.threshold}", "{}", state)

    def _values(self, alarm: Alarm, now: float) -> Iterator[float | None]:
        """The periods of the evaluation range, newest last."""
        queries = [_plain(query) for query in alarm.metric_data_queries]
        period = int(alarm.period or next((q["MetricStat"]["Period"] for q in queries if "MetricStat" in q), 60))
        count = int(alarm.evaluation_periods) + self._spec.extra_periods
        end = now // period * period
        since = end - count * period
        if queries:
            shown = next(query["Id"] for query in queries if query.get("ReturnData", True))
            series = self._store.answer(queries, since, end)[shown]
        else:
            metric = Metric(
                alarm.namespace, alarm.metric_name, frozenset((each.name, each.value) for each in alarm.dimensions)
            )
            series = self._store.series(metric, alarm.statistic or alarm.extended_statistic, period, since, end)
        yield from (series.get(since + k * period) for k in range(count))


def correct() -> None:
    """From now on a new alarm in moto has insufficient data."""
    before = CloudWatchBackend.put_metric_alarm

    def put_metric_alarm(self: CloudWatchBackend, name: str, *args: Any, **kwargs: Any) -> Alarm:
        old = self.alarms.get(name)
        alarm = before(self, name, *args, **kwargs)
        alarm.state_value = old.state_value if old is not None else "INSUFFICIENT_DATA"
        return alarm

    CloudWatchBackend.put_metric_alarm = put_metric_alarm


def _plain(query: Any) -> dict[str, Any]:
    """As GetMetricData has it, from what moto made of it."""
    plain: dict[str, Any] = {"Id": query.id, "ReturnData": str(query.return_data).lower() != "false"}
    if query.metric_stat is None:
        return plain | {"Expression": query.expression}
    metric = query.metric_stat.metric
    dimensions = [{"Name": each.name, "Value": each.value} for each in metric.dimensions]
    names = {"Namespace": metric.namespace, "MetricName": metric.metric_name, "Dimensions": dimensions}
    stat = {"Metric": names, "Period": query.metric_stat.period, "Stat": query.metric_stat.stat}
    return plain | {"MetricStat": stat}
