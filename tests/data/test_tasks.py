"""What must be so before the data let a rollout go on, judged on all that can be seen. Unknown never promotes."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from pydantic import TypeAdapter, ValidationError

from bluegreen.data.base import MOMENTS, Case, Task
from bluegreen.data.same import named_in
from bluegreen.decide.data import pass_task
from bluegreen.model import DataState, DataView, Observation, Phase, Rollout, Slot
from bluegreen.plan import Plan

AT = datetime(2030, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BASE = {
    "service": {"name": "shop", "zone": "example.com", "record": "www.example.com"},
    "live": {"balancer": "shop-blue", "group": "shop-blue"},
    "candidate": {"clone": {"image": "ami-0abcdef0123456789"}},
    "strategy": {"kind": "all_at_once", "hold": "5m"},
    "gates": [{"kind": "threshold", "measure": "error_rate", "below": "1%"}],
    "guard": {"accounts": ["123456789012"], "regions": ["us-east-1"]},
}
OWN = {"fence": {"run": ["fence"]}, "unfence": {"run": ["unfence"]}}
REPLICA = {"kind": "replica", "source": "a", "replica": "b", **OWN}
KEY = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"
STAGES = ("absent", "making", "following", "moving", "moved", "refused", "failed")


def plan(**data):
    return Plan.model_validate({**BASE, "data": data})


def case(view, *, moved=None, waited=MINUTE):
    state = DataState(moved=moved)
    rollout = Rollout("r", Slot.BLUE, Phase.SCALE, AT, AT, data=state)
    return Case(Observation(AT + waited, data=view), rollout, AT)


def caught_up(lags, **more):
    """The answer when these are the newest points, minute by minute since the fence."""
    data = plan(**{**REPLICA, **more}).data
    view = DataView("following", lag=lags[-1], lag_at=AT + MINUTE * (len(lags) - 1)) if lags else DataView("following")
    return data.judge("caught up", case(view)).state


@pytest.mark.parametrize(
    ("lags", "state"),
    [((12, 3, 0), "passed"), ((0, -1), "running"), ((), "running"), ((12, 3), "running"), ((-1,), "running")],
)
def test_a_replica_is_ready_when_its_newest_lag_is_zero_and_minus_one_is_not_zero(lags, state):
    """Golden case G-1."""
    assert caught_up(lags) == state


def test_a_lag_within_the_plans_limit_is_enough_and_minus_one_is_below_every_limit_and_never_is():
    assert caught_up((3,), lag_at_most="5s") == "passed"
    assert caught_up((6,), lag_at_most="5s") == "running"
    assert caught_up((-1,), lag_at_most="5s") == "running"


def test_a_point_of_the_time_before_the_fence_says_nothing():
    old = DataView("following", lag=0.0, lag_at=AT - MINUTE)
    assert plan(**REPLICA).data.judge("caught up", case(old)).state == "running"


def test_who_does_not_catch_up_in_time_has_failed():
    slow = case(DataView("following", lag=60.0, lag_at=AT), waited=timedelta(minutes=30))
    said = plan(**REPLICA).data.judge("caught up", slow)
    assert (said.state, said.stops, "60 s behind" in said.why) == ("failed", False, True)


KINDS = [REPLICA, {"kind": "rds_blue_green", "source": "a"}]


@pytest.mark.parametrize(("data", "stage"), list(product(KINDS, [None, *STAGES])))
def test_a_move_is_asked_for_only_by_who_sees_that_the_copy_follows(data, stage):
    made = plan(**data).data
    last = made.tasks("before-shift")[-1].name
    said = made.judge(last, case(None if stage is None else DataView(stage)))
    assert (said.asks == "move") is (stage == "following")
    assert (said.state == "passed") is (stage == "moved")


@pytest.mark.parametrize(("data", "stage"), list(product(KINDS, [None, *STAGES])))
def test_a_copy_counts_as_made_only_when_it_follows(data, stage):
    made = plan(**data).data
    first = made.tasks("before-provision")[0].name
    said = made.judge(first, case(None if stage is None else DataView(stage)))
    assert (said.state == "passed") is (stage == "following")
    assert (said.asks == "prepare") is (stage == "absent")


BLUE_HAS, BLUE_LACKS, NOTHING = {"user data": True}, {"user data": False}, {}


@pytest.mark.parametrize(
    ("blue", "green", "state"),
    [
        (BLUE_HAS, {"user data": True}, "passed"),
        (BLUE_HAS, {"user data": False, "parameter Db": True}, "passed"),
        (BLUE_HAS, {"user data": False}, "failed"),
        (BLUE_HAS, NOTHING, "unknown"),
        (BLUE_HAS, {"parameter Db": False}, "unknown"),
        (BLUE_LACKS, {"user data": True}, "unknown"),
        (NOTHING, NOTHING, "unknown"),
    ],
)
def test_one_source_is_proven_by_both_slots_and_disproven_where_only_one_names_it(blue, green, state):
    view = DataView("following", named={Slot.BLUE: blue, Slot.GREEN: green})
    same = plan(kind="same", source="shop-db").data
    assert same.judge("same source", case(view)).state == state
    borne = plan(kind="same", source="shop-db", on_unknown="go_on").data.judge("same source", case(view))
    assert borne.state == ("passed" if state == "unknown" else state)
    assert state != "unknown" or "nobody can tell" in borne.why


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("DB=shop-db", True),
        ("postgresql://shop:x@shop-db.abc.eu-west-1.rds.amazonaws.com:5432/shop", True),
        ("DB=shop-db-green.abc.eu-west-1.rds.amazonaws.com", False),
        ("DB=shop-db2", False),
        ("DB=my-shop-db", False),
        ("DB=staging.shop-db", False),
        ("", False),
    ],
)
def test_a_database_whose_name_begins_alike_is_another_one(text, is_it):
    assert named_in("shop-db", text) is is_it


def test_slots_that_cannot_be_read_are_unknown_after_a_while():
    same = plan(kind="same", source="shop-db").data
    assert same.judge("same source", case(None)).state == "running"
    late = case(None, waited=timedelta(minutes=10))
    assert same.judge("same source", late).state == "unknown"
    assert plan(kind="same", source="shop-db", on_unknown="go_on").data.judge("same source", late).state == "passed"


# -- what a file may say ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("timeout", "valid"), [("29s", False), ("30s", True), ("1h", True), ("61m", False)])
def test_a_switchovers_timeout_is_between_30_seconds_and_an_hour(timeout, valid):
    """Golden case G-8."""
    if valid:
        assert plan(kind="rds_blue_green", source="a", timeout=timeout).data
    else:
        with pytest.raises(ValidationError, match="timeout"):
            plan(kind="rds_blue_green", source="a", timeout=timeout)


def test_a_promoted_replica_needs_all_users_at_once():
    steps = {"strategy": {"kind": "linear", "step": "10%", "hold": "5m"}}
    with pytest.raises(ValidationError, match="users of blue cannot write any more; send all at once"):
        Plan.model_validate({**BASE, **steps, "data": REPLICA})


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"kind": "same"}, "give either source"),
        ({"kind": "same", "source": "shop-db", "check": {"run": ["x"]}}, "give either source"),
        ({"kind": "schema"}, "give expand, contract or both"),
        ({**REPLICA, "replica": "a"}, "a name of its own"),
        ({"kind": "replica", "source": "a", "replica": "b"}, "fence"),
        ({**REPLICA, "kms_key": "shop"}, "kms_key"),
        ({**REPLICA, "kms_key": KEY}, "a key of eu-west-1, and the replica is to be in us-east-1"),
        (
            {**REPLICA, "region": "eu-west-2", "kms_key": KEY},
            "a key of eu-west-1, and the replica is to be in eu-west-2",
        ),
    ],
)
def test_a_section_that_makes_no_sense_is_refused(data, why):
    with pytest.raises(ValidationError, match=why):
        plan(**data)


@pytest.mark.parametrize("key", [KEY, KEY.partition("/")[2], f"mrk-{'0' * 32}", "alias/aws/rds"])
def test_a_replicas_key_may_be_named_as_rds_takes_it_and_is_told(key):
    made = plan(**REPLICA, region="eu-west-1", kms_key=key)
    assert f"b in eu-west-1, encrypted with {key}, a read replica of a" in made.data.told(made)[0]


def test_every_task_with_a_command_is_known_by_its_name_in_the_journal():
    for data in (*KINDS, {"kind": "schema", "expand": {"run": ["e"]}, "contract": {"run": ["c"]}}):
        made = plan(**data).data
        tasks = [task.check.name for moment in MOMENTS for task in made.tasks(moment) if task.check is not None]
        assert set(tasks) <= {command.name for command in made.commands()}


def test_a_file_without_data_keeps_its_hash_and_its_journal_knows_nothing_of_it():
    without = Plan.model_validate(BASE)
    assert without.hash == Plan.model_validate({**BASE, "data": None}).hash != plan(**REPLICA).hash
    rollout = Rollout("r", Slot.BLUE, Phase.SCALE, AT, AT)
    assert b'"data"' not in TypeAdapter(Rollout).dump_json(rollout)
    assert b'"data"' not in TypeAdapter(Observation).dump_json(Observation(AT))


def test_what_must_be_so_each_time_is_forgotten_alone_when_it_has_passed():
    made = plan(**REPLICA)
    state = DataState(begun={"caught up": AT, "promotion": AT, "another": AT})
    waiting = Rollout("r", Slot.BLUE, Phase.SCALE, AT, AT, data=state)
    seen = Observation(AT + MINUTE, data=DataView("following", lag=0, lag_at=AT + MINUTE))
    stand = pass_task(made, Task("caught up", again=True), waiting, seen)
    assert stand.said.state == "passed"
    assert dict(stand.rollout.data.begun) == {"promotion": AT, "another": AT}
