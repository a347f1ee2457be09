"""`bluegreen sync` as processes that are really killed, against moto over HTTP, while both sides are written to."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import boto3
import numpy as np
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sim.data.history import Form, History, Wrote
from sim.data.judge import judge
from tests.sync.test_ports import STREAM, make_table

ROOT = Path(__file__).resolve().parents[2]
KEYS = [f"k{number}" for number in range(12)]
FILE = """
kind: dynamodb
name: orders
guard: {{accounts: ["123456789012"], regions: [us-east-1, eu-west-1]}}
first: {{side: blue, table: orders, endpoint: "{url}"}}
second: {{side: green, table: orders, region: eu-west-1, endpoint: "{url}"}}
state: {{table: state, endpoint: "{url}"}}
lease: 1s
page: 20
"""


@pytest.fixture
def url():
    server = subprocess.Popen([sys.executable, "-m", "tests.sync.served"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
    finally:
        server.kill()
        server.communicate()


@pytest.fixture
def environment(url):
    mine = {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1"}
    secrets = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
    return {**os.environ, **mine, **secrets, "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled"}


@pytest.fixture
def clients(url):
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y")
    quick = Config(retries={"total_max_attempts": 1})
    made = {
        side: session.client("dynamodb", region_name=region, endpoint_url=url, config=quick)
        for side, region in (("blue", "us-east-1"), ("green", "eu-west-1"))
    }
    for client in made.values():
        make_table(client, "orders", keys=("id",), **STREAM)
    make_table(made["blue"], "state", keys=("pk", "sk"))
    return made


@pytest.fixture
def file(url, tmp_path):
    path = tmp_path / "orders.sync.yaml"
    path.write_text(FILE.format(url=url))
    return path


class Forks:
    """Copiers as processes, one after the other."""

    def __init__(self, environment):
        command = [sys.executable, "-m", "tests.sync.forks"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self._mother = subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes)

    def begin(self, *arguments):
        self._mother.stdin.write(" ".join(map(str, arguments)) + "\n")
        self._mother.stdin.flush()
        return int(self._mother.stdout.readline())

    def code(self):
        return int(self._mother.stdout.readline())

    def end(self):
        self._mother.communicate()


@pytest.fixture
def forks(environment):
    forks = Forks(environment)
    yield forks
    forks.end()


class Applications:
    """They write on both sides, by the contract, and remember what they were told."""

    def __init__(self, clients, seed):
        self._clients, self._chance = clients, np.random.default_rng(seed)
        self.history, self._count = History("blue"), 0

    def write(self):
        side = ("blue", "green")[int(self._chance.integers(2))]
        key = KEYS[int(self._chance.integers(len(KEYS)))]
        client, name = self._clients[side], {"id": {"S": key}}
        there = client.get_item(TableName="orders", Key=name, ConsistentRead=True).get("Item", {})
        before = int(there["version"]["N"]) if there else 0
        now = int(time.time() * 1000)
        version, self._count = max(now, before + 1), self._count + 1
        condition = {"ConditionExpression": "attribute_not_exists(id)"}
        if there:
            condition = {
                "ConditionExpression": "version = :v",
                "ExpressionAttributeValues": {":v": {"N": str(before)}},
            }
        image = {**name, "write": {"S": f"w{self._count}"}, "version": {"N": str(version)}}
        try:
            client.put_item(TableName="orders", Item=image, **condition)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ConditionalCheckFailedException"
            return
        order = 2 * version + (side == "blue")
        self.history.events.append(Wrote(key, f"w{self._count}", order, side, now, now, Form.SET))


def holds(client):
    return {item["id"]["S"]: item["write"]["S"] for item in client.scan(TableName="orders")["Items"]}


def told(environment, file):
    done = run(environment, "overwritten", file, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def run(environment, *arguments):
    command = [Path(sys.executable).parent / "bluegreen", "sync", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def kill_often(rounds, clients, forks, environment, file):
    applications, chance = Applications(clients, rounds), np.random.default_rng(rounds)
    for _ in range(rounds):
        copier = forks.begin("sync", "run", file)
        until = time.monotonic() + float(chance.uniform(0.02, 1.6))  # the lease takes a second to be free
        while time.monotonic() < until:
            applications.write()
        os.kill(copier, signal.SIGKILL)
        assert forks.code() == -signal.SIGKILL
    forks.begin("sync", "run", file, "--once")
    assert forks.code() == 0
    blue, green = holds(clients["blue"]), holds(clients["green"])
    assert blue == green
    history = applications.history
    history.final = {side: {key: (id_,) for key, id_ in blue.items()} for side in ("blue", "green")}
    overwritten = [one["content"] for one in told(environment, file)]
    history.reported = {id_ for id_ in history.writes() if any(f'"{id_}"' in content for content in overwritten)}
    assert len(history.writes()) > 5 * rounds
    assert judge(history) == ()


def stopped_by_a_signal(clients, forks, file):
    """It ends well, and the next one need not wait for its lease."""
    copier = forks.begin("sync", "run", file)
    item = {"id": {"S": "last"}, "write": {"S": "last"}, "version": {"N": str(int(time.time() * 1000))}}
    clients["green"].put_item(TableName="orders", Item=item)
    until = time.monotonic() + 60
    while "last" not in holds(clients["blue"]) and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(copier, signal.SIGTERM)
    assert forks.code() == 0
    assert holds(clients["blue"])["last"] == "last"
    lease = {"pk": {"S": "service#sync orders"}, "sk": {"S": "lease"}}
    assert clients["blue"].get_item(TableName="state", Key=lease)["Item"]["free"] == {"BOOL": True}


@pytest.mark.slow
def test_a_copier_that_is_killed_again_and_again_while_both_sides_are_written_to_loses_nothing(
    clients, forks, environment, file
):
    kill_often(5, clients, forks, environment, file)
    stopped_by_a_signal(clients, forks, file)


@pytest.mark.drill
def test_the_same_a_hundred_times(clients, forks, environment, file):
    kill_often(100, clients, forks, environment, file)
