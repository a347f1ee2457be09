"""The table that a team shares: the same body over a dict and DynamoDB (moto)."""

import pytest

from bluegreen.aws.session import Api
from bluegreen.aws.team.dynamodb import DynamoStore
from bluegreen.errors import Busy, Refused, Throttled, Unreachable, UserError
from bluegreen.lease.store import ABSENT, Conflict, Key, Write

from .stores import SESSION, STORES, dynamodb, make_table

A, B, C = Key("p", "a"), Key("p", "b"), Key("q", "a")
EVERYTHING = {"text": "x", "number": 7, "bytes": b"\x00\xff", "yes": True, "no": False, "empty": ""}


@pytest.fixture(params=STORES)
def store(request):
    with STORES[request.param]() as made:
        yield made


def test_what_was_written_is_read_back_with_its_types(store):
    assert store.get(A) is None
    store.write(Write(A, EVERYTHING))
    assert store.get(A) == EVERYTHING
    assert {name: type(value) for name, value in store.get(A).items()} == {n: type(v) for n, v in EVERYTHING.items()}


def test_a_write_that_expects_nothing_there_does_not_replace(store):
    store.write(Write(A, {"n": 1}, ABSENT))
    with pytest.raises(Conflict) as conflict:
        store.write(Write(A, {"n": 2}, ABSENT))
    assert conflict.value.at == (A,) and store.get(A) == {"n": 1}


def test_a_write_that_expects_values_needs_all_of_them(store):
    store.write(Write(A, {"n": 1, "by": "ann"}))
    for expected in ({"n": 2}, {"n": 1, "by": "bob"}, {"missing": 1}):
        with pytest.raises(Conflict):
            store.write(Write(A, {"n": 9}, expected))
    with pytest.raises(Conflict):
        store.write(Write(B, {"n": 9}, {"n": 1}))
    store.write(Write(A, {"n": 9}, {"n": 1, "by": "ann"}))
    assert store.get(A) == {"n": 9}


def test_of_several_writes_all_happen_or_none_and_it_is_said_which_did_not_fit(store):
    store.write(Write(A, {"n": 1}))
    with pytest.raises(Conflict) as conflict:
        store.write(Write(A, None, {"n": 2}), Write(B, {"n": 1}, ABSENT), Write(C, {"n": 1}, {"n": 5}))
    assert set(conflict.value.at) == {A, C}
    assert store.get(B) is None
    store.write(Write(A, None, {"n": 1}), Write(B, {"n": 1}, ABSENT), Write(C, {"n": 1}))
    assert store.get(A) == store.get(B) == store.get(C) == {"n": 1}


def test_a_check_alone_writes_nothing(store):
    store.write(Write(A, {"n": 1}))
    store.write(Write(A, None, {"n": 1}))
    with pytest.raises(Conflict):
        store.write(Write(A, None, {"n": 2}))
    assert store.get(A) == {"n": 1}


def test_a_range_is_one_partition_in_order_from_a_prefix_and_after_a_key(store):
    for key in (B, A, C, Key("p", "b2"), Key("p", "c")):
        store.write(Write(key, {"n": 1}))
    assert [key.sort for key, _ in store.range("p", "b")] == ["b", "b2"]
    assert [key.sort for key, _ in store.range("p", "b", after="b")] == ["b2"]


def test_a_range_larger_than_a_page_is_read_whole(store):
    for number in range(12):
        store.write(Write(Key("p", f"e{number:02d}"), {"data": b"x" * 200_000}))
    assert [key.sort for key, _ in store.range("p", "e")] == [f"e{number:02d}" for number in range(12)]


def test_a_missing_table_is_told_with_the_command_that_makes_it():
    with dynamodb() as store:
        store.check()
        with pytest.raises(UserError, match=r"no DynamoDB table other in us-east-1; make it with:\n.*create-table"):
            DynamoStore(Api(SESSION), "other").check()
        make_table("wrong", "id", "n")
        with pytest.raises(UserError, match="it must have pk"):
            DynamoStore(Api(SESSION), "wrong").check()


class Cancelling(Exception):
    """What botocore raises for a cancelled transaction."""

    def __init__(self, *codes):
        self.response = {
            "Error": {"Code": "TransactionCanceledException"},
            "CancellationReasons": [{"Code": code} for code in codes],
        }


@pytest.mark.parametrize(
    ("codes", "kind"),
    [
        (("None", "TransactionConflict"), Busy),
        (("ThrottlingError", "None"), Throttled),
        (("ProvisionedThroughputExceeded", "None"), Throttled),
        (("ValidationError", "None"), Refused),
        (("ConditionalCheckFailed", "TransactionConflict"), Conflict),
    ],
)
def test_why_dynamodb_cancelled_a_transaction_decides_whether_trying_again_helps(codes, kind):
    """moto has no concurrent transactions and no throttling: these answers are as the API reference words them."""

    class Answering(Api):
        def call(self, service, operation, **params):
            raise Refused("cancelled") from Cancelling(*codes)

    with pytest.raises(kind) as error:
        DynamoStore(Answering(SESSION), "team").write(Write(A, {"n": 1}), Write(B, {"n": 1}))
    assert error.value.lasting == (kind is Refused)


def test_a_timeout_is_trouble_like_any_other():
    """botocore's timeouts carry a `response`, too: None."""

    class TimedOut(Exception):
        response = None

    class Silent(Api):
        def call(self, service, operation, **params):
            raise Unreachable("no answer") from TimedOut()

    with pytest.raises(Unreachable):
        DynamoStore(Silent(SESSION), "team").write(Write(A, {"n": 1}))
