"""The contract of the ports, the same bodies on the memory tier and on moto."""

from datetime import timedelta

import pytest
from botocore import xform_name

from bluegreen.errors import Busy, Missing, OperatingError, Refused, Throttled, Unreachable
from bluegreen.model import Presence, Query
from sim.api import ApiTrouble, EngineKilled
from sim.clock import EPOCH
from sim.effects import CapacityChanged, Created, Removed, WeightsChanged
from sim.memory.calls import words

from .conftest import BLUE, GREEN

MINUTE = timedelta(minutes=1)


# -- traffic ------------------------------------------------------------------------------------------------------


def test_before_anything_is_done_all_traffic_is_on_the_live_slot_and_nobody_knows_whether_in_sync(make):
    seen = make().ports.traffic.read()
    assert seen.share(BLUE) == 1
    assert not seen.in_sync


def test_weights_that_were_set_are_read_back_and_come_in_sync(make):
    setting = make()
    setting.create_green()
    traffic = setting.ports.traffic
    traffic.set({BLUE: 90, GREEN: 10})
    assert dict(traffic.read().weights) == {BLUE: 90, GREEN: 10}
    assert not traffic.read().in_sync
    setting.settle_weights()
    assert setting.world.dns.answers() == {BLUE: 0.9, GREEN: 0.1}


def test_setting_the_same_weights_twice_changes_nothing(make):
    setting = make()
    setting.create_green()
    for _ in range(2):
        setting.ports.traffic.set({BLUE: 90, GREEN: 10})
    assert sum(isinstance(effect, WeightsChanged) for effect in setting.world.effects) == 1


def test_an_engine_started_anew_learns_by_setting_again_whether_the_weights_are_in_sync(make):
    setting = make()
    setting.create_green()
    setting.ports.traffic.set({BLUE: 50, GREEN: 50})
    setting.wait(minutes=5)
    traffic = setting.again().traffic
    assert not traffic.read().in_sync
    traffic.set({BLUE: 50, GREEN: 50})
    setting.settle_weights()


def test_zero_means_that_nobody_is_sent_there(make):
    setting = make()
    setting.create_green()
    setting.ports.traffic.set({BLUE: 100, GREEN: 0})
    setting.settle_weights()
    assert setting.world.dns.answers() == {BLUE: 1, GREEN: 0}


def test_all_weights_zero_is_a_programmers_error(make):
    with pytest.raises(AssertionError):
        make().ports.traffic.set({BLUE: 0, GREEN: 0})


def test_a_record_is_removed_once_and_the_last_one_never(make):
    setting = make()
    setting.create_green()
    setting.ports.traffic.set({BLUE: 0, GREEN: 100})
    setting.ports.traffic.remove(BLUE)
    setting.ports.traffic.remove(BLUE)
    assert dict(setting.ports.traffic.read().weights) == {GREEN: 100}
    with pytest.raises(Refused, match="last one"):
        setting.ports.traffic.remove(GREEN)


def test_a_slot_without_a_balancer_cannot_get_a_record(make):
    with pytest.raises(Missing, match="green"):
        make().ports.traffic.set({BLUE: 90, GREEN: 10})


def test_weights_moved_by_hand_are_seen(make):
    setting = make()
    setting.create_green()
    setting.ports.traffic.set({BLUE: 90, GREEN: 10})
    setting.world.dns.change({BLUE: 20, GREEN: 80}, by="operator")
    seen = setting.ports.traffic.read()
    assert (dict(seen.weights), seen.in_sync) == ({BLUE: 20, GREEN: 80}, False)


def test_a_simple_record_reads_as_all_traffic_on_live_and_is_replaced_by_weighted_ones(make):
    setting = make(cloud={"record": "simple"})
    assert dict(setting.ports.traffic.read().weights) == {BLUE: 100}
    setting.create_green()
    setting.ports.traffic.set({BLUE: 90, GREEN: 10})
    assert dict(setting.ports.traffic.read().weights) == {BLUE: 90, GREEN: 10}


def test_a_second_change_while_the_first_is_processed_is_refused_as_busy(make):
    setting = make(cloud={"change_processing": "10s"})
    setting.create_green()
    setting.ports.traffic.set({BLUE: 90, GREEN: 10})
    with pytest.raises(Busy, match="PriorRequestNotComplete"):
        setting.ports.traffic.set({BLUE: 80, GREEN: 20})
    setting.wait(seconds=10)
    setting.ports.traffic.set({BLUE: 80, GREEN: 20})


def test_an_action_of_route_53_that_is_asked_for_too_often_is_throttled(make):
    quotas = {"action_burst": 4, "action_refill": 0.01}
    traffic = (setting := make(cloud={"route53_quotas": quotas})).ports.traffic  # the preflight has listed once
    for _ in range(3):
        traffic.read()
    with pytest.raises(Throttled, match="list_resource_record_sets: Throttling: Rate exceeded"):
        traffic.read()
    with pytest.raises(Throttled):
        setting.again().traffic.read()
    setting.wait(seconds=100)
    traffic.read()


def test_so_many_records_may_be_changed_and_no_more(make):
    setting = make(cloud={"record": "simple", "route53_quotas": {"changes_burst": 4, "changes_refill": 0.001}})
    setting.create_green()
    traffic = setting.ports.traffic
    traffic.set({BLUE: 90, GREEN: 10})  # three: the simple record goes
    with pytest.raises(Throttled, match="change_resource_record_sets: Throttling: Rate exceeded"):
        traffic.set({BLUE: 80, GREEN: 20})
    traffic.remove(GREEN)


# -- environments -------------------------------------------------------------------------------------------------


def test_at_first_live_is_ready_and_the_candidate_absent(make):
    environments = make().ports.environments
    live = environments.look(BLUE)
    assert (live.presence, live.desired, live.in_service, live.healthy, live.registered) == (
        Presence.READY,
        10,
        10,
        10,
        10,
    )
    assert environments.look(GREEN).presence is Presence.ABSENT


@pytest.mark.parametrize("balancer", ["application", "classic"])
def test_a_candidate_is_made_at_the_live_groups_minimum_and_removed_without_a_rest(make, balancer):
    setting = make(cloud={"balancer": balancer})
    setting.create_green()
    seen = setting.ports.environments.look(GREEN)
    assert (seen.presence, seen.desired) == (Presence.READY, 2)
    for _ in range(60):
        setting.ports.environments.remove(GREEN)
        setting.wait(seconds=15)
        if setting.ports.environments.look(GREEN).presence is Presence.ABSENT:
            break
    made = {effect.name.partition("/")[0] for effect in setting.world.effects if isinstance(effect, Created)}
    gone = {effect.name.partition("/")[0] for effect in setting.world.effects if isinstance(effect, Removed)}
    assert made == gone >= {"group", "balancer", "launch-template"}


def test_making_it_again_changes_nothing(make):
    setting = make()
    setting.create_green()
    effects = list(setting.world.effects)
    setting.ports.environments.create(GREEN)
    setting.again().environments.create(GREEN)
    assert setting.world.effects == effects


def test_capacity_is_asked_for_and_never_taken_away(make):
    setting = make()
    setting.create_green()
    setting.ports.environments.resize(GREEN, 7)
    setting.ports.environments.resize(GREEN, 3)
    assert setting.ports.environments.look(GREEN).desired == 7
    setting.wait(minutes=10)
    assert setting.ports.environments.look(GREEN).healthy == 7


def test_capacity_beyond_the_maximum_raises_the_maximum(make):
    setting = make()
    setting.ports.environments.resize(BLUE, 55)
    assert setting.ports.environments.look(BLUE).desired == 55
    assert setting.world.places[BLUE].fleet.maximum == 55


def test_scale_in_is_held_and_given_back(make):
    setting = make()
    environments, fleet = setting.ports.environments, setting.world.places[BLUE].fleet
    for _ in range(2):
        environments.hold_scale_in(BLUE, held=True)
    assert environments.look(BLUE).scale_in_held
    fleet.want(4, by="autoscaling")
    assert fleet.desired == 10
    for _ in range(2):
        environments.hold_scale_in(BLUE, held=False)
    assert not environments.look(BLUE).scale_in_held
    assert fleet.minimum == 2


def test_a_held_floor_rises_also_when_the_group_is_larger_already(make):
    setting = make()
    environments, fleet = setting.ports.environments, setting.world.places[BLUE].fleet
    environments.hold_scale_in(BLUE, held=True)
    fleet.want(18, by="autoscaling")
    environments.resize(BLUE, 12)
    view = environments.look(BLUE)
    assert (view.desired, view.minimum, view.scale_in_held) == (18, 12, True)
    fleet.want(9, by="autoscaling")
    assert fleet.desired == 12


def test_a_slot_that_is_not_there_has_no_capacity_to_change(make):
    environments = make().ports.environments
    with pytest.raises(Missing):
        environments.resize(GREEN, 3)
    with pytest.raises(Missing):
        environments.hold_scale_in(GREEN, held=True)


def test_the_live_slot_is_removed_step_by_step(make):
    setting = make()
    environments = setting.ports.environments
    presences = []
    for _ in range(60):
        environments.remove(BLUE)
        presences.append(environments.look(BLUE).presence)
        if presences[-1] is Presence.ABSENT:
            break
        setting.wait(seconds=15)
    assert presences[0] is Presence.REMOVING
    assert presences[-1] is Presence.ABSENT
    assert CapacityChanged not in map(type, setting.world.effects)


# -- metrics ------------------------------------------------------------------------------------------------------


def test_whole_minutes_are_read_once_they_are_published_and_what_did_not_happen_is_absent(make):
    setting = make(demand={"rate": 100})
    setting.wait(minutes=10)
    requests, errors, green = Query("requests", BLUE), Query("errors", BLUE), Query("requests", GREEN)
    since, until = EPOCH + 2 * MINUTE, setting.world.clock.now()
    found = setting.ports.metrics.read((requests, errors, green), since, until)
    minutes = [point.at for point in found[requests]]
    assert minutes == [EPOCH + MINUTE * minute for minute in range(2, 9)]
    assert all(point.value == pytest.approx(6000, rel=0.1) for point in found[requests])
    assert found[errors] == found[green] == ()


def test_errors_of_targets_and_balancer_are_counted_together_and_requests_are_never_fewer(make):
    setting = make(demand={"rate": 100})
    setting.world.places[BLUE].release.error_rate = 0.5
    setting.wait(minutes=5)
    requests, errors = Query("requests", BLUE), Query("errors", BLUE)
    found = setting.ports.metrics.read((requests, errors), EPOCH, setting.world.clock.now())
    for asked, failed in zip(found[requests], found[errors], strict=True):
        assert 0.4 * asked.value < failed.value <= asked.value


@pytest.mark.parametrize("balancer", ["application", "classic"])
def test_only_what_was_refused_for_want_of_room_counts_as_a_request_of_a_classic_balancer(make, balancer):
    setting = make(cloud={"balancer": balancer}, balancer={"cold": 100.0, "headroom": 1.0}, demand={"rate": 100})
    setting.world.demand.factor = 2.0
    setting.wait(minutes=4)
    requests, errors = Query("requests", BLUE), Query("errors", BLUE)
    found = setting.ports.metrics.read((requests, errors), EPOCH + MINUTE, EPOCH + 2 * MINUTE)
    ((asked,), (failed,)) = (found[query] for query in (requests, errors))
    assert failed.value > 1000
    routed = 12_000 - failed.value
    assert asked.value == pytest.approx(12_000 if balancer == "application" else routed, rel=0.05)


def test_healthy_hosts_are_a_sign_of_life_without_requests(make):
    setting = make()
    setting.create_green()
    setting.wait(minutes=5)
    query = Query("healthy_hosts", GREEN)
    found = setting.ports.metrics.read((query,), setting.world.clock.now() - 5 * MINUTE, setting.world.clock.now())
    assert found[query][-1].value == 2


def test_alarms_tell_their_state_and_what_does_not_exist_is_missing(make):
    alarm = {"name": "errors", "slot": "blue", "measure": "error_rate", "threshold": 0.05}
    setting = make(cloud={"alarms": [alarm]})
    assert setting.ports.metrics.alarms(["errors", "other"]) == {"errors": "INSUFFICIENT_DATA"}
    setting.wait(minutes=5)
    assert setting.ports.metrics.alarms(["errors"]) == {"errors": "OK"}


# -- the way to AWS -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "error"), [("throttle", Throttled), ("error", Unreachable), ("timeout", Unreachable)])
def test_trouble_without_effect_is_an_operating_error(make, kind, error):
    setting = make()
    setting.create_green()
    setting.world.api.troubles.append(ApiTrouble(kind, ("route53:ChangeResourceRecordSets",)))
    with pytest.raises(error):
        setting.ports.traffic.set({BLUE: 90, GREEN: 10})
    setting.world.api.troubles.clear()
    assert dict(setting.ports.traffic.read().weights) == {BLUE: 100}


def test_a_lost_reply_has_its_effect_and_nobody_knows(make):
    setting = make()
    setting.create_green()
    setting.world.api.troubles.append(ApiTrouble("lost reply", ("route53:ChangeResourceRecordSets",)))
    before = setting.world.clock.now()
    with pytest.raises(Unreachable):
        setting.ports.traffic.set({BLUE: 90, GREEN: 10})
    assert setting.world.clock.now() - before >= timedelta(seconds=20)
    setting.world.api.troubles.clear()
    seen = setting.ports.traffic.read()
    assert (dict(seen.weights), seen.in_sync) == ({BLUE: 90, GREEN: 10}, False)


@pytest.mark.parametrize("when", ["kill_before", "kill_after"])
def test_an_engine_killed_at_a_call_leaves_what_had_happened(make, when):
    setting = make()
    setting.create_green()
    setting.ports.traffic.read()
    setting.ports.environments.look(BLUE)
    api = setting.world.api
    setattr(api, when, frozenset({api.calls + 2}))  # it lists first, then changes
    with pytest.raises(EngineKilled):
        setting.ports.traffic.set({BLUE: 90, GREEN: 10})
    happened = when == "kill_after"
    assert (dict(setting.again().traffic.read().weights) == {BLUE: 90, GREEN: 10}) is happened


def test_every_call_takes_its_time_and_is_counted(make):
    setting = make()
    setting.ports.environments.look(BLUE)
    api, began = setting.world.api, setting.world.clock.now()
    calls = api.calls
    setting.ports.environments.look(BLUE)
    assert setting.world.clock.now() - began == (api.calls - calls) * api.latency
    assert api.log[calls:] == ["autoscaling:DescribeAutoScalingGroups", "elbv2:DescribeTargetHealth"]


def test_no_error_of_the_outside_is_anything_but_an_operating_error(make):
    assert issubclass(Throttled, OperatingError)
    setting = make()
    setting.world.api.troubles.append(ApiTrouble("error", ("*",)))
    ports = setting.ports
    for ask in (ports.traffic.read, lambda: ports.environments.look(BLUE), lambda: ports.metrics.alarms(["errors"])):
        with pytest.raises(OperatingError):
            ask()


@pytest.mark.parametrize(
    "call", ["rds:CreateDBInstanceReadReplica", "elasticbeanstalk:SwapEnvironmentCNAMEs", "route53:GetChange"]
)
def test_errors_name_a_call_as_boto3_does(call):
    service, _, operation = call.partition(":")
    assert words(call) == f"{service} {xform_name(operation)}"
