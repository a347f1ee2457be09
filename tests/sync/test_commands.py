"""`bluegreen sync` on the command line, against moto: what it prints, and how it ends."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from moto import mock_aws

from bluegreen.aws.session import Api
from bluegreen.cli import main
from bluegreen.lease.holder import Holder
from bluegreen.lease.shared import SharedLease
from tests.lease.stores import Hands
from tests.preview.iam import actions, allows, resource
from tests.sync.test_ports import SESSION, STREAM, make_table

FILE = """
kind: dynamodb
name: orders
guard: {accounts: ["123456789012"], regions: [us-east-1]}
first: {side: blue, table: orders-blue}
second: {side: green, table: orders-green}
state: {table: state}
workers: 1
compare: {patience: 10ms}
"""


@pytest.fixture
def aws(monkeypatch, tmp_path):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # moto does not know the address that has the account's number in it
    monkeypatch.setenv("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.sync.yaml").write_text(FILE)
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        yield SESSION.client("dynamodb")


@pytest.fixture
def tables(aws):
    for name in ("orders-blue", "orders-green"):
        make_table(aws, name, keys=("id",), **STREAM)
    make_table(aws, "state", keys=("pk", "sk"))
    return aws


@pytest.fixture
def command(capsys):
    def run(*arguments, file="orders.sync.yaml", code=0):
        with pytest.raises(SystemExit) as ended:
            main(["sync", arguments[0], file, *arguments[1:]])
        said = capsys.readouterr()
        assert ended.value.code == code, said.err
        return said.out if code in (0, 1) else said.err

    return run


def put(client, side, key, version, **more):
    item = {"id": {"S": key}, "version": {"N": str(version)}, **{name: {"S": value} for name, value in more.items()}}
    client.put_item(TableName=f"orders-{side}", Item=item)


def rewrite(old, new):
    from pathlib import Path

    path = Path("orders.sync.yaml")
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_both_tables_hold_the_same_afterwards_and_what_was_done_is_told(tables, command):
    put(tables, "blue", "a", 1)
    put(tables, "blue", "b", 1)
    said = command("run", "--once")
    assert "blue>green: lag 0s; " in said
    assert "2 baseline" in said
    put(tables, "green", "b", 2, text="x")
    command("run", "--once")
    assert tables.get_item(TableName="orders-blue", Key={"id": {"S": "b"}})["Item"] == {
        "id": {"S": "b"}, "version": {"N": "2"}, "text": {"S": "x"}, "sync_origin": {"S": "green 2"},
    }  # fmt: skip
    assert "the same" in command("compare")


def test_status_tells_what_was_done_and_who_runs_it(tables, command):
    assert command("status").splitlines() == ["it was never begun", "nobody runs it"]
    put(tables, "blue", "a", 1)
    command("run", "--once")
    assert "1 baseline" in command("status")
    assert command("status").splitlines()[-1] == "nobody runs it"
    known = json.loads(command("status", "--json"))
    assert [one["direction"] for one in known["directions"]] == ["blue>green", "green>blue"]
    assert known["overwritten"] == {"conflicts": 0, "drops": 0}
    assert known["directions"][0]["counts"]["baseline"] == 1


def test_what_was_overwritten_is_listed_with_what_it_held(tables, command):
    command("run", "--once")
    put(tables, "blue", "a", 1, text="lost")
    put(tables, "green", "a", 2, text="kept")
    said = command("run", "--once")
    assert "overwritten: 1 conflicts; see `bluegreen sync overwritten`" in said
    (line,) = command("overwritten").splitlines()
    assert 'conflicts  {"id":{"S":"a"}}  blue 1' in line
    assert "lost" in line
    (one,) = [json.loads(line) for line in command("overwritten", "--json").splitlines()]
    assert (one["loss"], one["stamp"], '"lost"' in one["content"]) == ("conflicts", "blue 1", True)


def test_tables_that_differ_are_told_apart_and_the_exit_code_says_so(tables, command):
    for key in ("a", "b", "c"):
        put(tables, "blue", key, 1, text="x")
        put(tables, "green", key, 9, text="x")
    assert "3 compared, 0 not the same" in command("compare")
    put(tables, "green", "b", 1, text="y")
    tables.delete_item(TableName="orders-green", Key={"id": {"S": "c"}})
    put(tables, "green", "d", 1)
    said = command("compare", code=1)
    assert "4 compared, 3 not the same, 0 moving" in said
    assert 'differs: {"id":{"S":"b"}}' in said
    assert 'only on the first side: {"id":{"S":"c"}}' in said
    assert 'only on the second side: {"id":{"S":"d"}}' in said
    assert json.loads(command("compare", "--json", code=1))["divergent"] == 3


def test_a_rule_of_the_teams_own_makes_one_of_two(tables, command, monkeypatch, tmp_path):
    (tmp_path / "carts.py").write_text(
        "def both(key, first, second):\n"
        "    return {**first, **second, 'text': {'S': first['text']['S'] + '+' + second['text']['S']}}\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    rewrite("workers: 1", "workers: 1\nconflict: {kind: python, function: 'carts:both'}")
    command("run", "--once")
    put(tables, "blue", "a", 10, text="x")
    put(tables, "green", "a", 20, text="y")
    command("run", "--once")
    items = [tables.get_item(TableName=f"orders-{side}", Key={"id": {"S": "a"}})["Item"] for side in ("blue", "green")]
    assert [item["text"]["S"] for item in items] == ["x+y", "x+y"]
    assert command("overwritten") == ""


def test_metrics_are_published_for_gates_to_ask_for(tables, command):
    rewrite("workers: 1", "workers: 1\npublish: {}")
    put(tables, "blue", "a", 1)
    command("run", "--once")
    command("compare", "--publish", code=0)
    cloudwatch, now = SESSION.client("cloudwatch"), datetime.now(UTC)

    def value(name, **dimensions):
        found = cloudwatch.get_metric_statistics(
            Namespace="Bluegreen/Sync",
            MetricName=name,
            Dimensions=[{"Name": key, "Value": given} for key, given in {"Sync": "orders", **dimensions}.items()],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=5),
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        return [point["Maximum"] for point in found]

    assert value("Divergent") == [0.0]
    assert value("Conflicts") == [0.0]
    assert value("Lag")[0] < 5
    assert value("Lag", Direction="blue>green")[0] < 5
    assert value("Baseline", Direction="blue>green") == [1.0]


def test_anew_copies_everything_again(tables, command):
    put(tables, "blue", "a", 1)
    command("run", "--once")
    tables.delete_item(TableName="orders-green", Key={"id": {"S": "a"}})
    said = command("run", "--once", "--anew")
    assert "2 baseline" in said


def store(_):
    from bluegreen.aws.team.dynamodb import DynamoStore

    return DynamoStore(Api(SESSION), "state")


def test_a_second_copier_is_turned_away(tables, command, monkeypatch):
    other = Holder("ann", "laptop", 7, "sync", datetime(2030, 1, 1, tzinfo=UTC))
    lease = SharedLease(store(tables), "sync orders", other, "theirs", timedelta(seconds=60), Hands())
    assert lease.acquire()
    monkeypatch.setattr("bluegreen.cli._sync.ticks", lambda _: (lease.renew() for _ in range(9)))
    said = command("run", "--once", code=6)
    assert "another copier is at work: ann on laptop (pid 7)" in said


# -- mistakes ---------------------------------------------------------------------------------------------------------


def test_everything_that_is_missing_is_told_at_once(aws, command):
    said = command("run", code=4)
    assert "first: there is no DynamoDB table orders-blue in us-east-1" in said
    assert "second: there is no DynamoDB table orders-green" in said
    assert "state: there is no DynamoDB table state" in said
    assert "aws dynamodb create-table --table-name state" in said


@pytest.mark.parametrize(
    "stream", [{}, {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}}]
)
def test_a_table_without_the_right_stream_is_told_how_to_get_one(aws, command, stream):
    make_table(aws, "orders-blue", keys=("id",), **stream)
    make_table(aws, "orders-green", keys=("id",), **STREAM)
    make_table(aws, "state", keys=("pk", "sk"))
    said = command("run", code=4)
    assert "blue: orders-blue needs a stream with NEW_AND_OLD_IMAGES" in said
    assert "aws dynamodb update-table --region us-east-1 --table-name orders-blue" in said
    assert "orders-green" not in said


def test_tables_with_other_keys_are_refused(aws, command):
    make_table(aws, "orders-blue", keys=("id",), **STREAM)
    make_table(aws, "orders-green", keys=("id", "part"), **STREAM)
    make_table(aws, "state", keys=("pk", "sk"))
    assert "the tables must have the same key; they have {'id': 'S'} and {'id': 'S', 'part': 'S'}" in command(
        "run", code=4
    )


def test_another_account_is_refused_before_anything_is_asked(aws, command):
    rewrite("123456789012", "999999999999")
    assert "guard.accounts: this is account 123456789012" in command("run", code=4)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("kind: dynamodb", "kind: oracle", "unknown kind 'oracle'"),
        ("side: green", "side: blue", "first and second are both called blue"),
        ("table: state", "table: orders-blue", "first, second and state must be three tables"),
        ("workers: 1", "workers: 0", "greater than or equal to 1"),
        ("workers: 1", "version: v\norigin: v", "version and origin must be two attributes"),
        ("workers: 1", "both_ways: false\nconflict: {kind: python, function: 'a:b'}", "needs both_ways: true"),
        ("workers: 1", "conflict: {kind: python, function: nothing}", "conflict"),
        ("workers: 1", "conflict: {kind: python, function: 'no_such_module:f'}", "cannot be imported"),
        ("workers: 1", "wrokers: 1", "wrokers: unknown key"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(tables, command, old, new, said):
    rewrite(old, new)
    assert said in command("run", "--once", code=4)


def test_a_file_that_is_not_there_and_commands_that_do_not_fit_are_refused(tables, command):
    assert "cannot be read" in command("run", file="other.yaml", code=4)
    assert "--publish needs `publish`" in command("compare", "--publish", code=4)


# -- the policy -------------------------------------------------------------------------------------------------------


def test_the_policy_names_the_tables_and_nothing_else(tables, command):
    document = json.loads(command("policy"))
    resources = {one for statement in document["Statement"] for one in listed(statement["Resource"])}
    arn = "arn:aws:dynamodb:us-east-1:123456789012:table"
    assert resources == {
        *(f"{arn}/orders-{side}{tail}" for side in ("blue", "green") for tail in ("", "/stream/*")),
        f"{arn}/state",
    }


def listed(value):
    return value if isinstance(value, list) else [value]


def test_every_call_is_allowed_by_the_policy_and_every_action_is_used(tables, command, monkeypatch):
    rewrite("workers: 1", "workers: 1\npublish: {}")
    documents, asked, call = [json.loads(command("policy"))], [], Api.call

    def listening(self, service, operation, **params):
        asked.append((service, operation, params))
        return call(self, service, operation, **params)

    monkeypatch.setattr(Api, "call", listening)
    put(tables, "blue", "a", 1)
    command("run", "--once")
    for side, key, version in (("blue", "a", 2), ("green", "b", 1), ("blue", "b", 2), ("blue", "c", 0)):
        put(tables, side, key, version)
    command("run", "--once")
    tables.delete_item(TableName="orders-green", Key={"id": {"S": "a"}})
    tables.delete_item(TableName="orders-blue", Key={"id": {"S": "b"}})
    command("run", "--once")
    command("compare")
    used = {(action, arn_of(service, operation, params)) for service, operation, params in asked
            for action in actions_of(service, operation)}  # fmt: skip
    known = {"cloudwatch:namespace": ["Bluegreen/Sync"]}
    assert [one for one in used if not allows(documents, *one, known)] == []
    named = {action for statement in documents[0]["Statement"] for action in listed(statement["Action"])}
    assert named == {action for action, _ in used}


def actions_of(service, operation):
    if service == "sts":
        return ()
    return actions(service, operation)


def arn_of(service, operation, params):
    return params.get("StreamArn") if service == "dynamodbstreams" else resource(service, operation, params)
