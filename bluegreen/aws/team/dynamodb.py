"""`bluegreen.lease.store.Store` on a DynamoDB table with the keys `pk` and `sk` (text).

Reads are strongly consistent. A write is one TransactWriteItems: all items or none, each with its condition; at most
100 items and 4 MB, and 400 KB an item (Amazon DynamoDB API Reference, TransactWriteItems). One item without another to
check is a plain PutItem with a condition, which costs half.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bluegreen.aws.session import Api
from bluegreen.errors import Busy, Missing, OperatingError, Throttled, UserError
from bluegreen.lease.store import Absent, Conflict, Item, Key, Value, Write

CREATE = (
    "aws dynamodb create-table --table-name {table} --billing-mode PAY_PER_REQUEST"
    " --attribute-definitions AttributeName=pk,AttributeType=S AttributeName=sk,AttributeType=S"
    " --key-schema AttributeName=pk,KeyType=HASH AttributeName=sk,KeyType=RANGE"
)
_CANCELLED: dict[str, type[OperatingError]] = {
    "TransactionConflict": Busy,  # another write of the same item was under way
    "ThrottlingError": Throttled,
    "ProvisionedThroughputExceeded": Throttled,
}


class DynamoStore:
    """One table."""

    def __init__(self, api: Api, table: str) -> None:
        self._api, self.table = api, table

    def check(self, field: str = "team.table") -> None:
        """`field`: where a file names the table. Raises UserError when there is no such table, or it has other keys;
        OperatingError when nobody can tell."""
        try:
            found = self._api.call("dynamodb", "describe_table", TableName=self.table)["Table"]
        except Missing as error:
            raise UserError(
                f"{field}: there is no DynamoDB table {self.table} in {self._api.region}; make it with:\n"
                f"  {CREATE.format(table=self.table)}"
            ) from error
        keys = {key["KeyType"]: key["AttributeName"] for key in found["KeySchema"]}
        if keys != {"HASH": "pk", "RANGE": "sk"}:
            raise UserError(f"{field}: {self.table} has the keys {keys}; it must have pk (HASH) and sk (RANGE)")

    def get(self, key: Key) -> Item | None:
        found = self._call("get_item", Key=_key(key), ConsistentRead=True)
        return _item(found["Item"]) if "Item" in found else None

    def range(self, partition: str, prefix: str, after: str = "") -> tuple[tuple[Key, Item], ...]:
        return tuple(self._pages(partition, prefix, after))

    def _pages(self, partition: str, prefix: str, after: str) -> Iterator[tuple[Key, Item]]:
        start: dict[str, Any] = {"ExclusiveStartKey": _key(Key(partition, after))} if after else {}
        while True:
            page = self._call(
                "query",
                KeyConditionExpression="pk = :p AND begins_with(sk, :s)",
                ExpressionAttributeValues={":p": _value(partition), ":s": _value(prefix)},
                ConsistentRead=True,
                **start,
            )
            for item in page["Items"]:
                yield Key(item["pk"]["S"], item["sk"]["S"]), _item(item)
            if "LastEvaluatedKey" not in page:
                return
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def write(self, *writes: Write) -> None:
        try:
            if len(writes) == 1 and writes[0].item is not None:
                self._call("put_item", **_put(writes[0]))
            else:
                operations = [{"TableName": self.table, **_put(write)} for write in writes]
                kinds = ["ConditionCheck" if write.item is None else "Put" for write in writes]
                items = [{kind: operation} for kind, operation in zip(kinds, operations, strict=True)]
                self._api.call("dynamodb", "transact_write_items", TransactItems=items)
        except OperatingError as error:
            raise _meant(error, writes) from error

    def _call(self, operation: str, **params: Any) -> dict[str, Any]:
        return self._api.call("dynamodb", operation, TableName=self.table, **params)


def _put(write: Write) -> dict[str, Any]:
    """The parameters of a Put or ConditionCheck."""
    what = {"Key": _key(write.key)} if write.item is None else {"Item": {**_key(write.key), **_typed(write.item)}}
    return {**what, **_condition(write.expected)}


def _condition(expected: Absent | Item | None) -> dict[str, Any]:
    if expected is None:
        return {}
    if isinstance(expected, Absent):
        return {"ConditionExpression": "attribute_not_exists(pk)"}
    names = sorted(expected)
    return {
        "ConditionExpression": " AND ".join(f"#{name} = :{name}" for name in names),
        "ExpressionAttributeNames": {f"#{name}": name for name in names},
        "ExpressionAttributeValues": {f":{name}": _value(expected[name]) for name in names},
    }


def _meant(error: OperatingError, writes: tuple[Write, ...]) -> OperatingError:
    """Which of the conditions did not hold, if that is what DynamoDB says."""
    response: dict[str, Any] = getattr(error.__cause__, "response", None) or {}  # a timeout has None
    if response.get("Error", {}).get("Code") == "ConditionalCheckFailedException":
        return Conflict((writes[0].key,))
    reasons = [str(reason.get("Code")) for reason in response.get("CancellationReasons", [])]
    if failed := tuple(w.key for w, reason in zip(writes, reasons, strict=False) if reason == "ConditionalCheckFailed"):
        return Conflict(failed)
    return next((_CANCELLED[reason](str(error)) for reason in reasons if reason in _CANCELLED), error)


def _key(key: Key) -> dict[str, dict[str, str]]:
    return {"pk": {"S": key.partition}, "sk": {"S": key.sort}}


def _typed(item: Item) -> dict[str, dict[str, Any]]:
    return {name: _value(value) for name, value in item.items()}


def _value(value: Value) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int):
        return {"N": str(value)}
    return {"B": value} if isinstance(value, bytes) else {"S": value}


def _item(raw: dict[str, dict[str, Any]]) -> Item:
    return {name: _plain(value) for name, value in raw.items() if name not in ("pk", "sk")}


def _plain(raw: dict[str, Any]) -> Value:
    [(kind, value)] = raw.items()
    if kind == "N":
        return int(value)
    plain: Value = value
    return plain
