"""DynamoDB: moto's conditions and transactions are AWS's, as far as one caller at a time can tell; tests say so
(`tests/lease/test_store.py`). It knows no throttling, which faults play, and no stale reads: those fail loudly."""

from __future__ import annotations

from typing import ClassVar

from sim.cloud.service import Params, Service
from sim.errors import AwsError, NotModelled

KEYS = {"pk": "HASH", "sk": "RANGE"}


class DynamoDb(Service):
    """The team's table."""

    name = "dynamodb"
    moto = frozenset({"describe_table", "put_item", "transact_write_items"})
    throttle: ClassVar[AwsError] = AwsError("ThrottlingException", "Rate of requests exceeds the allowed throughput.")

    def furnish(self) -> None:
        """The table stands before the rollout begins, if the plan names one."""
        team = self.site.plan.team
        if team is not None:
            self.aws.create_table(
                TableName=team.table,
                KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in KEYS.items()],
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in KEYS],
                BillingMode="PAY_PER_REQUEST",
            )

    def on_get_item(self, params: Params) -> None:
        """moto's, which has seen every write."""
        _check_consistent("GetItem", params)

    def on_query(self, params: Params) -> None:
        """moto's, which has seen every write."""
        _check_consistent("Query", params)


def _check_consistent(operation: str, params: Params) -> None:
    """Raises NotModelled for a read that may miss a write that was answered before (Developer Guide, read consistency):
    an engine that reads the lease or the journal so would look better here than it is."""
    if not params.get("ConsistentRead", False):
        raise NotModelled(f"dynamodb:{operation} without ConsistentRead: what AWS answers may be older than moto's")
