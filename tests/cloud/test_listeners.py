"""One balancer for both slots, as the engine meets it: weights that the users go by, and what AWS refuses."""

import pytest
from botocore.exceptions import ClientError

from bluegreen.model import Slot
from sim.cloud import NotModelled
from tests.cloud.conftest import opened
from tests.cloud.test_balancers import target_group

BLUE, GREEN = Slot.BLUE, Slot.GREEN
ALL_AT_ONCE = {"kind": "all_at_once", "hold": "5m"}


@pytest.fixture
def it():
    with opened(plan={"traffic": {"kind": "target_groups"}}) as cloud:
        elbv2 = cloud.elbv2 = cloud.client("elbv2")
        cloud.balancer = elbv2.describe_load_balancers(Names=["shop-live"])["LoadBalancers"][0]["LoadBalancerArn"]
        cloud.listener = elbv2.describe_listeners(LoadBalancerArn=cloud.balancer)["Listeners"][0]["ListenerArn"]
        cloud.live = elbv2.describe_target_groups(Names=["shop-live"])["TargetGroups"][0]["TargetGroupArn"]
        cloud.green = target_group(cloud)
        yield cloud


def forward(*targets):
    listed = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in targets]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": listed}}]


def put(it, *targets):
    it.elbv2.modify_listener(ListenerArn=it.listener, DefaultActions=forward(*targets))


def told(it):
    (rule,) = it.elbv2.describe_rules(ListenerArn=it.listener)["Rules"]
    listed = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
    return {target["TargetGroupArn"]: target["Weight"] for target in listed}


def test_users_go_by_a_listeners_weights_after_a_moment(it):
    put(it, (it.live, 750), (it.green, 249))
    assert it.world.dns.weights == {BLUE: 750, GREEN: 249}
    assert it.world.dns.answers()[GREEN] == 0
    it.wait(seconds=6)
    assert it.world.dns.answers()[GREEN] == 249 / 999
    assert it.world.clients.share()[GREEN] == 0, "they have made no request since"
    it.wait(minutes=1)
    assert it.world.clients.share()[GREEN] == pytest.approx(249 / 999)


def test_weights_that_somebody_set_by_hand_are_told(it):
    put(it, (it.live, 90), (it.green, 10))
    it.world.dns.change({BLUE: 40, GREEN: 60}, by="operator")
    assert told(it) == {it.live: 40, it.green: 60}


@pytest.mark.parametrize("weight", [-1, 1000])
def test_a_weight_beyond_999_is_refused_and_nothing_is_changed(it, weight):
    with pytest.raises(ClientError, match="ValidationError"):
        put(it, (it.live, weight), (it.green, 1))
    assert it.world.dns.weights == {BLUE: 100}


def test_a_forward_to_a_target_group_that_is_not_there_is_refused(it):
    with pytest.raises(ClientError, match="TargetGroupNotFound"):
        put(it, (it.live, 1), (it.live[:-1] + "x", 1))


def test_a_sixth_target_group_is_refused(it):
    more = [(target_group(it, f"more-{n}"), 1) for n in range(5)]
    with pytest.raises(ClientError, match="at most 5"):
        put(it, (it.live, 1), *more)


def test_a_target_group_beside_another_one_is_on_the_balancer_too(it):
    put(it, (it.live, 90), (it.green, 10))
    found = it.elbv2.describe_target_groups(LoadBalancerArn=it.balancer)["TargetGroups"]
    assert {group["TargetGroupArn"] for group in found} == {it.live, it.green}


def test_what_the_balancer_counts_of_both_cannot_be_asked_for(it):
    metric = {"Namespace": "AWS/ApplicationELB", "MetricName": "RequestCount"}
    dimension = {"Name": "LoadBalancer", "Value": it.balancer.partition(":loadbalancer/")[2]}
    now = it.world.clock.now()
    query = {"Metric": {**metric, "Dimensions": [dimension]}, "Period": 60, "Stat": "Sum"}
    with pytest.raises(NotModelled, match="both slots stand behind"):
        it.client("cloudwatch").get_metric_data(
            MetricDataQueries=[{"Id": "m", "MetricStat": query}], StartTime=now.replace(year=2029), EndTime=now
        )


# -- groups at one target group -----------------------------------------------------------------------------------


@pytest.fixture
def swap():
    with opened(plan={"traffic": {"kind": "group_swap"}, "strategy": ALL_AT_ONCE}) as cloud:
        cloud.live = cloud.client("elbv2").describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]
        cloud.groups = cloud.client("autoscaling")
        cloud.groups.create_auto_scaling_group(
            AutoScalingGroupName="shop-green",
            LaunchTemplate={"LaunchTemplateName": "shop-live"},
            MinSize=2,
            MaxSize=10,
            AvailabilityZones=["us-east-1a"],
        )
        cloud.wait(minutes=10)
        yield cloud


def states(it):
    found = it.client("elbv2").describe_target_health(TargetGroupArn=it.live)["TargetHealthDescriptions"]
    return sorted(target["TargetHealth"]["State"] for target in found)


def test_machines_that_are_attached_wait_for_their_first_check_and_serve_then(swap):
    asked = {"AutoScalingGroupName": "shop-green", "TargetGroupARNs": [swap.live]}
    swap.groups.attach_load_balancer_target_groups(**asked)
    assert states(swap) == ["healthy"] * 10 + ["initial"] * 2
    assert swap.world.dns.answers()[GREEN] == 0
    swap.wait(minutes=1)
    assert states(swap) == ["healthy"] * 12
    assert swap.world.dns.answers()[GREEN] == 2 / 12


def test_a_group_that_is_detached_is_no_target_any_more(swap):
    asked = {"AutoScalingGroupName": "shop-green", "TargetGroupARNs": [swap.live]}
    swap.groups.attach_load_balancer_target_groups(**asked)
    swap.wait(minutes=1)
    swap.groups.detach_load_balancer_target_groups(**{**asked, "AutoScalingGroupName": "shop-live"})
    swap.wait(minutes=1)
    assert states(swap) == ["healthy"] * 2
    assert swap.world.dns.answers()[GREEN] == 1


def test_what_is_not_attached_cannot_be_detached(swap):
    with pytest.raises(ClientError, match="not part of the group"):
        swap.groups.detach_load_balancer_target_groups(AutoScalingGroupName="shop-green", TargetGroupARNs=[swap.live])


def test_where_groups_do_not_share_a_target_group_none_is_detached():
    with opened() as it:
        arn = it.client("elbv2").describe_target_groups()["TargetGroups"][0]["TargetGroupArn"]
        with pytest.raises(NotModelled, match="moves in another way"):
            it.client("autoscaling").detach_load_balancer_target_groups(
                AutoScalingGroupName="shop-live", TargetGroupARNs=[arn]
            )
