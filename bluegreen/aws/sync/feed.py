"""`bluegreen.sync.ports.Feed` on a DynamoDB stream (Amazon DynamoDB Streams API Reference)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bluegreen.aws.session import Api
from bluegreen.errors import Missing, OperatingError, Throttled
from bluegreen.sync.change import Record
from bluegreen.sync.ports import Expired, Forgotten, Listing, Page, Shard

SERVICE = "dynamodbstreams"
MEANT: dict[str, type[OperatingError]] = {
    "ExpiredIteratorException": Expired,
    "TrimmedDataAccessException": Forgotten,
    "LimitExceededException": Throttled,  # more than two readers of a shard
}
TTL = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
"""Who deletes an item whose time to live is over (Developer Guide, DynamoDB Streams and Time to Live)."""


@dataclass(frozen=True, slots=True)
class DynamoFeed:
    """The stream of one table, whichever it has now."""

    api: Api
    table: str

    def listing(self) -> Listing:
        found = self.api.call("dynamodb", "describe_table", TableName=self.table)["Table"]
        if not found.get("StreamSpecification", {}).get("StreamEnabled"):
            raise Missing(f"{self.table}: its stream is switched off")
        stream = str(found["LatestStreamArn"])
        return Listing(stream, tuple(self._shards(stream)))

    def cursor(self, shard: str, after: str | None) -> str:
        stream = shard.rpartition("/")[0]
        place = (
            {"ShardIteratorType": "TRIM_HORIZON"}
            if after is None
            else {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
        )
        found = self._call("get_shard_iterator", StreamArn=stream, ShardId=shard.rpartition("/")[2], **place)
        return str(found["ShardIterator"])

    def read(self, cursor: str, limit: int) -> Page:
        found = self._call("get_records", ShardIterator=cursor, Limit=min(limit, 1000))
        return Page(tuple(_record(raw) for raw in found["Records"]), found.get("NextShardIterator"))

    def _shards(self, stream: str) -> list[Shard]:
        """All of them; each name tells its stream."""
        found: list[Shard] = []
        start: dict[str, str] = {}
        while True:
            page = self._call("describe_stream", StreamArn=stream, **start)["StreamDescription"]
            for raw in page["Shards"]:
                parent = raw.get("ParentShardId")
                found.append(Shard(f"{stream}/{raw['ShardId']}", f"{stream}/{parent}" if parent else None))
            if not page.get("LastEvaluatedShardId"):
                return found
            start = {"ExclusiveStartShardId": page["LastEvaluatedShardId"]}

    def _call(self, operation: str, **params: Any) -> dict[str, Any]:
        try:
            return self.api.call(SERVICE, operation, **params)
        except OperatingError as error:
            response: dict[str, Any] = getattr(error.__cause__, "response", None) or {}
            code = str(response.get("Error", {}).get("Code", ""))
            if code in MEANT:
                raise MEANT[code](str(error)) from error
            raise


def _record(raw: dict[str, Any]) -> Record:
    found = raw["dynamodb"]
    return Record(
        found["SequenceNumber"],
        _utc(found["ApproximateCreationDateTime"]),
        found["Keys"],
        found.get("OldImage"),
        found.get("NewImage"),
        raw.get("userIdentity", {}).items() >= TTL.items(),
    )


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
