"""The team's table as the engine meets it in a rehearsal: DynamoDB's refusals, and no reads that may be stale."""

import pytest
from botocore.exceptions import ClientError

from bluegreen.errors import Throttled, Unreachable
from bluegreen.lease.store import ABSENT, Conflict, Key, Write
from sim.api import ApiTrouble
from sim.cloud import NotModelled
from tests.cloud.conftest import opened

KEY = Key("p", "e1")
RAW = {"pk": {"S": "p"}, "sk": {"S": "e1"}}
PARTITION = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "p"}}}


@pytest.fixture
def it():
    with opened(plan={"team": {"table": "rollouts"}}) as cloud:
        yield cloud


def trouble(it, kind, calls="*"):
    it.world.api.troubles.append(ApiTrouble(kind, (calls,)))


def test_the_table_that_the_plan_names_stands_before_the_rollout_begins(it):
    it.cloud.table().check()


def test_all_that_a_team_asks_of_its_table_is_answered_and_each_call_is_counted(it):
    table = it.cloud.table()
    table.write(Write(KEY, {"n": 1}, ABSENT))
    table.write(Write(KEY, None, {"n": 1}), Write(Key("p", "e2"), {"n": 2}, ABSENT))
    with pytest.raises(Conflict) as conflict:
        table.write(Write(KEY, None, {"n": 9}), Write(Key("p", "e3"), {"n": 3}))
    assert conflict.value.at == (KEY,)
    assert table.get(KEY) == {"n": 1}
    assert table.range("p", "e") == ((KEY, {"n": 1}), (Key("p", "e2"), {"n": 2}))
    operations = ("PutItem", "TransactWriteItems", "TransactWriteItems", "GetItem", "Query")
    assert it.world.api.log == [f"dynamodb:{operation}" for operation in operations]


def test_without_a_team_there_is_no_table():
    with opened() as it, pytest.raises(ClientError, match="ResourceNotFoundException"):
        it.client("dynamodb").describe_table(TableName="rollouts")


def test_dynamodb_says_in_its_own_words_that_it_was_asked_too_often(it):
    trouble(it, "throttle", "dynamodb:PutItem")
    with pytest.raises(ClientError) as error:
        it.client("dynamodb").put_item(TableName="rollouts", Item=RAW)
    assert error.value.response["Error"]["Code"] == "ThrottlingException"
    with pytest.raises(Throttled):
        it.cloud.table().write(Write(KEY, {"n": 1}))


def test_a_write_whose_answer_is_lost_has_happened_and_a_second_one_finds_it(it):
    trouble(it, "lost reply", "dynamodb:PutItem")
    table = it.cloud.table()
    with pytest.raises(Unreachable):
        table.write(Write(KEY, {"n": 1}, ABSENT))
    it.world.api.troubles.clear()
    with pytest.raises(Conflict):
        table.write(Write(KEY, {"n": 2}, ABSENT))
    assert table.get(KEY) == {"n": 1}


@pytest.mark.parametrize(("call", "asked"), [("get_item", {"Key": RAW}), ("query", PARTITION)])
@pytest.mark.parametrize("said", [{}, {"ConsistentRead": False}])
def test_a_read_that_may_be_stale_fails_loudly(it, call, asked, said):
    with pytest.raises(NotModelled, match="without ConsistentRead"):
        getattr(it.client("dynamodb"), call)(TableName="rollouts", **asked, **said)
    getattr(it.client("dynamodb"), call)(TableName="rollouts", **asked, ConsistentRead=True)
