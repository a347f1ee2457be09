"""Application and classic balancers as the engine meets them: time to become active, targets of the world."""

import pytest
from botocore.exceptions import ClientError

from bluegreen.model import Slot
from sim.cloud import NotModelled
from sim.effects import Created, Removed
from sim.worldspec import WorldSpec
from tests.cloud.conftest import opened

LISTENER = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 80}


def subnets(it):
    return [subnet["SubnetId"] for subnet in it.client("ec2").describe_subnets()["Subnets"]][:2]


def vpc(it):
    return it.client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]


def balancer(it, name="shop-green", **changed):
    return it.client("elbv2").create_load_balancer(Name=name, **{"Subnets": subnets(it), **changed})["LoadBalancers"][0]


def target_group(it, name="shop-green", port=80):
    made = it.client("elbv2").create_target_group(Name=name, Protocol="HTTP", Port=port, VpcId=vpc(it))
    return made["TargetGroups"][0]["TargetGroupArn"]


def listener(it, of, to, port=80):
    forward = [{"Type": "forward", "TargetGroupArn": to}]
    params = {"LoadBalancerArn": of["LoadBalancerArn"], "Protocol": "HTTP", "Port": port, "DefaultActions": forward}
    return it.client("elbv2").create_listener(**params)["Listeners"][0]["ListenerArn"]


def group(it, **attached):
    it.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="shop-green",
        LaunchTemplate={"LaunchTemplateName": "shop-live"},
        MinSize=2,
        MaxSize=4,
        VPCZoneIdentifier=",".join(subnets(it)),
        **attached,
    )


def state(it, name="shop-green"):
    return it.client("elbv2").describe_load_balancers(Names=[name])["LoadBalancers"][0]["State"]["Code"]


def health(it, arn):
    described = it.client("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return [target["TargetHealth"]["State"] for target in described]


def live_targets(it):
    return it.client("elbv2").describe_target_groups(Names=["shop-live"])["TargetGroups"][0]["TargetGroupArn"]


def refused(code, call, *args, **kwargs):
    with pytest.raises(ClientError) as error:
        call(*args, **kwargs)
    assert error.value.response["Error"]["Code"] == code


# -- application balancers


def test_a_new_balancer_is_provisioning_for_a_while_and_then_active(rehearsal):
    assert balancer(rehearsal)["State"]["Code"] == state(rehearsal) == "provisioning"
    assert not rehearsal.world.places[Slot.GREEN].balancer.active
    rehearsal.wait(minutes=3)
    assert state(rehearsal) == "active"
    assert rehearsal.world.places[Slot.GREEN].balancer.active


def test_the_same_balancer_asked_for_twice_is_made_once(rehearsal):
    assert balancer(rehearsal)["LoadBalancerArn"] == balancer(rehearsal)["LoadBalancerArn"]
    assert rehearsal.world.effects == [Created(Slot.GREEN, "balancer/shop-green")]


def test_another_balancer_of_the_same_name_is_refused(rehearsal):
    balancer(rehearsal)
    refused("DuplicateLoadBalancerName", balancer, rehearsal, Scheme="internal")


def test_a_balancer_needs_two_subnets(rehearsal):
    refused("ValidationError", balancer, rehearsal, Subnets=subnets(rehearsal)[:1])


def test_other_kinds_of_balancers_are_not_modelled(rehearsal):
    with pytest.raises(NotModelled, match="network"):
        balancer(rehearsal, Type="network")


def test_a_balancer_that_is_not_there_is_missing_and_deleting_it_succeeds(rehearsal):
    client = rehearsal.client("elbv2")
    refused("LoadBalancerNotFound", client.describe_load_balancers, Names=["none"])
    arn = balancer(rehearsal)["LoadBalancerArn"]
    client.delete_load_balancer(LoadBalancerArn=arn)
    client.delete_load_balancer(LoadBalancerArn=arn)
    assert rehearsal.world.effects.count(Removed(Slot.GREEN, "balancer/shop-green")) == 1
    assert not rehearsal.world.places[Slot.GREEN].balancer.exists
    refused("LoadBalancerNotFound", client.describe_load_balancers, Names=["shop-green"])


def test_a_balancer_can_be_made_again_after_it_was_deleted(rehearsal):
    first = balancer(rehearsal)["LoadBalancerArn"]
    rehearsal.client("elbv2").delete_load_balancer(LoadBalancerArn=first)
    assert balancer(rehearsal)["LoadBalancerArn"] != first


def test_the_same_target_group_asked_for_twice_is_made_once_and_another_is_refused(rehearsal):
    assert target_group(rehearsal) == target_group(rehearsal)
    refused("DuplicateTargetGroupName", target_group, rehearsal, port=81)


def test_a_port_has_one_listener(rehearsal):
    made, first, second = balancer(rehearsal), target_group(rehearsal), target_group(rehearsal, "other")
    arn = listener(rehearsal, made, first)
    assert listener(rehearsal, made, first) == arn
    refused("DuplicateListener", listener, rehearsal, made, second)
    rehearsal.client("elbv2").delete_listener(ListenerArn=arn)
    assert listener(rehearsal, made, second) != arn


def test_a_target_group_in_use_cannot_be_deleted_and_one_that_is_gone_can(rehearsal):
    client, made, targets = rehearsal.client("elbv2"), balancer(rehearsal), target_group(rehearsal)
    listener(rehearsal, made, targets)
    refused("ResourceInUse", client.delete_target_group, TargetGroupArn=targets)
    client.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])
    client.delete_target_group(TargetGroupArn=targets)
    client.delete_target_group(TargetGroupArn=targets)
    assert rehearsal.world.effects.count(Removed(Slot.GREEN, "target-group/shop-green")) == 1


def test_a_target_group_forgets_the_balancer_that_is_gone(rehearsal):
    client, made, targets = rehearsal.client("elbv2"), balancer(rehearsal), target_group(rehearsal)
    listener(rehearsal, made, targets)
    client.delete_load_balancer(LoadBalancerArn=made["LoadBalancerArn"])
    (group_,) = client.describe_target_groups(TargetGroupArns=[targets])["TargetGroups"]
    assert group_["LoadBalancerArns"] == []


def test_new_targets_are_initial_until_their_first_check_and_healthy_then(rehearsal):
    targets = target_group(rehearsal)
    listener(rehearsal, balancer(rehearsal), targets)
    group(rehearsal, TargetGroupARNs=[targets])
    seen = []
    for _ in range(40):
        found = health(rehearsal, targets)
        seen += [found] if found not in seen else []
        rehearsal.wait(seconds=10)
    assert seen[0] == []
    assert ["initial", "initial"] in seen or ["initial"] in seen
    assert seen[-1] == ["healthy", "healthy"]


def test_targets_without_a_listener_are_unused(rehearsal):
    targets = target_group(rehearsal)
    group(rehearsal, TargetGroupARNs=[targets])
    rehearsal.wait(minutes=6)
    assert health(rehearsal, targets) == ["unused", "unused"]


def test_targets_of_a_lost_zone_are_unhealthy(rehearsal):
    rehearsal.wait(minutes=1)
    rehearsal.world.lose_zone("a")
    rehearsal.wait(seconds=70)
    assert "unhealthy" in health(rehearsal, live_targets(rehearsal))


def test_machines_that_are_scaled_in_drain(rehearsal):
    rehearsal.client("autoscaling").set_desired_capacity(AutoScalingGroupName="shop-live", DesiredCapacity=8)
    found = health(rehearsal, live_targets(rehearsal))
    assert (found.count("draining"), found.count("healthy")) == (2, 8)
    rehearsal.wait(minutes=10)
    assert "draining" not in health(rehearsal, live_targets(rehearsal))


def test_health_can_be_asked_of_one_target(rehearsal):
    client, arn = rehearsal.client("elbv2"), live_targets(rehearsal)
    one = client.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"][0]["Target"]["Id"]
    found = client.describe_target_health(TargetGroupArn=arn, Targets=[{"Id": one}])["TargetHealthDescriptions"]
    assert [target["Target"]["Id"] for target in found] == [one]


def test_the_health_of_a_target_group_that_is_not_there_is_an_error(rehearsal):
    arn = live_targets(rehearsal)[:-4] + "0000"
    refused("TargetGroupNotFound", rehearsal.client("elbv2").describe_target_health, TargetGroupArn=arn)


@pytest.mark.parametrize(
    ("attributes", "words"),
    [
        ({"slow_start.duration_seconds": "29"}, "30 to 900"),
        ({"slow_start.duration_seconds": "901"}, "30 to 900"),
        (
            {"slow_start.duration_seconds": "60", "load_balancing.algorithm.type": "least_outstanding_requests"},
            "least_outstanding_requests",
        ),
    ],
)
def test_slow_start_within_its_rules_is_taken_and_other_refused(rehearsal, attributes, words):
    client, arn = rehearsal.client("elbv2"), target_group(rehearsal)
    change = [{"Key": key, "Value": value} for key, value in attributes.items()]
    with pytest.raises(ClientError, match=words):
        client.modify_target_group_attributes(TargetGroupArn=arn, Attributes=change)
    fine = [{"Key": "slow_start.duration_seconds", "Value": "60"}]
    client.modify_target_group_attributes(TargetGroupArn=arn, Attributes=fine)
    got = client.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    assert fine[0] in got


# -- capacity reservations


def reserve(it, arn, units):
    return it.client("elbv2").modify_capacity_reservation(
        LoadBalancerArn=arn, MinimumLoadBalancerCapacity={"CapacityUnits": units}
    )


def live_balancer(it):
    return it.client("elbv2").describe_load_balancers(Names=["shop-live"])["LoadBalancers"][0]["LoadBalancerArn"]


@pytest.fixture
def with_quota():
    spec = WorldSpec.model_validate({"balancer": {"reservation": {"quota": 1000}}})
    with opened(world=spec) as it:
        yield it


def test_a_reservation_is_pending_for_minutes_and_then_in_force_in_every_zone(with_quota):
    arn = live_balancer(with_quota)
    asked = reserve(with_quota, arn, 300)
    assert asked["MinimumLoadBalancerCapacity"] == {"CapacityUnits": 300}
    assert asked["LastModifiedTime"] == with_quota.world.clock.now()
    assert {zone["State"]["Code"] for zone in asked["CapacityReservationState"]} == {"pending"}
    with_quota.wait(hours=1)
    found = with_quota.client("elbv2").describe_capacity_reservation(LoadBalancerArn=arn)
    assert [
        (zone["AvailabilityZone"], zone["State"]["Code"], zone["EffectiveCapacityUnits"])
        for zone in found["CapacityReservationState"]
    ] == [(f"us-east-1{letter}", "provisioned", 100.0) for letter in "abc"]
    assert with_quota.world.places[Slot.BLUE].balancer.warm == 300 * 25


def test_reservations_are_refused_as_aws_refuses_them(with_quota):
    arn, green = live_balancer(with_quota), balancer(with_quota)["LoadBalancerArn"]
    refused("InvalidConfigurationRequest", with_quota.client("elbv2").modify_capacity_reservation, LoadBalancerArn=arn)
    refused("LoadBalancerNotFound", reserve, with_quota, arn[:-4] + "0000", 300)
    reserve(with_quota, arn, 700)
    refused("CapacityReservationPending", reserve, with_quota, arn, 800)
    refused("CapacityUnitsLimitExceeded", reserve, with_quota, green, 400)
    with_quota.wait(hours=1)
    for units in (600, 500):
        reserve(with_quota, arn, units)
        with_quota.wait(hours=1)
    client = with_quota.client("elbv2")
    assert client.describe_capacity_reservation(LoadBalancerArn=arn)["DecreaseRequestsRemaining"] == 0
    refused(
        "CapacityDecreaseRequestLimitExceeded",
        client.modify_capacity_reservation,
        LoadBalancerArn=arn,
        ResetCapacityReservation=True,
    )
    reserve(with_quota, green, 500)


def test_without_a_quota_nothing_can_be_reserved(rehearsal):
    refused("CapacityUnitsLimitExceeded", reserve, rehearsal, live_balancer(rehearsal), 100)


def test_capacity_that_aws_does_not_have_is_a_server_error():
    spec = WorldSpec.model_validate({"balancer": {"reservation": {"quota": 1000, "available": 50}}})
    with opened(world=spec) as it:
        with pytest.raises(ClientError) as error:
            reserve(it, live_balancer(it), 100)
        assert error.value.response["Error"]["Code"] == "InsufficientCapacity"
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500


# -- classic balancers


@pytest.fixture
def classic():
    with opened(balancer="classic") as it:
        yield it


def described(it, name="shop-live"):
    return it.client("elb").describe_load_balancers(LoadBalancerNames=[name])["LoadBalancerDescriptions"][0]


def make_classic(it, **changed):
    params = {"LoadBalancerName": "shop-green", "Listeners": [LISTENER], "Subnets": subnets(it), **changed}
    return it.client("elb").create_load_balancer(**params)["DNSName"]


def classic_states(it, name="shop-live"):
    states = it.client("elb").describe_instance_health(LoadBalancerName=name)["InstanceStates"]
    return [state_["State"] for state_ in states]


def test_a_classic_live_balancer_has_the_live_machines_behind_it(classic):
    assert len(described(classic)["Instances"]) == 10
    assert classic_states(classic) == ["InService"] * 10


def test_a_classic_balancer_tells_the_zone_that_an_alias_to_it_needs(classic):
    zone = classic.client("route53").list_hosted_zones()["HostedZones"][0]["Id"]
    record = classic.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"][-1]
    assert record["AliasTarget"]["HostedZoneId"] == described(classic)["CanonicalHostedZoneNameID"]


def test_a_classic_balancers_machines_come_in_service_with_time(classic):
    make_classic(classic)
    group(classic, LoadBalancerNames=["shop-green"])
    assert classic_states(classic, "shop-green") == []
    seen = []
    for _ in range(40):
        seen += classic_states(classic, "shop-green")
        classic.wait(seconds=10)
    assert seen[0] == "OutOfService"
    assert classic_states(classic, "shop-green") == ["InService", "InService"]


def test_the_same_classic_balancer_is_made_once_and_another_refused(classic):
    assert make_classic(classic) == make_classic(classic)
    refused("DuplicateLoadBalancerName", make_classic, classic, Scheme="internal")
    assert classic.world.effects == [Created(Slot.GREEN, "balancer/shop-green")]


def test_a_classic_balancer_is_deleted_once_and_is_missing_then(classic):
    client = classic.client("elb")
    client.delete_load_balancer(LoadBalancerName="shop-live")
    client.delete_load_balancer(LoadBalancerName="shop-live")
    assert classic.world.effects == [Removed(Slot.BLUE, "balancer/shop-live")]
    refused("LoadBalancerNotFound", client.describe_instance_health, LoadBalancerName="shop-live")
    refused("LoadBalancerNotFound", client.describe_load_balancers, LoadBalancerNames=["shop-live"])


def test_a_classic_balancer_is_one_in_the_world_too(classic):
    """It has a surge queue; an application balancer has none."""
    blue, green = (classic.world.places[slot].balancer for slot in (Slot.BLUE, Slot.GREEN))
    assert (blue.kind, green.kind) == ("classic", "application")
    make_classic(classic)
    assert green.kind == "classic" and green.surge == 3 * 1024
