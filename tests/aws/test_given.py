"""The live slot by its names, and what all groups share: counting, growing, holding."""

from __future__ import annotations

from typing import Any

import pytest

from bluegreen.aws.environments import groups
from bluegreen.aws.environments.given import GivenWay
from bluegreen.aws.environments.groups import Hold
from bluegreen.aws.environments.swap import SwapGivenWay
from bluegreen.errors import Busy, Missing, Unreachable
from bluegreen.model import Presence
from tests.aws.conftest import CountedApi, Dropped, Shop, a_plan

KINDS = pytest.mark.parametrize("kind", ["application", "classic"])


def a_way(api: CountedApi, *, may_remove: bool = True) -> GivenWay:
    return GivenWay(api, a_plan().live, may_remove=may_remove)


def group_of(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = shop.asg.describe_auto_scaling_groups(AutoScalingGroupNames=["shop-blue"])
    return found["AutoScalingGroups"][0]


@KINDS
def test_the_live_slot_is_counted_by_group_and_by_balancer(kind: str, shop: Shop, api: CountedApi) -> None:
    shop.furnish(kind)

    seen = a_way(api).look()

    assert seen.presence is Presence.READY
    assert (seen.desired, seen.in_service, seen.healthy, seen.registered) == (3, 3, 3, 3)
    assert not seen.scale_in_held


@KINDS
def test_the_facts_name_the_balancer_and_the_group(kind: str, shop: Shop, api: CountedApi) -> None:
    shop.furnish(kind)

    facts = a_way(api).facts()

    assert facts is not None
    assert (facts.group, facts.balancer.dns_name, facts.balancer.kind) == ("shop-blue", shop.dns_name, kind)


def test_facts_of_a_known_balancer_cost_no_call(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    way = a_way(api)
    way.look()
    api.calls.clear()

    way.facts()

    assert api.calls == []


def test_an_instance_counts_as_healthy_only_when_all_target_groups_say_so(
    shop: Shop, api: CountedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.furnish()
    way, call = a_way(api), api.call
    way.look()
    states = ["healthy", "unhealthy", "draining"]

    def answer(service: str, operation: str, **params: Any) -> dict[str, Any]:
        found = call(service, operation, **params)
        if operation == "describe_target_health":
            for target, state in zip(found["TargetHealthDescriptions"], states, strict=True):
                target["TargetHealth"]["State"] = state
        return found

    monkeypatch.setattr(api, "call", answer)
    seen = way.look()

    assert (seen.in_service, seen.registered, seen.healthy) == (3, 2, 1)


def test_a_resize_asks_for_more_and_raises_the_maximum(shop: Shop, api: CountedApi) -> None:
    shop.furnish()

    a_way(api).resize(8)

    group = group_of(shop)
    assert (group["MinSize"], group["DesiredCapacity"], group["MaxSize"]) == (2, 8, 8)


def test_a_resize_never_shrinks(shop: Shop, api: CountedApi) -> None:
    shop.furnish()

    a_way(api).resize(1)

    assert group_of(shop)["DesiredCapacity"] == 3


def test_a_resize_of_what_is_not_there_is_missing(shop: Shop, api: CountedApi) -> None:
    with pytest.raises(Missing):
        a_way(api).resize(1)


def test_holding_scale_in_lifts_the_floor_and_releasing_gives_everything_back(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    way, before = a_way(api), group_of(shop)

    way.hold_scale_in(True)
    way.hold_scale_in(True)

    held = group_of(shop)
    assert way.look().scale_in_held
    assert (held["MinSize"], held["DesiredCapacity"], held["MaxSize"]) == (3, 3, 6)
    assert [process["ProcessName"] for process in held["SuspendedProcesses"]] == ["ScheduledActions"]

    way.hold_scale_in(False)
    way.hold_scale_in(False)

    after = group_of(shop)
    assert not way.look().scale_in_held
    assert {key: after.get(key) for key in ("MinSize", "MaxSize", "DesiredCapacity", "SuspendedProcesses", "Tags")} == {
        key: before.get(key) for key in ("MinSize", "MaxSize", "DesiredCapacity", "SuspendedProcesses", "Tags")
    }


def test_a_held_group_that_grows_keeps_its_new_size(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    way = a_way(api)
    way.hold_scale_in(True)

    way.resize(5)

    assert group_of(shop)["MinSize"] == 5
    way.hold_scale_in(False)
    assert group_of(shop)["MinSize"] == 2


def test_scheduled_actions_that_were_off_before_stay_off(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    shop.asg.suspend_processes(AutoScalingGroupName="shop-blue", ScalingProcesses=["ScheduledActions"])
    way = a_way(api)

    way.hold_scale_in(True)
    way.hold_scale_in(False)

    assert [process["ProcessName"] for process in group_of(shop)["SuspendedProcesses"]] == ["ScheduledActions"]


def test_a_floor_that_someone_lowered_is_no_hold_and_holding_again_mends_it(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    way = a_way(api)
    way.hold_scale_in(True)
    shop.asg.update_auto_scaling_group(AutoScalingGroupName="shop-blue", MinSize=1)
    assert not way.look().scale_in_held

    way.hold_scale_in(True)

    assert way.look().scale_in_held
    way.hold_scale_in(False)
    assert group_of(shop)["MinSize"] == 2


@pytest.mark.parametrize("fatal", range(1, 5))
@pytest.mark.parametrize("fate", [Dropped, Unreachable])
def test_a_hold_interrupted_after_any_call_is_completed_by_asking_again(
    fatal: int, fate: type[Exception], shop: Shop
) -> None:
    shop.furnish()
    with pytest.raises(fate):
        a_way(CountedApi(fatal=fatal, fate=fate)).hold_scale_in(True)

    way = a_way(CountedApi())
    way.hold_scale_in(True)

    assert way.look().scale_in_held
    way.hold_scale_in(False)
    assert group_of(shop)["MinSize"] == 2


@pytest.mark.parametrize("fatal", range(1, 5))
def test_a_release_interrupted_after_any_call_is_completed_by_asking_again(fatal: int, shop: Shop) -> None:
    shop.furnish()
    a_way(CountedApi()).hold_scale_in(True)
    with pytest.raises(Dropped):
        a_way(CountedApi(fatal=fatal)).hold_scale_in(False)

    a_way(CountedApi()).hold_scale_in(False)

    group = group_of(shop)
    assert (group["MinSize"], group["SuspendedProcesses"]) == (2, [])
    assert groups.HELD_TAG not in groups.tags(group)


@pytest.mark.parametrize("hold", [Hold(12, 4), Hold(3, 3, schedule_was_off=True)])
def test_what_a_hold_remembers_survives_being_written_as_a_tag(hold: Hold) -> None:
    assert Hold.parse(str(hold)) == hold


def test_a_hold_that_somebody_else_scribbled_over_is_none(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    way = a_way(api)
    way.hold_scale_in(True)
    tag = {"ResourceId": "shop-blue", "ResourceType": "auto-scaling-group", "Key": groups.HELD_TAG, "Value": "yes"}
    shop.asg.create_or_update_tags(Tags=[{**tag, "PropagateAtLaunch": False}])

    assert not way.look().scale_in_held


def test_the_group_stays_while_its_target_group_is_still_in_use(
    shop: Shop, api: CountedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.furnish()
    way, call, busy = a_way(api), api.call, True

    def answer(service: str, operation: str, **params: Any) -> dict[str, Any]:
        if operation == "delete_target_group" and busy:
            raise Busy("elbv2 delete_target_group: ResourceInUse")
        return call(service, operation, **params)

    monkeypatch.setattr(api, "call", answer)
    way.remove()
    assert way.look().presence is Presence.REMOVING
    assert shop.names()["groups"] == ["shop-blue"]

    busy = False
    way.remove()

    assert way.look().presence is Presence.ABSENT
    assert shop.names()["target groups"] == []


@KINDS
def test_the_old_live_slot_is_removed_whole_when_the_plan_says_so(kind: str, shop: Shop, api: CountedApi) -> None:
    shop.furnish(kind)
    way = a_way(api)

    while way.look().presence is not Presence.ABSENT:
        way.remove()

    assert shop.names() == {"groups": [], "balancers": [], "target groups": [], "classic": [], "templates": ["shop"]}


@KINDS
def test_a_removal_of_live_that_dies_after_any_call_is_finished_by_the_next_process(kind: str, shop: Shop) -> None:
    number, died = 0, True
    shop.furnish(kind)
    while died:
        number, died = number + 1, False
        way = a_way(CountedApi(fatal=number))
        try:
            way.remove()
        except Dropped:
            died = True
        way = a_way(CountedApi())
        while way.look().presence is not Presence.ABSENT:
            way.remove()
        assert not any(names for key, names in shop.names().items() if key != "templates"), number
        shop.refurnish(kind)
    assert number > 4


def test_a_target_group_that_another_balancer_uses_is_kept(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    shop.second_target_group("internal", of_live=False)
    way = a_way(api)

    while way.look().presence is not Presence.ABSENT:
        way.remove()

    assert shop.names()["target groups"] == ["internal"]


def test_a_kept_live_slot_is_never_removed(shop: Shop, api: CountedApi) -> None:
    shop.furnish()

    with pytest.raises(AssertionError):
        a_way(api, may_remove=False).remove()


def test_a_group_without_its_balancer_is_not_ready(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    shop.elbv2.delete_load_balancer(LoadBalancerArn=shop.balancer)

    seen = a_way(api).look()

    assert (seen.presence, seen.detail) == (Presence.REMOVING, "only its group left")


@KINDS
def test_a_balancer_that_vanishes_under_our_eyes_is_found_out(kind: str, shop: Shop, api: CountedApi) -> None:
    shop.furnish(kind)
    way = a_way(api)
    assert way.look().presence is Presence.READY
    if kind == "classic":
        shop.elb.delete_load_balancer(LoadBalancerName="shop-blue")
        with pytest.raises(Missing):
            way.look()
    else:
        shop.elbv2.delete_load_balancer(LoadBalancerArn=shop.balancer)
        shop.elbv2.delete_target_group(TargetGroupArn=shop.targets)
        with pytest.raises(Missing):
            way.look()

    assert way.look().presence is Presence.REMOVING


def test_a_balancer_that_two_groups_share_and_that_vanishes_is_found_out_too(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    way = SwapGivenWay(api, a_plan().live, may_remove=False)
    assert way.look().presence is Presence.READY
    shop.elbv2.delete_load_balancer(LoadBalancerArn=shop.balancer)
    shop.elbv2.delete_target_group(TargetGroupArn=shop.targets)
    with pytest.raises(Missing):
        way.look()

    seen = way.look()

    assert (seen.presence, seen.detail) == (Presence.REMOVING, "only its group left")


def test_problems_name_what_is_missing_in_words_of_the_rollout_file(shop: Shop, api: CountedApi) -> None:
    assert a_way(api).problems() == (
        "live.group: there is no Auto Scaling group shop-blue in us-east-1",
        "live.balancer: there is no application or classic balancer shop-blue in us-east-1",
    )


@KINDS
def test_a_whole_live_slot_has_no_problems(kind: str, shop: Shop, api: CountedApi) -> None:
    shop.furnish(kind)

    assert a_way(api).problems() == ()


def test_a_balancer_in_front_of_something_else_is_a_problem(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    shop.asg.detach_load_balancer_target_groups(
        AutoScalingGroupName="shop-blue", TargetGroupARNs=[group_of(shop)["TargetGroupARNs"][0]]
    )

    [problem] = a_way(api).problems()

    assert "sends no requests to the group shop-blue" in problem


def test_deletion_protection_is_a_problem_only_when_live_shall_be_removed(shop: Shop, api: CountedApi) -> None:
    shop.furnish()
    shop.elbv2.modify_load_balancer_attributes(
        LoadBalancerArn=shop.balancer, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}]
    )

    assert a_way(api, may_remove=False).problems() == ()
    [problem] = a_way(api).problems()
    assert "retire: keep" in problem
