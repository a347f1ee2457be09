"""Auto Scaling as the engine meets it: the world's machines with their time, and AWS's refusals."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from bluegreen.model import Slot
from sim.cloud import NotModelled
from sim.effects import CapacityChanged, Created, Removed
from sim.worldspec import WorldSpec

from .conftest import opened

LIVE = {"AutoScalingGroupName": "shop-live"}


def groups(it, *names):
    listed = it.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=list(names))
    return listed["AutoScalingGroups"]


def states(group):
    return [instance["LifecycleState"] for instance in group["Instances"]]


def create(it, name="shop-green", slot="green", **changed):
    (live,) = groups(it, "shop-live")
    params = {
        "AutoScalingGroupName": name,
        "LaunchTemplate": {"LaunchTemplateName": "shop-live", "Version": "$Latest"},
        "MinSize": 2,
        "MaxSize": 8,
        "DesiredCapacity": 3,
        "VPCZoneIdentifier": live["VPCZoneIdentifier"],
        "Tags": [{"Key": "bluegreen:slot", "Value": slot, "PropagateAtLaunch": True}],
    }
    it.client("autoscaling").create_auto_scaling_group(**{**params, **changed})


def refused(code, call, *args, **kwargs):
    with pytest.raises(ClientError) as error:
        call(*args, **kwargs)
    assert error.value.response["Error"]["Code"] == code
    return error.value.response["Error"]["Message"]


def test_a_new_groups_machines_are_pending_first_and_in_service_later(rehearsal):
    create(rehearsal)
    (group,) = groups(rehearsal, "shop-green")
    assert states(group) == ["Pending"] * 3
    rehearsal.wait(minutes=5)
    (group,) = groups(rehearsal, "shop-green")
    assert states(group) == ["InService"] * 3
    assert len({instance["AvailabilityZone"] for instance in group["Instances"]}) == 3


def test_a_new_group_is_a_fleet_of_the_slot_it_is_tagged_for(rehearsal):
    create(rehearsal)
    fleet = rehearsal.world.places[Slot.GREEN].fleet
    assert (fleet.minimum, fleet.desired, fleet.maximum) == (2, 3, 8)
    assert CapacityChanged(Slot.GREEN, 0, 3) in rehearsal.world.effects
    assert Created(Slot.GREEN, "group/shop-green") in rehearsal.world.effects


def test_a_group_without_tag_is_the_candidates(rehearsal):
    create(rehearsal, name="anything", Tags=[])
    assert rehearsal.world.places[Slot.GREEN].fleet.exists


def test_a_second_group_in_one_slot_is_not_modelled_and_says_so(rehearsal):
    create(rehearsal)
    with pytest.raises(NotModelled, match="a second group"):
        create(rehearsal, name="another")


def test_a_name_that_is_taken_is_refused_and_the_group_is_left_alone(rehearsal):
    refused("AlreadyExists", create, rehearsal, name="shop-live")
    (group,) = groups(rehearsal, "shop-live")
    assert len(group["Instances"]) == 10


@pytest.mark.parametrize(
    "sizes", [{"MinSize": 9}, {"DesiredCapacity": 9}, {"DesiredCapacity": 1}, {"TargetGroupARNs": ["arn:none"]}]
)
def test_a_group_that_cannot_be_is_refused_and_nothing_of_it_is_made(rehearsal, sizes):
    refused("ValidationError", create, rehearsal, **sizes)
    assert groups(rehearsal, "shop-green") == []
    assert not rehearsal.world.places[Slot.GREEN].fleet.exists


def test_a_group_at_a_classic_balancer_that_is_not_there_is_refused(rehearsal):
    refused("ValidationError", create, rehearsal, LoadBalancerNames=["none"])


def test_the_desired_capacity_is_a_wish_that_machines_follow(rehearsal):
    client = rehearsal.client("autoscaling")
    client.set_desired_capacity(**LIVE, DesiredCapacity=12)
    (group,) = groups(rehearsal, "shop-live")
    assert (group["DesiredCapacity"], states(group).count("InService")) == (12, 10)
    rehearsal.wait(minutes=6)
    (group,) = groups(rehearsal, "shop-live")
    assert states(group).count("InService") == 12


@pytest.mark.parametrize("wanted", [1, 41])
def test_a_desired_capacity_beyond_the_bounds_is_refused(rehearsal, wanted):
    refused("ValidationError", rehearsal.client("autoscaling").set_desired_capacity, **LIVE, DesiredCapacity=wanted)
    assert rehearsal.world.places[Slot.BLUE].fleet.desired == 10


@pytest.mark.parametrize(("change", "desired"), [({"MinSize": 15}, 15), ({"MaxSize": 5}, 5), ({"MaxSize": 50}, 10)])
def test_new_bounds_move_the_desired_capacity_along(rehearsal, change, desired):
    rehearsal.client("autoscaling").update_auto_scaling_group(**LIVE, **change)
    (group,) = groups(rehearsal, "shop-live")
    assert group["DesiredCapacity"] == desired
    assert change.items() <= group.items()


def test_an_update_that_cannot_be_is_refused_whole(rehearsal):
    update = rehearsal.client("autoscaling").update_auto_scaling_group
    refused("ValidationError", update, **LIVE, MinSize=15, DesiredCapacity=3)
    (group,) = groups(rehearsal, "shop-live")
    assert (group["MinSize"], group["DesiredCapacity"]) == (2, 10)


@pytest.mark.parametrize(
    ("call", "params"),
    [
        ("set_desired_capacity", {"DesiredCapacity": 1}),
        ("update_auto_scaling_group", {"MinSize": 1}),
        ("suspend_processes", {"ScalingProcesses": ["AlarmNotification"]}),
        ("resume_processes", {}),
        ("delete_auto_scaling_group", {"ForceDelete": True}),
    ],
)
def test_a_group_that_is_not_there_is_an_error_of_aws_not_a_crash(rehearsal, call, params):
    refused("ValidationError", getattr(rehearsal.client("autoscaling"), call), AutoScalingGroupName="none", **params)


def test_a_group_that_is_not_there_is_left_out_of_the_list(rehearsal):
    assert groups(rehearsal, "none") == []


def test_groups_are_found_by_their_tags(rehearsal):
    create(rehearsal)
    find = rehearsal.client("autoscaling").describe_auto_scaling_groups
    found = find(Filters=[{"Name": "tag:bluegreen:slot", "Values": ["green"]}])["AutoScalingGroups"]
    assert [group["AutoScalingGroupName"] for group in found] == ["shop-green"]


def test_suspended_processes_are_listed_and_the_fleet_heeds_them_until_they_are_resumed(rehearsal):
    client, fleet = rehearsal.client("autoscaling"), rehearsal.world.places[Slot.BLUE].fleet
    client.suspend_processes(**LIVE, ScalingProcesses=["Launch", "AlarmNotification"])
    (group,) = groups(rehearsal, "shop-live")
    assert [process["ProcessName"] for process in group["SuspendedProcesses"]] == ["AlarmNotification", "Launch"]
    client.set_desired_capacity(**LIVE, DesiredCapacity=12)
    rehearsal.wait(minutes=6)
    assert (fleet.desired, fleet.in_service) == (12, 10)
    client.resume_processes(**LIVE)
    rehearsal.wait(minutes=6)
    assert fleet.healthy == 12


def test_a_process_that_does_not_exist_is_refused(rehearsal):
    suspend = rehearsal.client("autoscaling").suspend_processes
    refused("ValidationError", suspend, **LIVE, ScalingProcesses=["Nonsense"])


def test_tags_are_listed_with_the_group(rehearsal):
    client = rehearsal.client("autoscaling")
    tag = {"ResourceId": "shop-live", "ResourceType": "auto-scaling-group", "Key": "held", "Value": "12"}
    client.create_or_update_tags(Tags=[{**tag, "PropagateAtLaunch": False}])
    (group,) = groups(rehearsal, "shop-live")
    assert {"held": "12"}.items() <= {tag["Key"]: tag["Value"] for tag in group["Tags"]}.items()
    client.delete_tags(Tags=[tag])
    (group,) = groups(rehearsal, "shop-live")
    assert "held" not in {tag["Key"] for tag in group["Tags"]}


def test_a_group_with_machines_is_deleted_only_by_force(rehearsal):
    refused("ResourceInUse", rehearsal.client("autoscaling").delete_auto_scaling_group, **LIVE)


def test_a_deleted_group_takes_its_time_and_refuses_work_until_it_is_gone(rehearsal):
    client = rehearsal.client("autoscaling")
    client.delete_auto_scaling_group(**LIVE, ForceDelete=True)
    (group,) = groups(rehearsal, "shop-live")
    assert group["Status"] == "Delete in progress"
    refused("ValidationError", client.set_desired_capacity, **LIVE, DesiredCapacity=5)
    refused("AlreadyExists", create, rehearsal, name="shop-live")
    client.delete_auto_scaling_group(**LIVE, ForceDelete=True)
    rehearsal.wait(minutes=10)
    assert groups(rehearsal, "shop-live") == []
    assert rehearsal.world.effects.count(Removed(Slot.BLUE, "group/shop-live")) == 1


def test_after_a_group_is_gone_its_slot_is_free(rehearsal):
    create(rehearsal)
    rehearsal.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName="shop-green", ForceDelete=True)
    rehearsal.wait(minutes=10)
    create(rehearsal, name="another")
    assert groups(rehearsal, "shop-green") == []
    assert rehearsal.world.places[Slot.GREEN].fleet.exists


# -- health checks and settings


def test_what_the_api_leaves_out_are_the_apis_defaults_not_the_consoles(rehearsal):
    """Health check EC2 and no grace; moto says 300 s."""
    create(rehearsal)
    (group,) = groups(rehearsal, "shop-green")
    assert (group["HealthCheckType"], group["HealthCheckGracePeriod"], group["DefaultCooldown"]) == ("EC2", 0, 300)
    fleet = rehearsal.world.places[Slot.GREEN].fleet
    assert (fleet.health_check, fleet.grace) == ("EC2", timedelta(0))


def test_settings_of_a_created_and_of_an_updated_group_reach_its_machines(rehearsal):
    create(rehearsal, HealthCheckType="ELB", HealthCheckGracePeriod=90, DefaultInstanceWarmup=30, DefaultCooldown=60)
    fleet = rehearsal.world.places[Slot.GREEN].fleet
    seconds = [length.total_seconds() for length in (fleet.grace, fleet.default_warm_up, fleet.cooldown)]
    assert (fleet.health_check, seconds) == ("ELB", [90, 30, 60])
    update = rehearsal.client("autoscaling").update_auto_scaling_group
    update(AutoScalingGroupName="shop-green", HealthCheckType="EC2", HealthCheckGracePeriod=10)
    assert (fleet.health_check, fleet.grace.total_seconds()) == ("EC2", 10)


def test_a_machine_is_unhealthy_to_the_group_only_when_the_group_heeds_the_balancer(rehearsal):
    rehearsal.world.places[Slot.GREEN].fleet.boot_failure = 1.0
    create(rehearsal, HealthCheckType="ELB", HealthCheckGracePeriod=240)
    rehearsal.client("autoscaling").suspend_processes(
        AutoScalingGroupName="shop-green", ScalingProcesses=["ReplaceUnhealthy"]
    )

    def health():
        (group,) = groups(rehearsal, "shop-green")
        return [instance["HealthStatus"] for instance in group["Instances"]]

    rehearsal.wait(minutes=3)
    assert health() == ["Healthy"] * 3
    rehearsal.wait(minutes=3)
    assert health() == ["Unhealthy"] * 3


def test_a_machine_can_be_called_unhealthy_and_is_replaced(rehearsal):
    client, fleet = rehearsal.client("autoscaling"), rehearsal.world.places[Slot.BLUE].fleet
    rehearsal.wait(minutes=6)
    gone = fleet.instances[3]
    client.set_instance_health(InstanceId=gone.id, HealthStatus="Unhealthy")
    assert not gone.active
    assert fleet.pending == 1
    refused("ValidationError", client.set_instance_health, InstanceId="i-0", HealthStatus="Unhealthy")


def test_a_machine_is_terminated_with_or_without_a_successor(rehearsal):
    client, fleet = rehearsal.client("autoscaling"), rehearsal.world.places[Slot.BLUE].fleet
    terminate = client.terminate_instance_in_auto_scaling_group
    one, other, *_ = (instance.id for instance in fleet.instances)
    activity = terminate(InstanceId=one, ShouldDecrementDesiredCapacity=False)["Activity"]
    assert one in activity["Description"]
    assert (fleet.desired, fleet.pending) == (10, 1)
    terminate(InstanceId=other, ShouldDecrementDesiredCapacity=True)
    assert (fleet.desired, fleet.active) == (9, 9)
    fleet.minimum = 9
    refused("ValidationError", terminate, InstanceId=fleet.instances[4].id, ShouldDecrementDesiredCapacity=True)


def test_machines_are_listed_by_themselves(rehearsal):
    describe = rehearsal.client("autoscaling").describe_auto_scaling_instances
    listed = describe()["AutoScalingInstances"]
    assert {instance["AutoScalingGroupName"] for instance in listed} == {"shop-live"}
    assert len(listed) == 10
    (one,) = describe(InstanceIds=[listed[3]["InstanceId"]])["AutoScalingInstances"]
    assert one == listed[3]


# -- policies

CPU = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 10.0}
GREEN = {"AutoScalingGroupName": "shop-green"}


def track(it, group="shop-live", name="utilisation", configuration=CPU, **changed):
    it.client("autoscaling").put_scaling_policy(
        AutoScalingGroupName=group,
        PolicyName=name,
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration=configuration,
        **changed,
    )


def test_a_target_that_is_put_is_followed(rehearsal):
    fleet = rehearsal.world.places[Slot.BLUE].fleet
    rehearsal.wait(minutes=5)
    assert fleet.desired == 10
    track(rehearsal)
    rehearsal.wait(minutes=1)
    assert fleet.desired > 20, "its alarms know the minutes before"


def test_a_group_has_no_policies_but_those_that_were_put(rehearsal):
    create(rehearsal)
    fleet = rehearsal.world.places[Slot.GREEN].fleet
    assert not fleet.autoscaling
    track(rehearsal, group="shop-green")
    assert fleet.autoscaling
    rehearsal.client("autoscaling").delete_policy(**GREEN, PolicyName="utilisation")
    assert not fleet.autoscaling


def test_a_policy_that_is_disabled_does_nothing(rehearsal):
    track(rehearsal, Enabled=False)
    assert not rehearsal.world.places[Slot.BLUE].fleet.autoscaling


def test_step_and_simple_policies_act_when_they_are_executed(rehearsal):
    client, fleet = rehearsal.client("autoscaling"), rehearsal.world.places[Slot.BLUE].fleet
    steps = [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 10},
        {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 30},
    ]
    percent = {"AdjustmentType": "PercentChangeInCapacity", "PolicyType": "StepScaling"}
    client.put_scaling_policy(**LIVE, PolicyName="steps", StepAdjustments=steps, **percent)
    client.put_scaling_policy(**LIVE, PolicyName="one", AdjustmentType="ChangeInCapacity", ScalingAdjustment=-1)
    refused("ValidationError", client.execute_policy, **LIVE, PolicyName="steps")
    client.execute_policy(**LIVE, PolicyName="steps", MetricValue=65, BreachThreshold=50)
    assert fleet.desired == 13
    client.execute_policy(**LIVE, PolicyName="one")
    assert fleet.desired == 12
    client.execute_policy(**LIVE, PolicyName="one", HonorCooldown=True)
    assert fleet.desired == 12
    listed = client.describe_policies(**LIVE)["ScalingPolicies"]
    assert sorted(policy["PolicyName"] for policy in listed) == ["one", "steps", "utilisation"]


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        ({"PolicyType": "TargetTrackingScaling"}, "ValidationError"),
        ({"PolicyType": "StepScaling", "AdjustmentType": "ChangeInCapacity"}, "ValidationError"),
        ({"PolicyType": "SimpleScaling", "ScalingAdjustment": 1}, "ValidationError"),
        (
            {
                "PolicyType": "StepScaling",
                "AdjustmentType": "ChangeInCapacity",
                "StepAdjustments": [
                    {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1},
                    {"MetricIntervalLowerBound": 5, "ScalingAdjustment": 2},
                ],
            },
            "ValidationError",
        ),
    ],
    ids=["no target", "no steps", "no adjustment type", "steps that overlap"],
)
def test_a_policy_that_makes_no_sense_is_refused(rehearsal, policy, code):
    refused(code, rehearsal.client("autoscaling").put_scaling_policy, **LIVE, PolicyName="x", **policy)


@pytest.mark.parametrize("kind", ["network", "customized", "predictive"])
def test_a_policy_that_fleets_cannot_follow_fails_loudly(rehearsal, kind):
    with pytest.raises(NotModelled):
        match kind:
            case "network":
                metric = {"PredefinedMetricType": "ASGAverageNetworkIn"}
                track(rehearsal, configuration={"PredefinedMetricSpecification": metric, "TargetValue": 1.0})
            case "customized":
                metric = {"MetricName": "Queue", "Namespace": "Shop", "Statistic": "Average"}
                track(rehearsal, configuration={"CustomizedMetricSpecification": metric, "TargetValue": 1.0})
            case "predictive":
                client = rehearsal.client("autoscaling")
                client.put_scaling_policy(**LIVE, PolicyName="x", PolicyType="PredictiveScaling")


def test_what_the_scenarios_live_group_does_is_told_by_the_api():
    spec = {
        "policies": {"more": {"kind": "simple", "change": 2, "cooldown": "90s"}},
        "hooks": [{"name": "ready", "heartbeat": "5m"}],
        "scheduled": [{"name": "night", "at": "3h", "desired": 3}],
        "warm_pool": {"prepared": 12},
    }
    with opened(world=WorldSpec.model_validate({"live": spec})) as it:
        client = it.client("autoscaling")
        policies = client.describe_policies(**LIVE)["ScalingPolicies"]
        (hook,) = client.describe_lifecycle_hooks(**LIVE)["LifecycleHooks"]
        (action,) = client.describe_scheduled_actions(**LIVE)["ScheduledUpdateGroupActions"]
        pool = client.describe_warm_pool(**LIVE)
    assert sorted(policy["PolicyName"] for policy in policies) == ["more", "utilisation"]
    assert (hook["LifecycleHookName"], hook["HeartbeatTimeout"]) == ("ready", 300)
    assert (action["ScheduledActionName"], action["DesiredCapacity"]) == ("night", 3)
    assert pool["WarmPoolConfiguration"]["MaxGroupPreparedCapacity"] == 12
    assert len(pool["Instances"]) == 2


# -- scheduled actions, hooks, warm pools


def test_a_scheduled_action_happens_unless_its_process_is_suspended(rehearsal):
    client, fleet = rehearsal.client("autoscaling"), rehearsal.world.places[Slot.BLUE].fleet
    now = rehearsal.world.clock.now()
    for name, minutes, wanted in (("first", 10, 11), ("second", 20, 12)):
        client.put_scheduled_update_group_action(
            **LIVE, ScheduledActionName=name, StartTime=now + timedelta(minutes=minutes), DesiredCapacity=wanted
        )
    rehearsal.wait(minutes=11)
    assert fleet.desired == 11
    (left,) = client.describe_scheduled_actions(**LIVE)["ScheduledUpdateGroupActions"]
    assert left["ScheduledActionName"] == "second"
    client.suspend_processes(**LIVE, ScalingProcesses=["ScheduledActions"])
    rehearsal.wait(minutes=11)
    assert fleet.desired == 11


def test_scheduled_actions_in_the_past_or_again_and_again_are_not_taken(rehearsal):
    put = rehearsal.client("autoscaling").put_scheduled_update_group_action
    now = rehearsal.world.clock.now()
    refused("ValidationError", put, **LIVE, ScheduledActionName="x", StartTime=now, DesiredCapacity=3)
    refused("ValidationError", put, **LIVE, ScheduledActionName="x", StartTime=now + timedelta(hours=1))
    with pytest.raises(NotModelled, match="Recurrence"):
        put(**LIVE, ScheduledActionName="x", Recurrence="0 1 * * *", DesiredCapacity=3)


def test_a_hook_makes_machines_wait_until_somebody_completes_it(rehearsal):
    rehearsal.world.places[Slot.GREEN].fleet.boot_failure = 1.0
    hook = {"LifecycleHookName": "ready", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
    create(rehearsal, LifecycleHookSpecificationList=[hook])
    client = rehearsal.client("autoscaling")
    rehearsal.wait(minutes=3)
    (group,) = groups(rehearsal, "shop-green")
    assert states(group) == ["Pending:Wait"] * 3
    one, other = (instance["InstanceId"] for instance in group["Instances"][:2])
    done = {**GREEN, "LifecycleHookName": "ready"}
    client.record_lifecycle_action_heartbeat(**done, InstanceId=one)
    client.complete_lifecycle_action(**done, InstanceId=one, LifecycleActionResult="CONTINUE")
    client.complete_lifecycle_action(**done, InstanceId=other, LifecycleActionResult="ABANDON")
    (group,) = groups(rehearsal, "shop-green")
    assert states(group) == ["InService", "Terminating", "Pending:Wait", "Pending"]
    again = {**done, "InstanceId": one, "LifecycleActionResult": "CONTINUE"}
    refused("ValidationError", client.complete_lifecycle_action, **again)


def test_a_hook_is_described_as_it_was_put_with_its_overall_limit(rehearsal):
    client = rehearsal.client("autoscaling")
    launching = {"LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
    notice = {"NotificationTargetARN": "arn:aws:sqs:us-east-1:123456789012:q", "RoleARN": "arn:aws:iam::1:role/r"}
    create(rehearsal, LifecycleHookSpecificationList=[{"LifecycleHookName": "first", **launching, **notice}])
    client.put_lifecycle_hook(**GREEN, LifecycleHookName="second", HeartbeatTimeout=30, **launching)
    first, second = client.describe_lifecycle_hooks(**GREEN)["LifecycleHooks"]
    assert (first["HeartbeatTimeout"], first["GlobalTimeout"]) == (3600, 172_800)
    assert notice.items() <= first.items()
    assert second == {
        **GREEN,
        **launching,
        "LifecycleHookName": "second",
        "HeartbeatTimeout": 30,
        "GlobalTimeout": 3000,
        "DefaultResult": "ABANDON",
    }
    client.delete_lifecycle_hook(**GREEN, LifecycleHookName="second")
    assert client.describe_lifecycle_hooks(**GREEN)["LifecycleHooks"] == [first]
    assert client.describe_lifecycle_hooks(**GREEN, LifecycleHookNames=["none"])["LifecycleHooks"] == []
    refused("ValidationError", client.describe_lifecycle_hooks, AutoScalingGroupName="none")


def test_a_warm_pool_is_put_described_drawn_on_and_deleted(rehearsal):
    client, fleet = rehearsal.client("autoscaling"), rehearsal.world.places[Slot.BLUE].fleet
    client.put_warm_pool(**LIVE, MaxGroupPreparedCapacity=13, PoolState="Running")
    pool = client.describe_warm_pool(**LIVE)
    assert pool["WarmPoolConfiguration"] == {"MinSize": 0, "PoolState": "Running", "MaxGroupPreparedCapacity": 13}
    assert [machine["LifecycleState"] for machine in pool["Instances"]] == ["Warmed:Pending"] * 3
    rehearsal.wait(minutes=6)
    pool = client.describe_warm_pool(**LIVE)
    assert [machine["LifecycleState"] for machine in pool["Instances"]] == ["Warmed:Running"] * 3
    client.set_desired_capacity(**LIVE, DesiredCapacity=12)
    rehearsal.wait(minutes=1, seconds=30)
    assert fleet.in_service == 12
    assert len(client.describe_warm_pool(**LIVE)["Instances"]) == 1
    client.delete_warm_pool(**LIVE, ForceDelete=True)
    assert client.describe_warm_pool(**LIVE)["Instances"] == []


def test_a_warm_pool_that_takes_machines_back_is_not_modelled_and_says_so(rehearsal):
    with pytest.raises(NotModelled, match="return machines"):
        rehearsal.client("autoscaling").put_warm_pool(**LIVE, InstanceReusePolicy={"ReuseOnScaleIn": True})


# -- history


def test_activities_tell_what_succeeded_what_failed_and_why(rehearsal):
    client, fleet = rehearsal.client("autoscaling"), rehearsal.world.places[Slot.BLUE].fleet
    fleet.capacity_short |= {"a", "b", "c"}
    client.set_desired_capacity(**LIVE, DesiredCapacity=11)
    fleet.capacity_short.clear()
    rehearsal.wait(minutes=5)
    activities = client.describe_scaling_activities(**LIVE)["Activities"]
    assert [activity["StatusCode"] for activity in activities] == ["Successful", "Failed", "Failed", "Failed"]
    newest, oldest = activities[0], activities[-1]
    assert "increasing the capacity from 10 to 11" in newest["Cause"]
    assert newest["Description"].startswith("Launching a new EC2 instance: i-")
    assert newest["StartTime"] < newest["EndTime"]
    assert "sufficient capacity" in oldest["StatusMessage"]


def test_activities_come_in_pages(rehearsal):
    client = rehearsal.client("autoscaling")
    client.set_desired_capacity(**LIVE, DesiredCapacity=15)
    pages = client.get_paginator("describe_scaling_activities").paginate(**LIVE, PaginationConfig={"PageSize": 2})
    assert [len(page["Activities"]) for page in pages] == [2, 2, 1]


def test_activities_of_a_group_that_is_not_there_are_refused(rehearsal):
    describe = rehearsal.client("autoscaling").describe_scaling_activities
    refused("ValidationError", describe, AutoScalingGroupName="none")


def test_an_instance_refresh_is_not_modelled_and_says_so(rehearsal):
    with pytest.raises(NotModelled):
        rehearsal.client("autoscaling").start_instance_refresh(**LIVE)
