"""The contract of the Data port, the same bodies on the memory tier and on moto."""

import re
from datetime import timedelta

import pytest

from bluegreen.data.sync import NAMES
from bluegreen.errors import Busy, Refused, Unreachable, UserError
from bluegreen.model import DataView, Query
from sim.api import ApiTrouble, EngineKilled
from sim.data.spec import DataSpec
from sim.errors import NotModelled

from .conftest import BLUE, GREEN, ROLLOUT
from .test_movers import WAYS

COMMANDS = {"fence": {"run": ["fence"]}, "unfence": {"run": ["unfence"]}}
REPLICA = {"kind": "replica", "source": "shop-db", "replica": "shop-db-green", **COMMANDS}
DEPLOYMENT = {"kind": "rds_blue_green", "source": "shop-db", "timeout": "1m"}
PROPERTY = "environment property DB_HOST"
SAME = {"kind": "same", "source": "shop-db.example.com"}
CREATE, PROMOTE = "rds:CreateDBInstanceReadReplica", "rds:PromoteReadReplica"
TIMES = {"making": "10m", "replica": {"promotion": "5m"}, "deployment": {"provisioning": "10m", "renaming": "20s"}}


@pytest.fixture
def replica(make):
    return make(plan={"data": REPLICA}, data=TIMES)


@pytest.fixture
def deployment(make):
    return make(plan={"data": DEPLOYMENT}, data=TIMES)


def look(setting) -> DataView:
    return setting.ports.data.look()


def following(setting):
    setting.ports.data.prepare()
    setting.wait(minutes=13)
    assert look(setting).stage == "following"
    return setting


def test_a_replica_is_made_in_its_time_and_follows(replica):
    assert look(replica).stage == "absent"
    replica.ports.data.prepare()
    assert look(replica).stage == "making"
    replica.wait(minutes=13)
    view = look(replica)
    assert (view.stage, view.lag) == ("following", 0.0)
    assert timedelta(minutes=2) <= replica.world.clock.now() - view.lag_at <= timedelta(minutes=3)


@pytest.mark.parametrize("region", [None, "eu-west-1"])
def test_asking_for_a_replica_again_makes_no_second_one(make, region):
    setting = make(plan={"data": {**REPLICA, "region": region}}, data=TIMES)
    setting.ports.data.prepare()
    setting.again().data.prepare()
    setting.wait(minutes=13)
    assert look(setting).stage == "following"


KEY = "arn:aws:kms:eu-west-1:123456789012:key/12345678-1234-1234-1234-123456789012"
HINDERED = {
    "no automated backups": ({}, {"backups": False}, "data.source: shop-db has no automated backups"),
    "encrypted, elsewhere, no key": (
        {"region": "eu-west-1"},
        {"encrypted": True},
        "data.kms_key: shop-db is encrypted, and a replica of it in eu-west-1 needs a key of eu-west-1",
    ),
    "a key for what is not encrypted": ({"kms_key": "alias/aws/rds"}, {}, "data.kms_key: shop-db is not encrypted"),
}
WORDS = {
    "no automated backups": "InvalidDBInstanceState: Automated backups are not enabled for this database instance.",
    "encrypted, elsewhere, no key": "InvalidParameterCombination: Cannot create a cross region unencrypted read",
    "a key for what is not encrypted": "InvalidParameterCombination: You can't create an encrypted read replica",
}


@pytest.mark.parametrize("name", HINDERED)
def test_a_source_that_can_have_no_such_replica_is_told_before_anything_is_done(make, name):
    plan, data, told = HINDERED[name]
    with pytest.raises(UserError) as refused:
        make(plan={"data": {**REPLICA, **plan}}, data={**TIMES, **data})
    (problem,) = str(refused.value).splitlines()
    assert problem.startswith(told)


@pytest.mark.parametrize("name", HINDERED)
def test_a_source_that_has_become_so_is_refused_in_awss_words_unless_the_replica_is_there(make, name):
    plan, data, _ = HINDERED[name]
    fine = {**TIMES, "backups": True, "encrypted": "kms_key" in plan}
    setting = make(plan={"data": {**REPLICA, **plan}}, data=fine)
    rds = setting.world.data.rds
    rds._spec = rds._spec.model_copy(update={"encrypted": False, **data})
    with pytest.raises(Refused, match=re.escape(f"rds create_db_instance_read_replica: {WORDS[name]}")):
        setting.ports.data.prepare()
    rds._spec, hindered = DataSpec.model_validate(fine), rds._spec
    following(setting)
    rds._spec = hindered
    setting.outside.preflight(ROLLOUT)


@pytest.mark.parametrize(
    "plan", [{}, {"kms_key": KEY.replace("eu-west", "us-east")}, {"region": "eu-west-1", "kms_key": KEY}]
)
def test_an_encrypted_source_has_a_replica_here_or_elsewhere_with_a_key_of_there(make, plan):
    following(make(plan={"data": {**REPLICA, **plan}}, data={**TIMES, "encrypted": True}))


def test_a_replica_that_replicates_nothing_reports_minus_one(replica):
    following(replica).world.hazards.replication_off = True
    replica.world.data.felt()
    replica.wait(minutes=3)
    assert look(replica).lag == -1


def test_a_promotion_reboots_and_is_one_way(replica):
    following(replica).ports.data.move()
    assert look(replica).stage == "moving"
    with pytest.raises(Busy, match="rds promote_read_replica: InvalidDBInstanceState"):
        replica.ports.data.move()
    replica.wait(minutes=6)
    assert look(replica).stage == "moved"


def test_a_replica_that_is_not_there_yet_cannot_be_promoted_now(replica):
    replica.ports.data.prepare()
    with pytest.raises(Busy):
        replica.ports.data.move()


def test_a_lost_answer_has_its_effect_and_the_next_look_shows_it(replica):
    following(replica).world.api.troubles.append(ApiTrouble("lost reply", (PROMOTE,)))
    with pytest.raises(Unreachable):
        replica.ports.data.move()
    replica.world.api.troubles.clear()
    assert look(replica).stage == "moving"


@pytest.mark.parametrize("when", ["kill_before", "kill_after"])
def test_an_engine_killed_at_the_promotion_leaves_what_had_happened(replica, when):
    following(replica)
    api = replica.world.api
    setattr(api, when, frozenset({api.calls + 1}))
    with pytest.raises(EngineKilled):
        replica.ports.data.move()
    replica.again()
    assert look(replica).stage == ("moving" if when == "kill_after" else "following")


def test_a_deployment_is_provisioned_in_its_time(deployment):
    assert look(deployment).stage == "absent"
    deployment.ports.data.prepare()
    deployment.ports.data.prepare()
    assert look(deployment).stage == "making"
    deployment.wait(minutes=11)
    assert look(deployment) == DataView("following")


def test_a_switchover_moves_the_names_and_may_be_asked_for_twice(deployment):
    following(deployment).ports.data.move()
    assert look(deployment).stage == "moving"
    deployment.ports.data.move()
    deployment.wait(minutes=1)
    assert look(deployment).stage == "moved"
    assert deployment.world.data.rds.deployment.names == {BLUE: "shop-db-old1", GREEN: "shop-db"}


def test_a_switchover_that_is_refused_leaves_all_as_it_was(deployment):
    following(deployment).world.hazards.long_writes = True
    deployment.ports.data.move()
    view = look(deployment)
    assert (view.stage, "long-running writes" in view.detail) == ("refused", True)
    assert deployment.world.data.rds.writable and not deployment.world.data.rds.switched


def test_both_slots_tell_where_they_name_the_database(make):
    setting = make(plan={"data": SAME})
    assert look(setting).named == {BLUE: {"user data": True}, GREEN: {}}
    setting.create_green()
    assert look(setting).named[GREEN] == {"user data": True}


@pytest.mark.parametrize(("named", "told"), [("other-db", {"user data": False}), ("", {})])
def test_a_template_that_names_another_or_none(make, named, told):
    clone = {"clone": {"launch_template": "next"}}
    setting = make(plan={"data": SAME, "candidate": clone}, cloud={"databases": {"next": named}})
    setting.create_green()
    assert look(setting).named[GREEN] == told


@pytest.mark.parametrize(("databases", "told"), [({}, True), ({"saved": "staging-db"}, False), ({"saved": ""}, None)])
def test_beanstalk_environments_tell_by_their_properties(make, databases, told):
    setting = make(plan={"data": SAME, **WAYS["beanstalk_swap"].plan}, cloud={"databases": databases})
    assert look(setting).named == {BLUE: {PROPERTY: True}, GREEN: {}}
    setting.create_green()
    assert look(setting).named[GREEN] == ({} if told is None else {PROPERTY: told})


@pytest.fixture(params=["by its name", "of the team's own"])
def sync(request, make):
    told = {name: {"namespace": "Shop", "metric": f"Store{name.title()}"} for name in ("lag", "divergent", "conflicts")}
    own = {"sync": "orders"} if request.param == "by its name" else {"metrics": told}
    return make(plan={"data": {"kind": "sync", "conflicts_at_most": 5, **own}})


def test_two_stores_tell_how_far_they_are_apart_once_their_first_minute_is_published(sync):
    assert look(sync) == DataView("following")
    sync.wait(minutes=5)
    view = look(sync)
    assert {name: point.value for name, point in view.told.items()} == {"lag": 0.2, "divergent": 0, "conflicts": 0}
    age = sync.world.clock.now() - view.told["lag"].at
    assert timedelta(minutes=2) <= age <= timedelta(minutes=3)


def test_a_consumer_that_stands_tells_nothing_and_then_how_far_it_is_behind(sync):
    sync.wait(minutes=5)
    hazards, tier = sync.world.hazards, sync.world.data
    hazards.consumer_down = True
    tier.felt()
    sync.wait(minutes=20)
    assert look(sync).told == {}
    hazards.consumer_down = False
    tier.felt()
    sync.wait(minutes=3)
    assert 600 < look(sync).told["lag"].value < 1200


def test_writes_that_stay_on_one_side_are_seen_by_who_compares(sync):
    sync.world.hazards.one_sided = 1.0
    sync.wait(minutes=10)
    assert look(sync).told["divergent"].value > 0
    assert sync.world.data.together.apart[BLUE] > 0


def test_two_stores_are_nobodys_to_make_or_to_move(sync):
    for ask in (sync.ports.data.prepare, sync.ports.data.move):
        with pytest.raises(Refused):
            ask()


def test_a_rollout_without_data_has_none_to_look_at(make):
    port = make().ports.data
    for ask in (port.look, port.prepare, port.move):
        with pytest.raises(Refused):
            ask()


def points(setting, namespace, metric, **dimensions):
    """What a gate reads of the last ten minutes."""
    now = setting.world.clock.now()
    query = Query(metric, None, namespace, tuple(dimensions.items()), "Maximum")
    return [point.value for point in setting.ports.metrics.read([query], now - timedelta(minutes=10), now)[query]]


def test_gates_may_ask_for_what_a_sync_tells(make):
    setting = make(plan={"data": {"kind": "sync", "sync": "orders"}}, data={"unversioned": 0.5})
    setting.wait(minutes=10)
    told = {name: points(setting, "Bluegreen/Sync", name, Sync="orders") for name in ("Lag", "Divergent", "Compared")}
    assert {name: values[-1] for name, values in told.items()} == {"Lag": 0.2, "Divergent": 0, "Compared": 200}
    stamped = points(setting, "Bluegreen/Sync", "Stamped", Sync="orders")
    assert stamped == sorted(stamped) and stamped[-1] > stamped[0] > 0
    for nobody in ({"Sync": "carts"}, {}):
        assert points(setting, "Bluegreen/Sync", "Lag", **nobody) == []
    assert points(setting, "Shop", "Lag", Sync="orders") == []


@pytest.mark.parametrize("more", [{"Direction": "blue>green"}, {}])
def test_what_a_sync_would_tell_and_the_world_does_not_is_refused(make, more):
    setting = make(plan={"data": {"kind": "sync", "sync": "orders"}})
    with pytest.raises(NotModelled, match="the rehearsal's sync tells Lag"):
        points(setting, "Bluegreen/Sync", "Lag" if more else "Merged", Sync="orders", **more)


def test_gates_may_ask_for_the_teams_own_metrics_also_those_that_the_plan_has_no_limit_for(make):
    told = {name: {"namespace": "Shop", "metric": name, "dimensions": {"Store": "a", "Area": "b"}} for name in NAMES}
    setting = make(plan={"data": {"kind": "sync", "metrics": told}})
    setting.wait(minutes=5)
    assert points(setting, "Shop", "drops", Area="b", Store="a") == points(
        setting, "Shop", "conflicts", Store="a", Area="b"
    )
    assert points(setting, "Shop", "lag", Store="a", Area="b")[-1] == 0.2


def test_gates_may_ask_for_a_replicas_lag_and_see_that_minus_one_is_no_lag(replica):
    following(replica)
    named = {"DBInstanceIdentifier": "shop-db-green"}
    assert points(replica, "AWS/RDS", "ReplicaLag", **named)[-1] == 0
    assert points(replica, "AWS/RDS", "ReplicaLag", DBInstanceIdentifier="shop-db") == []
    replica.world.hazards.replication_off = True
    replica.world.data.felt()
    replica.wait(minutes=3)
    assert points(replica, "AWS/RDS", "ReplicaLag", **named)[-1] == -1
    with pytest.raises(NotModelled, match="publish ReplicaLag, not CPUUtilization"):
        points(replica, "AWS/RDS", "CPUUtilization", **named)


def test_a_sample_in_which_nothing_differs_does_not_wipe_out_the_ones_before(sync):
    sync.wait(minutes=5)
    together = sync.world.data.together
    together.points[-1] = together.points[-1]._replace(divergent=2.0)
    sync.wait(minutes=6)
    assert look(sync).told["divergent"].value == 2
    sync.wait(minutes=3)
    assert look(sync).told["divergent"].value == 0
