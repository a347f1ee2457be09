"""One body for every table and stream there is: DynamoDB as moto has it, and tables in memory. What moto's streams lack
is tried on the tables in memory alone."""

import os

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from moto import mock_aws

from bluegreen.aws.session import Api
from bluegreen.aws.sync.feed import DynamoFeed
from bluegreen.aws.sync.table import DynamoTable, describe
from bluegreen.errors import Missing, Throttled, UserError
from bluegreen.sync.ports import NOTHING, Differs, Expired, Forgotten
from sim.data.tables import StreamedTable

SESSION = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y", region_name="us-east-1")
KEYS = {"id": "HASH", "part": "RANGE"}


def make_table(client, name, keys=("id", "part"), **more):
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        BillingMode="PAY_PER_REQUEST",
        **more,
    )


STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}


@contextmanager
def memory():
    table = StreamedTable("orders", lambda: datetime.now(UTC), keys=("id", "part"))
    yield table, table


@contextmanager
def dynamodb():
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        make_table(SESSION.client("dynamodb"), "orders", **STREAM)
        api = Api(SESSION)
        yield DynamoTable(api, "orders", ("id", "part")), DynamoFeed(api, "orders")


@pytest.fixture(params=[memory, dynamodb], ids=["memory", "moto"])
def both(request, monkeypatch):
    # moto does not know the address that has the account's number in it
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
    with request.param() as both:
        yield both


@pytest.fixture
def table(both):
    return both[0]


@pytest.fixture
def feed(both):
    return both[1]


def key(name, part="1"):
    return {"id": {"S": name}, "part": {"S": part}}


def item(name, version=None, **more):
    marks = {} if version is None else {"version": {"N": str(version)}}
    return {**key(name), **marks, **{what: {"S": value} for what, value in more.items()}}


V1, V2 = {"version": {"N": "1"}}, {"version": {"N": "2"}}


# -- tables -----------------------------------------------------------------------------------------------------------


def test_what_was_put_is_there_whole(table):
    image = {
        **item("a", 1, text="x"),
        "b": {"B": b"\x00\xff"},
        "set": {"SS": ["p", "q"]},
        "map": {"M": {"l": {"L": [{"BOOL": True}, {"NULL": True}]}}},
    }
    table.put(image, NOTHING)
    assert table.get(key("a")) == image
    assert table.get(key("a", "2")) is None


def test_a_put_of_what_must_not_be_there_is_refused_when_it_is_and_says_what_is(table):
    table.put(item("a", 1), NOTHING)
    with pytest.raises(Differs) as differs:
        table.put(item("a", 2), NOTHING)
    assert differs.value.there == item("a", 1) == table.get(key("a"))


def test_a_put_over_what_is_as_expected_replaces_it_whole(table):
    table.put(item("a", 1, old="x"), NOTHING)
    table.put(item("a", 2), {**V1, "sync_origin": None})
    assert table.get(key("a")) == item("a", 2)


@pytest.mark.parametrize("expected", [V2, {"version": None}, {**V1, "sync_origin": {"S": "blue 1"}}])
def test_nothing_is_put_marked_or_deleted_when_something_else_is_there(table, expected):
    table.put(item("a", 1), NOTHING)
    for attempt in (
        lambda: table.put(item("a", 3), expected),
        lambda: table.delete(key("a"), expected),
        lambda: table.mark(key("a"), V2, expected),
    ):
        with pytest.raises(Differs) as differs:
            attempt()
        assert differs.value.there == item("a", 1) == table.get(key("a"))


@pytest.mark.parametrize("expected", [V1, {"version": None}, {}])
def test_nothing_is_put_marked_or_deleted_when_nothing_is_there(table, expected):
    for attempt in (
        lambda: table.put(item("a", 3), expected),
        lambda: table.delete(key("a"), expected),
        lambda: table.mark(key("a"), V2, expected),
    ):
        with pytest.raises(Differs) as differs:
            attempt()
        assert (differs.value.there, table.get(key("a"))) == (None, None)


def test_marks_are_set_beside_everything_else(table):
    table.put(item("a", text="x"), NOTHING)
    table.mark(key("a"), {**V2, "sync_origin": {"S": "blue 1"}}, {"version": None, "sync_origin": None})
    assert table.get(key("a")) == {**item("a", 2, text="x"), "sync_origin": {"S": "blue 1"}}


def test_what_is_deleted_is_gone(table):
    table.put(item("a", 1), NOTHING)
    table.delete(key("a"), V1)
    assert table.get(key("a")) is None


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_a_scan_in_pages_finds_every_item_once(table, limit):
    for number in range(7):
        table.put(item(f"k{number}", number), NOTHING)
    found, after = [], None
    while True:
        page, after = table.scan(after, limit)
        found += page
        if after is None:
            break
    assert sorted(image["id"]["S"] for image in found) == [f"k{number}" for number in range(7)]


# -- streams ----------------------------------------------------------------------------------------------------------


def read_all(feed, after=None, limit=100):
    """All records of all shards, and the shard of each."""
    found = []
    for shard in feed.listing().shards:
        cursor = feed.cursor(shard.id, (after or {}).get(shard.id))
        while cursor is not None:
            page = feed.read(cursor, limit)
            found += [(shard.id, record) for record in page.records]
            if not page.records:
                break
            cursor = page.cursor
    return found


def test_a_new_item_a_change_and_a_delete_are_records_with_what_was_before_and_after(table, feed):
    table.put(item("a", 1), NOTHING)
    table.put(item("a", 2, text="x"), V1)
    table.delete(key("a"), V2)
    records = [record for _, record in read_all(feed)]
    assert [(r.key, r.old, r.new, r.expired) for r in records] == [
        (key("a"), None, item("a", 1), False),
        (key("a"), item("a", 1), item("a", 2, text="x"), False),
        (key("a"), item("a", 2, text="x"), None, False),
    ]
    assert all(abs(datetime.now(UTC) - record.created) < timedelta(seconds=30) for record in records)


def test_reading_goes_on_after_a_record_and_in_pages(table, feed):
    for number in range(6):
        table.put(item("a", number), NOTHING if number == 0 else {"version": {"N": str(number - 1)}})
    by_pages = read_all(feed, limit=2)
    assert [record.new["version"]["N"] for _, record in by_pages] == list("012345")
    shard, third = by_pages[2]
    assert [record.new["version"]["N"] for _, record in read_all(feed, {shard: third.sequence})] == list("345")


def test_a_place_at_the_end_of_a_shard_finds_what_comes_later(table, feed):
    cursors = [feed.read(feed.cursor(shard.id, None), 10).cursor for shard in feed.listing().shards]
    table.put(item("a", 1), NOTHING)
    found = [record for cursor in cursors for record in feed.read(cursor, 10).records]
    assert [record.new for record in found] == [item("a", 1)]


def test_a_write_that_was_refused_or_changed_nothing_is_in_no_record(table, feed):
    table.put(item("a", 1), NOTHING)
    with pytest.raises(Differs):
        table.put(item("a", 2), NOTHING)
    table.put(item("a", 1), V1)
    assert len(read_all(feed)) <= 2  # moto tells of the second one too


# -- DynamoDB alone ---------------------------------------------------------------------------------------------------


@pytest.fixture
def api(monkeypatch):
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        yield Api(SESSION)


def test_a_table_that_is_not_there_is_named(api):
    with pytest.raises(UserError, match="there is no DynamoDB table orders in us-east-1"):
        describe(api, "orders")


def test_a_table_without_a_stream_has_no_listing(api):
    make_table(SESSION.client("dynamodb"), "orders")
    with pytest.raises(Missing, match="switched off"):
        DynamoFeed(api, "orders").listing()


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("ExpiredIteratorException", Expired),
        ("TrimmedDataAccessException", Forgotten),
        ("LimitExceededException", Throttled),
    ],
)
def test_what_dynamodb_says_of_places_in_a_shard_is_understood(code, meant):
    class Refusing:
        def call(self, service, operation, **params):
            from botocore.exceptions import ClientError

            from bluegreen.errors import Refused

            raise Refused(code) from ClientError({"Error": {"Code": code}}, operation)

    with pytest.raises(meant):
        DynamoFeed(Refusing(), "orders").read("cursor", 10)
