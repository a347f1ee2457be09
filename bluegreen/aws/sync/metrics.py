"""What a sync tells CloudWatch, so that gates can ask for it: lag, counts, losses, divergence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bluegreen.aws.session import Api
from bluegreen.sync.compare import Comparison
from bluegreen.sync.copier import Report
from bluegreen.sync.lag import ReplicationLag

TOGETHER = 1000
"""A request takes so many values (Amazon CloudWatch API Reference, PutMetricData)."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """The metrics of one sync. Dimensions: Sync, and of one direction also Direction."""

    api: Api
    namespace: str
    sync: str

    def report(self, report: Report) -> None:
        """Lag (seconds), Copied, Skipped, Older, Stamped, Merged, Baseline (each since it began) by direction; Lag (the
        larger one), Stamped, Conflicts and Drops (since it began) of the whole. Raises OperatingError."""
        data = [
            self._value("Lag", one.lag.total_seconds(), report.at, "Seconds", one.direction)
            for one in report.directions
        ]
        for one in report.directions:
            data += [self._value(name.title(), n, report.at, "Count", one.direction) for name, n in one.counts.items()]
        worst = max((one.lag.total_seconds() for one in report.directions), default=0.0)
        data.append(self._value("Lag", worst, report.at, "Seconds"))
        data.append(self._value("Stamped", report.stamped, report.at, "Count"))
        data += [self._value(name.title(), n, report.at, "Count") for name, n in report.losses.items()]
        self._put(data)

    def comparisons(self, found: Iterable[Comparison], at: datetime) -> None:
        """Divergent and Compared: items of the samples. Raises OperatingError."""
        all_ = list(found)
        self._put(
            [
                self._value("Divergent", sum(one.divergent for one in all_), at, "Count"),
                self._value("Compared", sum(one.compared for one in all_), at, "Count"),
            ]
        )

    def replication(self, lags: Sequence[ReplicationLag], at: datetime) -> None:
        """Lag (seconds) by direction, and the larger one of the whole; nothing for what does not replicate, so that a
        gate does not know. Raises OperatingError."""
        known = [(lag.direction, lag.seconds) for lag in lags if lag.seconds is not None]
        data = [self._value("Lag", seconds, at, "Seconds", direction) for direction, seconds in known]
        if known and len(known) == len(lags):
            data.append(self._value("Lag", max(seconds for _, seconds in known), at, "Seconds"))
        if data:
            self._put(data)

    def _put(self, data: list[dict[str, Any]]) -> None:
        for first in range(0, len(data), TOGETHER):
            batch = data[first : first + TOGETHER]
            self.api.call("cloudwatch", "put_metric_data", Namespace=self.namespace, MetricData=batch)

    def _value(self, name: str, value: float, at: datetime, unit: str, direction: str = "") -> dict[str, Any]:
        dimensions = [{"Name": "Sync", "Value": self.sync}]
        if direction:
            dimensions.append({"Name": "Direction", "Value": direction})
        return {"MetricName": name, "Dimensions": dimensions, "Timestamp": at, "Value": float(value), "Unit": unit}
