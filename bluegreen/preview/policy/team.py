"""What a team shares: the journal's table, and a topic that is told."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.notify.sns import Sns
from bluegreen.plan import Plan
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant

TABLE = ("ConditionCheckItem", "DescribeTable", "GetItem", "PutItem", "Query")
"""Journal, lease and inbox. TransactWriteItems has no action of its own, its parts have (DynamoDB Developer Guide, IAM
and transactions)."""


def grants(plan: Plan, arns: Arns) -> Iterator[Grant]:
    if plan.team is not None:
        table = (arns.of("dynamodb", f"table/{plan.team.table}"),)
        yield Grant("Journal", tuple(f"dynamodb:{action}" for action in TABLE), table)
    topics = tuple(dict.fromkeys(way.topic for way in plan.notify if isinstance(way, Sns)))
    if topics:
        yield Grant("Tell", ("sns:Publish",), topics)
