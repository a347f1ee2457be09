"""The candidate as a copy of the live slot: made, interrupted, repeated, removed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bluegreen.aws.environments.base import Stamp
from bluegreen.aws.environments.clone import CloneWay
from bluegreen.errors import Busy, Refused, Unreachable
from bluegreen.model import Presence, Slot
from bluegreen.plan import Clone
from tests.aws.conftest import IMAGE, CountedApi, Dropped, Shop, a_plan

KINDS = pytest.mark.parametrize("kind", ["application", "classic"])
STAMP = Stamp("shop", "r-1", Slot.GREEN)


def a_way(api: CountedApi, clone: Clone | None = None) -> CloneWay:
    """As a fresh process would have it."""
    return CloneWay(api, clone or Clone(image=IMAGE), a_plan().live, STAMP)


def until_gone(way: CloneWay) -> None:
    for _ in range(10):
        if way.look().presence is Presence.ABSENT:
            return
        way.remove()
    raise AssertionError(f"still there: {way.look()}")


def expected(kind: str) -> dict[str, list[str]]:
    both = ["shop-blue", STAMP.name]
    return {
        "groups": both,
        "balancers": both if kind == "application" else [],
        "target groups": both if kind == "application" else [],
        "classic": both if kind == "classic" else [],
        "templates": ["shop", STAMP.name],
    }


@KINDS
def test_nothing_made_yet_is_absent(kind: str, shop: Shop, api: CountedApi) -> None:
    shop.furnish(kind)

    assert a_way(api).look().presence is Presence.ABSENT


@KINDS
def test_a_clone_is_one_complete_environment_with_the_live_slots_sizes(kind: str, shop: Shop, api: CountedApi) -> None:
    shop.furnish(kind)
    way = a_way(api)

    way.create()

    assert shop.names() == expected(kind)
    seen = way.look()
    assert seen.presence is Presence.READY
    assert (seen.desired, seen.in_service, seen.healthy, seen.registered) == (2, 2, 2, 2)
    group = shop.asg.describe_auto_scaling_groups(AutoScalingGroupNames=[STAMP.name])["AutoScalingGroups"][0]
    assert (group["MinSize"], group["MaxSize"], group["HealthCheckType"]) == (2, 6, "ELB")
    assert group["HealthCheckGracePeriod"] == 90
    tags = {tag["Key"]: tag["Value"] for tag in group["Tags"]}
    assert tags == {
        "team": "shop",
        "bluegreen:service": "shop",
        "bluegreen:rollout": "r-1",
        "bluegreen:slot": "green",
    }


def test_the_copy_of_the_launch_template_has_the_new_image_and_the_live_one_is_untouched(
    shop: Shop, api: CountedApi
) -> None:
    shop.furnish()

    a_way(api).create()

    def versions(name: str) -> list[dict[str, object]]:
        listed = shop.ec2.describe_launch_template_versions(LaunchTemplateName=name)["LaunchTemplateVersions"]
        # moto adds the tags to the data
        return [{key: v["LaunchTemplateData"][key] for key in ("ImageId", "InstanceType")} for v in listed]

    assert versions("shop") == [{"ImageId": "ami-11111111", "InstanceType": "t4g.micro"}]
    assert versions(STAMP.name) == [{"ImageId": IMAGE, "InstanceType": "t4g.micro"}]


def test_target_group_and_listeners_are_like_the_live_ones_but_lead_to_the_clone(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    way = a_way(api)

    way.create()

    facts = way.facts()
    assert facts is not None
    group = shop.elbv2.describe_target_groups(Names=[STAMP.name])["TargetGroups"][0]
    assert (group["Port"], group["HealthCheckPath"], group["UnhealthyThresholdCount"]) == (8080, "/health", 3)
    assert facts.balancer.target_groups == (group["TargetGroupArn"],)
    [listener] = shop.elbv2.describe_listeners(LoadBalancerArn=facts.balancer.arn)["Listeners"]
    [action] = listener["DefaultActions"]
    assert action["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"] == group["TargetGroupArn"]
    rules = shop.elbv2.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    assert [rule["Priority"] for rule in rules] == ["10", "default"]


def test_a_given_launch_template_is_used_as_it_is_and_never_removed(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    shop.ec2.create_launch_template(LaunchTemplateName="next", LaunchTemplateData={"ImageId": IMAGE})
    way = a_way(api, Clone(launch_template="next", version="1"))

    way.create()
    until_gone(way)

    assert shop.names()["templates"] == ["shop", "next"]
    assert shop.names()["groups"] == ["shop-blue"]


@KINDS
def test_creating_twice_makes_nothing_more(kind: str, shop: Shop, api: CountedApi) -> None:
    shop.furnish(kind)
    a_way(api).create()

    a_way(api).create()

    assert shop.names() == expected(kind)


def every_call(act: Callable[[CloneWay], None]) -> Iterator[str]:
    """Let `act` die after its first call, after its second, and so on, and last run it whole. Yields each time, for
    looking at what the dead process left; that must be cleared away before going on."""
    for number in range(1, 1000):
        api = CountedApi(fatal=number)
        try:
            act(a_way(api))
        except Dropped as death:
            yield str(death)
        else:
            assert number > 5, "it made hardly any call"
            yield "it lived"
            return


@pytest.mark.slow
@KINDS
def test_a_creation_that_dies_after_any_call_is_finished_by_the_next_process(kind: str, shop: Shop) -> None:
    shop.furnish(kind)

    for death in every_call(CloneWay.create):
        way = a_way(CountedApi())
        assert way.look().presence in {Presence.ABSENT, Presence.CREATING, Presence.READY}, death
        way.create()

        assert shop.names() == expected(kind), death
        assert way.look().presence is Presence.READY, death
        policies = shop.asg.describe_policies(AutoScalingGroupName=STAMP.name)["ScalingPolicies"]
        assert [policy["PolicyName"] for policy in policies] == ["cpu"], death
        until_gone(way)
        shop.track_cpu()  # moto has one policy of a name, whoever made it last


@pytest.mark.slow
@KINDS
def test_a_half_made_clone_can_be_removed_after_any_call(kind: str, shop: Shop) -> None:
    shop.furnish(kind)
    before = shop.names()

    for death in every_call(CloneWay.create):
        until_gone(a_way(CountedApi()))

        assert shop.names() == before, death


@pytest.mark.slow
@KINDS
def test_a_removal_that_dies_after_any_call_is_finished_by_the_next_process(kind: str, shop: Shop) -> None:
    shop.furnish(kind)
    before = shop.names()
    a_way(CountedApi()).create()

    for death in every_call(until_gone):
        until_gone(a_way(CountedApi()))

        assert shop.names() == before, death
        a_way(CountedApi()).create()


@pytest.mark.slow
def test_a_lost_reply_to_any_call_of_a_creation_is_made_good_by_asking_again(shop: Shop) -> None:
    shop.furnish()
    number, lost = 0, True
    while lost:
        number, lost = number + 1, False
        api = CountedApi(fatal=number, fate=Unreachable)
        way = a_way(api)
        try:
            way.create()
        except Unreachable:
            lost = True
            way.create()
        api.fatal = 0

        assert shop.names() == expected("application"), number
        assert way.look().presence is Presence.READY, number
        until_gone(way)
    assert number > 5


def test_what_has_our_name_but_not_our_tag_is_neither_used_nor_removed(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    shop.elbv2.create_load_balancer(Name=STAMP.name, Subnets=shop.subnets)
    before = shop.names()

    with pytest.raises(Refused, match="not from this rollout"):
        a_way(api).create()
    with pytest.raises(Refused, match="not from this rollout"):
        a_way(api).remove()

    assert shop.names()["balancers"] == before["balancers"]


def test_a_ready_clone_is_looked_at_with_two_calls(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    way = a_way(api)
    way.create()
    way.look()
    api.calls.clear()

    way.look()

    assert api.calls == ["autoscaling:describe_auto_scaling_groups", "elbv2:describe_target_health"]


def test_a_live_group_with_several_target_groups_is_copied_with_all_of_them(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    shop.second_target_group("shop-api", of_live=True)
    before = shop.names()
    way = a_way(api)

    way.create()

    facts, seen = way.facts(), way.look()
    assert facts is not None
    assert len(facts.balancer.target_groups) == 2
    assert len(shop.names()["target groups"]) == 4
    assert (seen.presence, seen.healthy, seen.registered) == (Presence.READY, 2, 2)
    until_gone(way)
    assert shop.names() == before


def test_a_listener_that_leads_to_another_services_targets_is_told_before_anything_is_touched(
    shop: Shop, api: CountedApi
) -> None:
    shop.furnish()
    other = shop.elbv2.create_target_group(Name="billing", Protocol="HTTP", Port=80, VpcId=shop.vpc)
    shop.rule("/billing/*", other["TargetGroups"][0]["TargetGroupArn"])

    [problem] = a_way(api).problems()

    assert "billing" in problem
    assert "candidate.template" in problem


def test_attributes_are_like_the_live_ones_except_for_deletion_protection(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    on = [
        {"Key": "deletion_protection.enabled", "Value": "true"},
        {"Key": "idle_timeout.timeout_seconds", "Value": "7"},
    ]
    shop.elbv2.modify_load_balancer_attributes(LoadBalancerArn=shop.balancer, Attributes=on)
    shop.elbv2.modify_target_group_attributes(
        TargetGroupArn=shop.targets, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "17"}]
    )
    way = a_way(api)

    way.create()

    facts = way.facts()
    assert facts is not None
    described = shop.elbv2.describe_load_balancer_attributes(LoadBalancerArn=facts.balancer.arn)["Attributes"]
    balancer = {each["Key"]: each["Value"] for each in described}
    assert balancer["idle_timeout.timeout_seconds"] == "7"
    assert balancer["deletion_protection.enabled"] == "false"
    [arn] = facts.balancer.target_groups
    described = shop.elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
    assert {"Key": "deregistration_delay.timeout_seconds", "Value": "17"} in described


def test_a_target_on_requests_is_measured_on_the_clones_own_balancer(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    label = "app/shop-blue/1/targetgroup/shop-blue/2"
    shop.asg.put_scaling_policy(
        AutoScalingGroupName="shop-blue",
        PolicyName="requests",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={
            "PredefinedMetricSpecification": {
                "PredefinedMetricType": "ALBRequestCountPerTarget",
                "ResourceLabel": label,
            },
            "TargetValue": 500.0,
        },
    )
    way = a_way(api)

    way.create()

    facts = way.facts()
    assert facts is not None
    listed = shop.asg.describe_policies(AutoScalingGroupName=STAMP.name)["ScalingPolicies"]
    [policy] = [each for each in listed if each["PolicyName"] == "requests"]
    metric = policy["TargetTrackingConfiguration"]["PredefinedMetricSpecification"]
    load_balancer = facts.balancer.arn.partition(":loadbalancer/")[2]
    target_group = facts.balancer.target_groups[0].rpartition(":")[2]
    assert metric["ResourceLabel"] == f"{load_balancer}/{target_group}"


def test_policies_that_a_clone_would_lose_are_told_before_anything_is_touched(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    shop.asg.put_scaling_policy(
        AutoScalingGroupName="shop-blue",
        PolicyName="steps",
        PolicyType="StepScaling",
        AdjustmentType="ChangeInCapacity",
        StepAdjustments=[{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    )

    [problem] = a_way(api).problems()

    assert "steps of shop-blue depend on alarms" in problem


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("You must use a valid fully-formed launch template. The specified launch template does not exist.", Busy),
        ("Provided Target Groups may not be valid. Please ensure they exist and try again.", Busy),
        ("You must use a valid fully-formed launch template. The image id '[ami-1]' does not exist", Refused),
        ("Max bound, 0, must be greater than or equal to min bound, 1", Refused),
    ],
)
def test_what_aws_does_not_know_yet_is_waited_for_and_what_is_wrong_is_not(
    words: str, kind: type[Exception], shop: Shop, api: CountedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.furnish()
    call = api.call

    def answer(service: str, operation: str, **params: Any) -> dict[str, Any]:
        if operation == "create_auto_scaling_group":
            raise Refused(f"autoscaling create_auto_scaling_group: ValidationError: {words}")
        return call(service, operation, **params)

    monkeypatch.setattr(api, "call", answer)

    with pytest.raises(kind):
        a_way(api).create()


def test_a_balancer_still_being_made_is_not_ready(shop: Shop, api: CountedApi, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.furnish()
    a_way(api).create()
    state, call = "provisioning", api.call

    def answer(service: str, operation: str, **params: Any) -> dict[str, Any]:
        found = call(service, operation, **params)
        if (service, operation) == ("elbv2", "describe_load_balancers"):
            found["LoadBalancers"][0]["State"]["Code"] = state
        return found

    monkeypatch.setattr(api, "call", answer)
    way = a_way(api)
    assert way.look().presence is Presence.CREATING

    state = "failed"
    assert way.look().presence is Presence.FAILED

    state = "active"
    assert way.look().presence is Presence.READY
