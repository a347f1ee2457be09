"""How fast `bluegreen sync` carries records between two tables of moto's DynamoDB, one at a time, beside the same calls
made by hand: a page of the stream, and for each record what must be asked. CPU time of one process, so that other
people's work on the machine is left out; the ratio is what counts, since most of it is moto's.
"""

import os

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"
os.environ["AWS_ACCOUNT_ID_ENDPOINT_MODE"] = "disabled"

import statistics
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import process_time

import boto3
from moto import mock_aws

from benchmarks.figure import Figure
from bluegreen.aws.session import CONFIG, Api
from bluegreen.aws.sync.feed import DynamoFeed
from bluegreen.aws.sync.table import DynamoTable
from bluegreen.aws.team.dynamodb import DynamoStore
from bluegreen.clock import SystemClock
from bluegreen.lease.holder import this_process
from bluegreen.lease.shared import SharedLease
from bluegreen.sync.carrying import Carrier
from bluegreen.sync.direction import Direction, Start
from bluegreen.sync.marks import Marks
from bluegreen.sync.state import State

RECORDS, PAGE, ROUNDS = 400, 200, 3
SESSION = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y", region_name="us-east-1")
KEYED = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}


def figures() -> Iterator[Figure]:
    for what, inserts in (("new items", True), ("changes", False)):
        ours, floors = [], []
        for _ in range(ROUNDS):
            ours.append(timed(by_sync, inserts))
            floors.append(timed(by_hand, inserts))
        yield Figure(f"sync, {what}", RECORDS / statistics.median(ours), "records/s of CPU time")
        yield Figure(f"the same calls by hand, {what}", RECORDS / statistics.median(floors), "records/s of CPU time")
        ratio = statistics.median(one / floor for one, floor in zip(ours, floors, strict=True))
        yield Figure(f"sync, {what}, times the calls by hand", ratio, "times the CPU time")


def timed(carry, inserts):
    """CPU seconds for all records; the tables are made and written to before."""
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        client = SESSION.client("dynamodb", config=CONFIG)
        for name in ("blue", "green"):
            named = [{"AttributeName": "id", "AttributeType": "S"}]
            client.create_table(TableName=name, AttributeDefinitions=named, **KEYED, **STREAM)
        make_state(client)
        if not inserts:
            write(client, "blue", 1)
            write(client, "green", 1, origin="blue 1")
        direction = begun()
        if not inserts:
            direction.round()  # past what was there before
            direction.round()
        write(client, "blue", 2)
        return carry(client, direction, inserts)


def write(client, table, version, origin=""):
    for number in range(RECORDS):
        marks = {"version": {"N": str(version)}, **({"sync_origin": {"S": origin}} if origin else {})}
        client.put_item(TableName=table, Item={"id": {"S": f"k{number}"}, "text": {"S": "x" * 100}, **marks})


def make_state(client):
    keys = (("pk", "HASH"), ("sk", "RANGE"))
    client.create_table(
        TableName="state",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        BillingMode="PAY_PER_REQUEST",
    )


def begun():
    """From blue to green, from now on."""
    api, clock = Api(SESSION), SystemClock()
    store = DynamoStore(api, "state")
    me = this_process("sync", clock.now())
    lease = SharedLease(store, "sync orders", me, "token", timedelta(minutes=1), clock)
    assert lease.acquire()
    tables = [DynamoTable(api, name, ("id",)) for name in ("blue", "green")]
    carrier = Carrier("blue", *tables, State(store, "orders", lease), Marks("blue", "green"), clock.now)
    direction = Direction("blue>green", "blue", DynamoFeed(api, "blue"), carrier, Start.NOW, PAGE)
    direction.begin()
    return direction


def by_sync(client, direction, inserts):
    began = process_time()
    while direction.round():
        pass
    took = process_time() - began
    assert client.scan(TableName="green", Select="COUNT")["Count"] == RECORDS
    assert direction.totals["copied"] >= RECORDS
    return took


def by_hand(client, direction, inserts):
    """The same requests, in the same number."""
    streams = SESSION.client("dynamodbstreams", config=CONFIG)
    arn = client.describe_table(TableName="blue")["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    cursor = streams.get_shard_iterator(**place)["ShardIterator"]
    skipped = 0 if inserts else RECORDS
    while skipped:
        page = streams.get_records(ShardIterator=cursor, Limit=PAGE)
        cursor, skipped = page["NextShardIterator"], skipped - len(page["Records"])
    began = process_time()
    while True:
        page = streams.get_records(ShardIterator=cursor, Limit=PAGE)
        for record in page["Records"]:
            carry_by_hand(client, record["dynamodb"], inserts)
        if not page["Records"]:
            break
        state = {"pk": {"S": "p"}, "sk": {"S": datetime.now(UTC).isoformat()}}
        puts = [{"Put": {"TableName": "state", "Item": {**state, "pk": {"S": name}}}} for name in "abcd"]
        client.transact_write_items(TransactItems=puts)
        cursor = page["NextShardIterator"]
    return process_time() - began


def carry_by_hand(client, change, inserts):
    item = {**change["NewImage"], "sync_origin": {"S": "blue 2"}}
    grave = {"TableName": "state", "Key": {"pk": change["Keys"]["id"], "sk": {"S": "deleted"}}, "ConsistentRead": True}
    if inserts:
        client.get_item(**grave)
        client.put_item(TableName="green", Item=item, ConditionExpression="attribute_not_exists(id)")
        client.get_item(**grave)
        return
    client.put_item(
        TableName="green",
        Item=item,
        ConditionExpression="attribute_exists(id) AND version = :v",
        ExpressionAttributeValues={":v": {"N": "1"}},
    )
