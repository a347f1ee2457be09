"""moto's DynamoDB Streams."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from botocore.exceptions import ClientError


@pytest.fixture
def table(moto, monkeypatch):
    """A table with a stream, whose address moto knows."""
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
    client = moto("dynamodb")
    for name, stream in (("orders", {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}), ("other", None)):
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            **({"StreamSpecification": stream} if stream else {}),
        )
    return client


@pytest.fixture
def streams(moto, table):
    return moto("dynamodbstreams")


def shards(table, streams):
    arn = table.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    return arn, streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]


def start(table, streams):
    arn, (shard,) = shards(table, streams)
    place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    return streams.get_shard_iterator(**place)["ShardIterator"]


def put(table, number):
    table.put_item(TableName="orders", Item={"id": {"S": str(number)}})


def test_a_stream_is_one_shard_that_never_ends_and_keeps_everything(table, streams):
    now = datetime.now(UTC)
    for day in range(4):
        with time_machine.travel(now + timedelta(days=day), tick=False):
            for number in range(50):
                put(table, 100 * day + number)
    _, found = shards(table, streams)
    assert [list(shard) for shard in found] == [["ShardId", "SequenceNumberRange"]]
    with time_machine.travel(now + timedelta(days=9), tick=False):
        assert len(streams.get_records(ShardIterator=start(table, streams))["Records"]) == 200


def test_a_place_in_a_shard_never_expires(table, streams):
    cursor = start(table, streams)
    put(table, 1)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2), tick=False):
        assert len(streams.get_records(ShardIterator=cursor)["Records"]) == 1


def test_a_write_that_changes_nothing_makes_a_record(table, streams):
    put(table, 1)
    put(table, 1)
    assert len(streams.get_records(ShardIterator=start(table, streams))["Records"]) == 2


def test_a_transaction_that_is_refused_leaves_places_in_the_stream_behind(table, streams):
    put(table, 1)
    cursor = start(table, streams)
    refused = {"TableName": "orders", "Item": {"id": {"S": "1"}}, "ConditionExpression": "attribute_not_exists(id)"}
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        table.transact_write_items(TransactItems=[{"Put": refused}])
    put(table, 2)
    assert len(streams.get_records(ShardIterator=cursor)["Records"]) == 1
    assert len(streams.get_records(ShardIterator=start(table, streams))["Records"]) == 2
