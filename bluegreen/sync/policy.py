"""The least that who runs a sync must be allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bluegreen.preview.policy.arns import partition_of
from bluegreen.preview.policy.grant import Grant
from bluegreen.sync.spec import DynamoSync, Place, PostgresSync


@dataclass(frozen=True, slots=True)
class _Where:
    """The accounts and regions of a file."""

    accounts: tuple[str, ...]
    regions: tuple[str, ...]

    def table(self, place: Place, tail: str = "") -> tuple[str, ...]:
        regions = (place.region,) if place.region else self.regions
        return tuple(
            f"arn:{partition_of(region)}:dynamodb:{region}:{account}:table/{place.table}{tail}"
            for region in regions
            for account in self.accounts
        )


def grants_of(spec: DynamoSync | PostgresSync) -> list[Grant]:
    """Each for one part of the work."""
    return [*_dynamodb(spec)] if isinstance(spec, DynamoSync) else [*_publish(spec)]


def _dynamodb(spec: DynamoSync) -> Iterator[Grant]:
    where = _Where(spec.guard.accounts, spec.guard.regions)
    both = (*where.table(spec.first), *where.table(spec.second))
    read = where.table(spec.first) + (where.table(spec.second) if spec.both_ways else ())
    written = where.table(spec.second) + (where.table(spec.first) if spec.both_ways else ())
    yield Grant("ReadTables", _named("DescribeTable", "GetItem", "Scan"), both)
    yield Grant("WriteCopies", _named("PutItem"), written)
    yield Grant("RemoveCopies", _named("DeleteItem"), both)
    yield Grant("StampWrites", _named("UpdateItem"), read)
    streams = tuple(f"{table}/stream/*" for table in read)
    yield Grant("ReadStreams", _named("DescribeStream", "GetShardIterator", "GetRecords"), streams)
    state = _named("DescribeTable", "GetItem", "Query", "PutItem", "ConditionCheckItem")
    yield Grant("KeepState", state, where.table(spec.state))
    yield from _publish(spec)


def _publish(spec: DynamoSync | PostgresSync) -> Iterator[Grant]:
    if spec.publish is not None:
        condition = {"StringEquals": {"cloudwatch:namespace": (spec.publish.namespace,)}}
        yield Grant("Publish", ("cloudwatch:PutMetricData",), ("*",), condition)


def _named(*operations: str) -> tuple[str, ...]:
    return tuple(f"dynamodb:{operation}" for operation in operations)
