"""The Data port for a read replica of RDS (RDS API reference; User Guide, working with read replicas).

A replica names its source; once it was promoted it does not any more. ReplicaLag is read where the replica is.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bluegreen.aws.session import Api
from bluegreen.clock import Now
from bluegreen.data.replica import Replica
from bluegreen.data.source import Source, hindrances
from bluegreen.errors import Busy, Missing, Refused
from bluegreen.model import DataView

LOOKBACK = timedelta(minutes=10)
"""ReplicaLag is published each minute, a minute or two late."""
MINUTE = timedelta(minutes=1)
SOURCE = "ReadReplicaSourceDBInstanceIdentifier"
FAILED = frozenset({"failed", "incompatible-network", "incompatible-parameters", "restore-error", "storage-full"})
"""States that a DB instance does not leave by itself (User Guide, viewing DB instance status)."""


class ReplicaData:
    """`bluegreen.ports.Data`. `here`: calls where the source is; `there`: where the replica is."""

    def __init__(self, here: Api, there: Api, spec: Replica, now: Now) -> None:
        self._here, self._there, self._spec, self._now = here, there, spec, now

    def look(self) -> DataView:
        found = self._found()
        if found is None:
            return DataView("absent")
        status, follows = str(found["DBInstanceStatus"]), bool(found.get(SOURCE))
        if status in FAILED:
            return DataView("failed", f"{self._spec.replica} is {status}")
        if not follows:
            return DataView("moved" if status == "available" else "moving", f"{self._spec.replica} is {status}")
        if status != "available":
            return DataView("making", f"{self._spec.replica} is {status}")
        at, lag = self._lag()
        return DataView("following", lag=lag, lag_at=at)

    def prepare(self) -> None:
        spec, source = self._spec, self._spec.source
        more: dict[str, Any] = {} if spec.kms_key is None else {"KmsKeyId": spec.kms_key}
        if spec.region is not None:
            described = self._here.call("rds", "describe_db_instances", DBInstanceIdentifier=source)
            source = str(described["DBInstances"][0]["DBInstanceArn"])
            more["SourceRegion"] = self._here.region
        try:
            self._there.call(
                "rds",
                "create_db_instance_read_replica",
                DBInstanceIdentifier=spec.replica,
                SourceDBInstanceIdentifier=source,
                **more,
            )
        except Refused as error:
            if "DBInstanceAlreadyExists" not in str(error):
                raise

    def move(self) -> None:
        try:
            self._there.call("rds", "promote_read_replica", DBInstanceIdentifier=self._spec.replica)
        except Refused as error:
            if "InvalidDBInstanceState" in str(error):  # backing up, or promoted already: the next look tells
                raise Busy(str(error)) from error
            raise

    def _found(self) -> dict[str, Any] | None:
        return _described(self._there, self._spec.replica)

    def _lag(self) -> tuple[datetime | None, float | None]:
        """The newest point: when its minute began, and seconds."""
        dimensions = [{"Name": "DBInstanceIdentifier", "Value": self._spec.replica}]
        metric = {"Namespace": "AWS/RDS", "MetricName": "ReplicaLag", "Dimensions": dimensions}
        asked = {"Id": "lag", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}}
        until = self._now().replace(second=0, microsecond=0)
        results = self._there.call(
            "cloudwatch",
            "get_metric_data",
            MetricDataQueries=[asked],
            StartTime=until - LOOKBACK,
            EndTime=until,
            ScanBy="TimestampDescending",
        )["MetricDataResults"]
        points = zip(results[0]["Timestamps"], results[0]["Values"], strict=True)
        newest = max(((at.astimezone(UTC), float(value)) for at, value in points), default=None)
        return newest or (None, None)


def source_of(here: Api, spec: Replica) -> Source | None:
    """The instance to be copied. Raises OperatingError."""
    found = _described(here, spec.source)
    if found is None:
        return None
    return Source(here.region, backups=found["BackupRetentionPeriod"] > 0, encrypted=bool(found["StorageEncrypted"]))


def replica_problems(here: Api, spec: Replica) -> list[str]:
    """Why the replica cannot be made; nothing when it is there already. Raises OperatingError."""
    found = list(hindrances(spec, source_of(here, spec)))
    there = bool(found) and _described(here.elsewhere(spec.region), spec.replica) is not None
    return [] if there else found


def _described(api: Api, name: str) -> dict[str, Any] | None:
    try:
        answer = api.call("rds", "describe_db_instances", DBInstanceIdentifier=name)
    except Missing:
        return None
    return dict(answer["DBInstances"][0])
