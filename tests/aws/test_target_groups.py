"""Weighted target groups on one balancer: rules that agree, rules of others, stickiness, and half a change."""

from datetime import UTC, datetime, timedelta

import pytest

from bluegreen.aws.environments.base import Stamp
from bluegreen.aws.environments.shared import BesideWay, SharedGivenWay
from bluegreen.aws.traffic.forwards import forwards_of
from bluegreen.aws.traffic.target_groups import Candidate, TargetGroups
from bluegreen.errors import Refused, Unreachable
from bluegreen.model import Presence, Slot
from bluegreen.traffic.target_groups import TargetGroups as Spec
from tests.aws.conftest import CountedApi, Shop, a_plan

BLUE, GREEN = Slot.BLUE, Slot.GREEN
STAMP = Stamp("shop", "shop-1", GREEN)
PLAN = a_plan(traffic={"kind": "target_groups"})


class Setting:
    """A shop with a second rule to the live target group, one to somebody else's, and green made beside."""

    def __init__(self, shop: Shop, spec: Spec, fatal: int = 0, fate: type[Exception] = Unreachable) -> None:
        self.shop, self.spec = shop, spec
        self.api, self.now = CountedApi(fatal=fatal, fate=fate), datetime(2030, 1, 1, tzinfo=UTC)
        self.ways = {
            BLUE: SharedGivenWay(self.api, PLAN.live, may_remove=True),
            GREEN: BesideWay(self.api, PLAN.candidate.clone, PLAN.live, STAMP, spec),
        }
        candidate = Candidate(STAMP.name, lambda slot: self.ways[slot].facts())
        self.traffic = TargetGroups(self.api, spec, PLAN.live, candidate, lambda: self.now)

    def by_name(self) -> list[dict[str, int]]:
        """What every forwarding rule says, by the names of target groups."""
        forwards = forwards_of(CountedApi(), self.shop.balancer)
        return [{arn.split("/")[-2]: weight for arn, weight in forward.weights.items()} for forward in forwards]


@pytest.fixture
def setting(shop):
    """setting(stickiness=..., fatal=...): green has been made."""
    shop.furnish()
    other = shop.elbv2.create_target_group(Name="other", Protocol="HTTP", Port=80, VpcId=shop.vpc)
    shop.rule("/api/*", shop.targets)
    [listener] = shop.elbv2.describe_listeners(LoadBalancerArn=shop.balancer)["Listeners"]
    shop.elbv2.create_rule(
        ListenerArn=listener["ListenerArn"],
        Priority=30,
        Conditions=[{"Field": "path-pattern", "Values": ["/other/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": other["TargetGroups"][0]["TargetGroupArn"]}],
    )

    def made(stickiness=None, **failing):
        spec = Spec(stickiness=stickiness)
        Setting(shop, spec).ways[GREEN].create()
        return Setting(shop, spec, **failing)

    return made


def test_green_joins_every_rule_of_the_live_target_group_at_weight_zero_and_no_other(setting):
    told = setting().by_name()
    assert told.count({"shop-blue": 100, STAMP.name: 0}) == 2
    assert told.count({"other": 100}) == 1
    assert len(told) == 3


def test_all_rules_get_the_weights_and_others_rules_stay(setting):
    it = setting()
    it.traffic.set({BLUE: 900, GREEN: 99})
    assert it.by_name().count({"shop-blue": 900, STAMP.name: 99}) == 2
    assert it.by_name().count({"other": 100}) == 1
    assert it.traffic.read().weights == {BLUE: 900, GREEN: 99}


def test_it_is_in_sync_after_the_assumed_delay_and_not_before(setting):
    it = setting()
    it.traffic.set({BLUE: 90, GREEN: 10})
    assert not it.traffic.read().in_sync
    it.now += timedelta(seconds=10)
    assert it.traffic.read().in_sync


def test_a_rule_that_was_left_behind_shows_and_is_put_right_by_setting_again(setting):
    it = setting()
    it.traffic.set({BLUE: 90, GREEN: 10})
    calls = len(it.api.calls)
    it = setting(fatal=0)
    count = next(n for n in range(1, calls + 1) if stops_between_rules(setting, n))
    assert count
    fresh = setting()
    assert not fresh.traffic.read().in_sync
    fresh.traffic.set({BLUE: 50, GREEN: 50})
    assert fresh.by_name().count({"shop-blue": 50, STAMP.name: 50}) == 2


def stops_between_rules(setting, fatal):
    """Whether the reply was lost at the first of two changes."""
    it = setting(fatal=fatal)
    try:
        it.traffic.set({BLUE: 50, GREEN: 50})
    except Unreachable:
        changed = it.by_name().count({"shop-blue": 50, STAMP.name: 50})
        return changed == 1
    return False


def test_stickiness_is_off_unless_it_is_asked_for(setting):
    it = setting()
    it.traffic.set({BLUE: 90, GREEN: 10})
    sticky = {forward.sticky for forward in forwards_of(CountedApi(), it.shop.balancer) if len(forward.weights) > 1}
    assert sticky == {0}


def test_stickiness_that_is_asked_for_is_put_beside_the_weights(setting):
    it = setting(stickiness="10m")
    it.traffic.set({BLUE: 90, GREEN: 10})
    sticky = {forward.sticky for forward in forwards_of(CountedApi(), it.shop.balancer) if len(forward.weights) > 1}
    assert sticky == {600}


def test_on_the_way_back_no_cookie_holds_users_on_the_candidate(setting):
    it = setting(stickiness="10m")
    it.traffic.set({BLUE: 90, GREEN: 10})
    it.traffic.set({BLUE: 100, GREEN: 0})
    sticky = {forward.sticky for forward in forwards_of(CountedApi(), it.shop.balancer) if len(forward.weights) > 1}
    assert sticky == {0}


def test_what_is_in_front_of_a_forward_stays_in_front(setting):
    it = setting()
    [listener] = it.shop.elbv2.describe_listeners(LoadBalancerArn=it.shop.balancer)["Listeners"]
    login = {"Type": "authenticate-cognito", "Order": 1, "AuthenticateCognitoConfig": COGNITO}
    forward = {**listener["DefaultActions"][0], "Order": 2}
    it.shop.elbv2.modify_listener(ListenerArn=listener["ListenerArn"], DefaultActions=[login, forward])
    it.traffic.set({BLUE: 90, GREEN: 10})
    [listener] = it.shop.elbv2.describe_listeners(LoadBalancerArn=it.shop.balancer)["Listeners"]
    assert [action["Type"] for action in listener["DefaultActions"]] == ["authenticate-cognito", "forward"]


COGNITO = {
    "UserPoolArn": "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_AbCdEfGhI",
    "UserPoolClientId": "abc",
    "UserPoolDomain": "shop",
}


def test_the_last_target_group_with_weight_is_never_taken_out(setting):
    it = setting()
    it.traffic.set({BLUE: 0, GREEN: 100})
    with pytest.raises(Refused, match="last one"):
        it.traffic.remove(GREEN)
    it.traffic.remove(BLUE)
    it.traffic.remove(BLUE)
    assert it.by_name().count({STAMP.name: 100}) == 2


def test_while_a_rule_forwards_to_it_a_target_group_and_its_group_stay(setting):
    it = setting()
    it.traffic.set({BLUE: 90, GREEN: 10})
    it.ways[GREEN].remove()
    assert it.ways[GREEN].look().presence is not Presence.ABSENT
    assert STAMP.name in it.shop.names()["groups"]
    assert STAMP.name in it.shop.names()["target groups"]


def test_it_takes_one_target_group_and_an_application_balancer(shop):
    shop.furnish()
    shop.second_target_group("more", of_live=True)
    found = SharedGivenWay(CountedApi(), PLAN.live, may_remove=True).problems()
    assert "2 target groups of shop-blue are behind shop-blue" in found[0]


def test_a_classic_balancer_has_no_target_groups(shop):
    shop.furnish("classic")
    found = SharedGivenWay(CountedApi(), PLAN.live, may_remove=True).problems()
    assert found[0].endswith("takes an application balancer: use `traffic: {kind: route53}`")


def shared_rule(shop):
    """A rule that sends part of the live slot's requests to a group of the team's own."""
    own = shop.elbv2.create_target_group(Name="own", Protocol="HTTP", Port=80, VpcId=shop.vpc)["TargetGroups"][0]
    [listener] = shop.elbv2.describe_listeners(LoadBalancerArn=shop.balancer)["Listeners"]
    both = [{"TargetGroupArn": shop.targets, "Weight": 80}, {"TargetGroupArn": own["TargetGroupArn"], "Weight": 20}]
    shop.elbv2.create_rule(
        ListenerArn=listener["ListenerArn"],
        Priority=40,
        Conditions=[{"Field": "path-pattern", "Values": ["/own/*"]}],
        Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": both}}],
    )


def test_a_rule_that_also_forwards_to_a_group_of_the_teams_own_is_told_before_the_rollout(setting, shop):
    shared_rule(shop)
    [problem] = setting().ways[GREEN].problems()
    assert "also forwards to own" in problem and "use `traffic: {kind: route53}`" in problem


def test_no_target_group_of_the_teams_own_is_ever_taken_out_of_a_rule(setting, shop):
    it = setting()
    shared_rule(shop)
    with pytest.raises(Refused, match="also forwards to own"):
        it.traffic.set({BLUE: 90, GREEN: 10})
    assert it.by_name().count({"shop-blue": 80, "own": 20}) == 1
    assert it.by_name().count({"shop-blue": 100, STAMP.name: 0}) == 2
