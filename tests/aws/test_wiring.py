"""The ports put together, and what is found out before anything is touched."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from bluegreen.aws.environments.clone import CloneWay
from bluegreen.aws.environments.given import GivenWay
from bluegreen.aws.environments.stack import StackWay
from bluegreen.aws.wiring import connect, preflight
from bluegreen.errors import UserError
from bluegreen.model import Presence, Slot
from bluegreen.plan import Plan
from tests.aws.conftest import SESSION, CountedApi, Shop, a_plan

CNAME = {"name": "shop", "zone": "example.com", "record": "www.example.com", "records": "cname", "ttl": "60s"}


def problems(plan: Plan) -> list[str]:
    """Each problem that the preflight tells; none when it passes."""
    try:
        preflight(SESSION, plan, "r-1")
    except UserError as error:
        return str(error).splitlines()
    return []


def blue_record(shop: Shop, **changes: Any) -> None:
    record = {"Name": "www.example.com", "Type": "A", "AliasTarget": shop.alias(shop.dns_name)}
    shop.put(**{**record, **changes})


def test_a_rollout_by_clone_walks_from_nothing_to_all_traffic_on_the_clone(shop: Shop) -> None:
    shop.furnish()
    blue_record(shop)
    plan = a_plan()
    ports = connect(SESSION, plan, "r-1")
    green, blue = Slot.GREEN, Slot.BLUE

    ports.environments.create(green)
    assert ports.environments.look(green).presence is Presence.READY
    ports.traffic.set({blue: 90, green: 10})
    ports.traffic.set({blue: 0, green: 100})
    ports.traffic.remove(blue)
    while ports.environments.look(blue).presence is not Presence.ABSENT:
        ports.environments.remove(blue)

    assert ports.traffic.read().weights == {green: 100}
    [record] = shop.records()
    facts = ports.environments.facts(green)
    assert facts is not None
    assert record["AliasTarget"]["DNSName"].rstrip(".") == facts.balancer.dns_name
    assert shop.names()["groups"] == [facts.group]


def test_each_slot_gets_the_way_that_the_plan_names(tmp_path: Path) -> None:
    file = tmp_path / "stack.yaml"
    by_template = a_plan(candidate={"template": {"file": file}}, live={"slot": "green", "balancer": "a", "group": "b"})

    assert isinstance(connect(SESSION, a_plan(), "r").environments.ways[Slot.BLUE], GivenWay)
    assert isinstance(connect(SESSION, a_plan(), "r").environments.ways[Slot.GREEN], CloneWay)
    assert isinstance(connect(SESSION, by_template, "r").environments.ways[Slot.GREEN], GivenWay)
    assert isinstance(connect(SESSION, by_template, "r").environments.ways[Slot.BLUE], StackWay)


@pytest.mark.parametrize("kind", ["application", "classic"])
def test_a_furnished_shop_with_a_simple_record_has_no_problems(kind: str, shop: Shop) -> None:
    shop.furnish(kind)
    blue_record(shop)

    assert problems(a_plan()) == []


def test_a_shop_with_a_weighted_record_of_the_live_slot_has_no_problems(shop: Shop) -> None:
    shop.furnish()
    blue_record(shop, SetIdentifier="blue", Weight=1)

    assert problems(a_plan()) == []


def test_a_shop_without_a_record_has_no_problems(shop: Shop) -> None:
    shop.furnish()

    assert problems(a_plan()) == []


def test_a_preflight_changes_nothing(shop: Shop) -> None:
    shop.furnish()
    blue_record(shop)
    before = shop.names(), shop.records()

    problems(a_plan())

    assert (shop.names(), shop.records()) == before


def test_all_problems_are_told_at_once(shop: Shop) -> None:
    found = problems(a_plan(gates=[{"kind": "alarm", "alarm": "errors"}]))
    assert [problem.partition(":")[0] for problem in found] == ["live.group", "live.balancer", "gates"]


def test_a_zone_that_does_not_exist_is_told(shop: Shop) -> None:
    shop.furnish()

    [problem] = problems(a_plan(service={"name": "shop", "zone": "example.org", "record": "www.example.org"}))

    assert problem == "service.zone: there is no hosted zone example.org in this account"


def test_a_name_outside_of_its_zone_is_told(shop: Shop) -> None:
    shop.furnish()

    [problem] = problems(a_plan(service={"name": "shop", "zone": "example.com", "record": "www.notexample.com"}))

    assert "not in the zone example.com" in problem


def test_a_cname_at_the_top_of_a_zone_is_told(shop: Shop) -> None:
    shop.furnish()

    [problem] = problems(a_plan(service={**CNAME, "record": "example.com"}))

    assert "use `records: alias`" in problem


@pytest.mark.parametrize(
    ("policy", "word"),
    [
        ({"Region": "us-east-1"}, "latency"),
        ({"Failover": "PRIMARY"}, "failover"),
        ({"GeoLocation": {"CountryCode": "DE"}}, "geolocation"),
        ({"MultiValueAnswer": True}, "multivalue"),
    ],
)
def test_another_routing_policy_is_told(policy: dict[str, Any], word: str, shop: Shop) -> None:
    shop.furnish()
    blue_record(shop, SetIdentifier="x", **policy)

    [problem] = problems(a_plan())

    assert f"has {word}" in problem


def test_a_record_that_points_elsewhere_is_told(shop: Shop) -> None:
    shop.furnish()
    blue_record(shop, AliasTarget=shop.alias("other.elb.amazonaws.com"))

    [problem] = problems(a_plan())

    assert "points at other.elb.amazonaws.com, not at the live balancer shop-blue" in problem


def test_a_balancer_named_with_dualstack_is_the_same_balancer(shop: Shop) -> None:
    shop.furnish()
    blue_record(shop, AliasTarget=shop.alias(f"dualstack.{shop.dns_name.upper()}."))

    assert problems(a_plan()) == []


def test_a_record_left_for_the_candidate_is_told(shop: Shop) -> None:
    shop.furnish()
    blue_record(shop, SetIdentifier="blue", Weight=1)
    blue_record(shop, SetIdentifier="green", Weight=0)

    [problem] = problems(a_plan())

    assert "green, the slot to be made" in problem


@pytest.mark.parametrize(
    ("blue", "green", "words"),
    [
        (None, 100, "green is live, so say `live: {slot: green, ...}`"),
        (None, 0, "green is live, so say `live: {slot: green, ...}`"),
        (0, 100, "green is live, so say `live: {slot: green, ...}`"),
        (90, 10, "give blue all the weight, and then remove it"),
        (0, 0, "give blue all the weight, and then remove it"),
        (100, 0, "left from before, unless a rollout is at work elsewhere: remove it first"),
    ],
)
def test_nobody_is_told_to_remove_a_record_that_users_are_sent_to(
    blue: int | None, green: int, words: str, shop: Shop
) -> None:
    shop.furnish()
    blue_record(shop, SetIdentifier="green", Weight=green)
    if blue is not None:
        blue_record(shop, SetIdentifier="blue", Weight=blue)

    assert problems(a_plan())[0].endswith(words)


def test_weighted_records_with_names_of_their_own_are_told(shop: Shop) -> None:
    shop.furnish()
    blue_record(shop, SetIdentifier="v41", Weight=1)

    [problem] = problems(a_plan())

    assert "v41" in problem
    assert "SetIdentifier `blue`" in problem


def test_ipv6_records_that_would_stay_behind_are_told(shop: Shop) -> None:
    shop.furnish()
    blue_record(shop)
    blue_record(shop, Type="AAAA")

    [problem] = problems(a_plan())

    assert "AAAA" in problem


def test_a_record_of_the_other_form_is_told(shop: Shop) -> None:
    shop.furnish()
    blue_record(shop)

    [problem] = problems(a_plan(service=CNAME))

    assert "also has A records" in problem


def test_a_launch_template_that_does_not_exist_is_told(shop: Shop) -> None:
    shop.furnish()

    [problem] = problems(a_plan(candidate={"clone": {"launch_template": "shop-v2"}}))

    assert problem == "candidate.clone.launch_template: there is no launch template shop-v2"


def test_a_live_group_with_a_launch_configuration_cannot_get_another_image(shop: Shop) -> None:
    shop.furnish()
    shop.asg.create_launch_configuration(LaunchConfigurationName="old", ImageId="ami-1", InstanceType="t4g.micro")
    shop.asg.create_auto_scaling_group(
        AutoScalingGroupName="shop-old",
        LaunchConfigurationName="old",
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=shop.subnets[0],
        TargetGroupARNs=[shop.targets],
    )

    [problem] = problems(a_plan(live={"slot": "blue", "balancer": "shop-blue", "group": "shop-old"}))

    assert "give candidate.clone.launch_template" in problem


def test_a_clone_of_a_mixed_group_keeps_its_mix(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    shop.asg.update_auto_scaling_group(
        AutoScalingGroupName="shop-blue",
        MixedInstancesPolicy={
            "LaunchTemplate": {
                "LaunchTemplateSpecification": {"LaunchTemplateName": "shop", "Version": "1"},
                "Overrides": [{"InstanceType": "t4g.micro"}, {"InstanceType": "t4g.small"}],
            },
            "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 50},
        },
    )
    ports = connect(SESSION, a_plan(), "r-1")
    group = shop.asg.describe_auto_scaling_groups(AutoScalingGroupNames=["shop-blue"])["AutoScalingGroups"][0]
    if not group.get("MixedInstancesPolicy"):
        pytest.skip("moto does not change a group to a mixed one")

    ports.environments.create(Slot.GREEN)

    facts = ports.environments.facts(Slot.GREEN)
    assert facts is not None
    group = shop.asg.describe_auto_scaling_groups(AutoScalingGroupNames=[facts.group])["AutoScalingGroups"][0]
    policy = group["MixedInstancesPolicy"]
    assert policy["InstancesDistribution"]["OnDemandPercentageAboveBaseCapacity"] == 50
    assert policy["LaunchTemplate"]["LaunchTemplateSpecification"]["LaunchTemplateName"] == facts.group


def test_the_deciding_half_does_not_load_boto3() -> None:
    import subprocess

    code = "import sys, bluegreen.plan, bluegreen.ports; sys.exit('boto3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
