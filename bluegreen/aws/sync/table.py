"""`bluegreen.sync.ports.Table` on a DynamoDB table.

Each write is one conditional request; when its condition does not hold, the answer has the item that is there
(Amazon DynamoDB API Reference, PutItem, ReturnValuesOnConditionCheckFailure). Reads are strongly consistent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bluegreen.aws.session import Api
from bluegreen.errors import Missing, OperatingError, UserError
from bluegreen.lease.store import Absent
from bluegreen.sync.marks import Image
from bluegreen.sync.ports import Differs, Expected

VIEW = "NEW_AND_OLD_IMAGES"
STREAM = (
    "aws dynamodb update-table --region {region} --table-name {table}"
    f" --stream-specification StreamEnabled=true,StreamViewType={VIEW}"
)


@dataclass(frozen=True, slots=True)
class Described:
    """What a table is: its key's attributes with their types, its stream, how much it holds, as counted every six
    hours."""

    keys: dict[str, str]
    stream: str
    view: str
    count: int


def describe(api: Api, table: str) -> Described:
    """Raises UserError when there is no such table."""
    try:
        found = api.call("dynamodb", "describe_table", TableName=table)["Table"]
    except Missing as error:
        raise UserError(f"there is no DynamoDB table {table} in {api.region}") from error
    types = {one["AttributeName"]: one["AttributeType"] for one in found["AttributeDefinitions"]}
    keys = {one["AttributeName"]: types[one["AttributeName"]] for one in found["KeySchema"]}
    stream = found.get("StreamSpecification", {})
    arn = found.get("LatestStreamArn", "") if stream.get("StreamEnabled") else ""
    return Described(keys, arn, stream.get("StreamViewType", ""), int(found.get("ItemCount", 0)))


@dataclass(frozen=True, slots=True)
class DynamoTable:
    """One table."""

    api: Api
    name: str
    keys: tuple[str, ...]

    def get(self, key: Image) -> Image | None:
        found: Image | None = self._call("get_item", Key=dict(key), ConsistentRead=True).get("Item")
        return found

    def put(self, image: Image, expected: Expected) -> None:
        self._write("put_item", self._condition(expected), Item=dict(image))

    def delete(self, key: Image, expected: Expected) -> None:
        self._write("delete_item", self._condition(expected), Key=dict(key))

    def mark(self, key: Image, marks: Image, expected: Expected) -> None:
        condition = self._condition(expected)
        names = {f"#m{number}": name for number, name in enumerate(marks)}
        values = {f":m{number}": value for number, value in enumerate(marks.values())}
        settings = ", ".join(f"#m{number} = :m{number}" for number in range(len(marks)))
        condition["ExpressionAttributeNames"] |= names
        condition["ExpressionAttributeValues"] = {**condition.get("ExpressionAttributeValues", {}), **values}
        self._write("update_item", condition, Key=dict(key), UpdateExpression=f"SET {settings}")

    def scan(self, after: Image | None, limit: int) -> tuple[tuple[Image, ...], Image | None]:
        start = {} if after is None else {"ExclusiveStartKey": dict(after)}
        page = self._call("scan", Limit=limit, ConsistentRead=True, **start)
        return tuple(page["Items"]), page.get("LastEvaluatedKey")

    def _condition(self, expected: Expected) -> dict[str, Any]:
        names = {"#key": self.keys[0]}
        if isinstance(expected, Absent):
            return {"ConditionExpression": "attribute_not_exists(#key)", "ExpressionAttributeNames": names}
        parts, values = ["attribute_exists(#key)"], {}
        for number, (name, value) in enumerate(expected.items()):
            names[f"#e{number}"] = name
            if value is None:
                parts.append(f"attribute_not_exists(#e{number})")
            else:
                parts.append(f"#e{number} = :e{number}")
                values[f":e{number}"] = value
        condition: dict[str, Any] = {
            "ConditionExpression": " AND ".join(parts),
            "ExpressionAttributeNames": names,
        }
        return {**condition, "ExpressionAttributeValues": values} if values else condition

    def _write(self, operation: str, condition: dict[str, Any], **params: Any) -> None:
        try:
            self._call(operation, ReturnValuesOnConditionCheckFailure="ALL_OLD", **condition, **params)
        except OperatingError as error:
            response: dict[str, Any] = getattr(error.__cause__, "response", None) or {}
            if response.get("Error", {}).get("Code") == "ConditionalCheckFailedException":
                raise Differs(response.get("Item") or None) from error
            raise

    def _call(self, operation: str, **params: Any) -> dict[str, Any]:
        return self.api.call("dynamodb", operation, TableName=self.name, **params)
