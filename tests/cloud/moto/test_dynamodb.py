"""moto's DynamoDB."""

import pytest

KEYS = {"pk": "HASH", "sk": "RANGE"}


@pytest.fixture
def table(moto):
    """A table, as one who writes into it sees it: for one small item a second, by its settings."""
    client = moto("dynamodb")
    client.create_table(
        TableName="team",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in KEYS.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in KEYS],
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    )
    return client


def item(number, size=1):
    return {"pk": {"S": "p"}, "sk": {"S": str(number)}, "data": {"B": b"x" * size}}


def test_a_table_is_never_asked_for_more_than_its_capacity(table):
    for number in range(1000):
        table.put_item(TableName="team", Item=item(number))


def test_every_read_sees_every_write(table):
    """Also those that do not ask for it: a hundred times, where DynamoDB promises nothing."""
    for number in range(100):
        table.put_item(TableName="team", Item=item(number))
        key = {"pk": {"S": "p"}, "sk": {"S": str(number)}}
        assert "Item" in table.get_item(TableName="team", Key=key)
        asked = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "p"}}}
        assert table.query(TableName="team", **asked, Select="COUNT")["Count"] == number + 1


def test_a_transaction_may_be_larger_than_4_mb(table):
    puts = [{"Put": {"TableName": "team", "Item": item(number, size=300_000)}} for number in range(20)]
    table.transact_write_items(TransactItems=puts)
    found = table.get_item(TableName="team", Key={"pk": {"S": "p"}, "sk": {"S": "19"}})["Item"]
    assert len(found["data"]["B"]) == 300_000
