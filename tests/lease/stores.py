"""Every store there is, for tests with one body; and a store that fails on demand."""

import os

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import boto3
from moto import mock_aws

from bluegreen.aws.session import Api
from bluegreen.aws.team.dynamodb import DynamoStore
from bluegreen.lease.holder import Holder
from bluegreen.lease.shared import SharedLease
from sim.memory.table import Table

SESSION = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y", region_name="us-east-1")
START = datetime(2030, 1, 1, tzinfo=UTC)
LENGTH = timedelta(minutes=5)


@contextmanager
def memory():
    yield Table()


@contextmanager
def dynamodb():
    with mock_aws(config={"core": {"reset_boto3_session": False}}):
        make_table("team")
        yield DynamoStore(Api(SESSION), "team")


def make_table(name, hash_key="pk", range_key="sk"):
    SESSION.client("dynamodb").create_table(
        TableName=name,
        KeySchema=[{"AttributeName": hash_key, "KeyType": "HASH"}, {"AttributeName": range_key, "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in (hash_key, range_key)],
        BillingMode="PAY_PER_REQUEST",
    )


STORES = {"memory": memory, "dynamodb": dynamodb}


@dataclass
class Hands:
    """A clock that stands still until it is moved."""

    at: datetime = START

    def now(self):
        return self.at

    def sleep(self, length):
        self.at += length


@dataclass
class Unreliable:
    """A store whose calls fail as `fates` says, by number from 1: before they take effect, or after."""

    store: object
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    calls: int = 0

    def get(self, key):
        return self._ask(lambda: self.store.get(key))

    def range(self, partition, prefix, after=""):
        return self._ask(lambda: self.store.range(partition, prefix, after))

    def write(self, *writes):
        return self._ask(lambda: self.store.write(*writes))

    def _ask(self, ask):
        self.calls += 1
        if self.calls in self.before:
            raise self.before[self.calls]
        answer = ask()
        if self.calls in self.after:
            raise self.after[self.calls]
        return answer


def lease(store, who, clock=None, service="shop", length=LENGTH):
    """`who`'s lease, not acquired yet."""
    me = Holder(who, f"{who}-laptop", 1, f"{service}-1", START)
    return SharedLease(store, service, me, token=f"token-{who}", length=length, clock=clock or Hands())
