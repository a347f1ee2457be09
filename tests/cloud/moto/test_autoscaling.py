"""Auto Scaling: groups, policies, hooks and warm pools."""

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

THEN = datetime(2026, 1, 1, tzinfo=UTC)


def test_machines_are_in_service_at_once_and_all_in_one_zone(groups):
    groups.create(DesiredCapacity=3)
    found = [(i["LifecycleState"], i["AvailabilityZone"]) for i in groups.the()["Instances"]]
    assert found == [("InService", found[0][1])] * 3


def test_a_group_of_the_same_name_replaces_the_old_one(groups):
    groups.create(DesiredCapacity=3)
    groups.create(MaxSize=2)
    assert (groups.the()["MaxSize"], groups.the()["Instances"]) == (2, [])


def test_any_sizes_will_do(groups):
    groups.create(MinSize=3, MaxSize=1, DesiredCapacity=9)
    groups.client.set_desired_capacity(AutoScalingGroupName="g", DesiredCapacity=12)
    groups.client.update_auto_scaling_group(AutoScalingGroupName="g", MinSize=20, MaxSize=2)
    assert [groups.the()[key] for key in ("MinSize", "DesiredCapacity", "MaxSize")] == [20, 2, 2]


@pytest.mark.parametrize(
    ("call", "params"),
    [
        ("set_desired_capacity", {"DesiredCapacity": 1}),
        ("suspend_processes", {}),
        ("resume_processes", {}),
        ("attach_load_balancer_target_groups", {"TargetGroupARNs": ["arn:none"]}),
    ],
)
def test_an_unknown_group_breaks_moto(call, params, moto):
    with pytest.raises(KeyError):
        getattr(moto("autoscaling"), call)(AutoScalingGroupName="none", **params)


def test_tagging_an_unknown_group_breaks_moto(moto):
    tag = {"ResourceId": "none", "ResourceType": "auto-scaling-group", "Key": "k", "Value": "v"}
    with pytest.raises(KeyError):
        moto("autoscaling").create_or_update_tags(Tags=[{**tag, "PropagateAtLaunch": False}])


def test_a_group_that_cannot_be_made_is_there_all_the_same(groups):
    with pytest.raises(ClientError):
        groups.create(TargetGroupARNs=["arn:none"], DesiredCapacity=2)
    assert len(groups.the()["Instances"]) == 2


def test_a_group_at_a_classic_balancer_that_is_not_there_is_made(groups):
    groups.create(LoadBalancerNames=["none"])
    assert groups.the()


def test_any_process_may_be_suspended_and_goes_on(groups):
    groups.create()
    groups.client.suspend_processes(AutoScalingGroupName="g", ScalingProcesses=["Launch", "Nonsense"])
    groups.client.set_desired_capacity(AutoScalingGroupName="g", DesiredCapacity=2)
    assert len(groups.the()["Instances"]) == 2


def test_a_group_with_machines_is_deleted_without_force_and_at_once(groups):
    groups.create(DesiredCapacity=2)
    groups.client.delete_auto_scaling_group(AutoScalingGroupName="g")
    assert groups.the() is None


def test_a_target_tracking_policy_has_no_alarms(groups, moto):
    groups.create()
    metric = {"PredefinedMetricType": "ASGAverageCPUUtilization"}
    made = groups.client.put_scaling_policy(
        AutoScalingGroupName="g",
        PolicyName="p",
        PolicyType="TargetTrackingScaling",
        TargetTrackingConfiguration={"PredefinedMetricSpecification": metric, "TargetValue": 50},
    )
    assert not made.get("Alarms") and moto("cloudwatch").describe_alarms()["MetricAlarms"] == []


def test_a_filter_that_does_not_exist_finds_everything(groups):
    groups.create()
    found = groups.client.describe_auto_scaling_groups(Filters=[{"Name": "nonsense", "Values": ["x"]}])
    assert len(found["AutoScalingGroups"]) == 1


def test_a_group_has_no_activities(groups):
    groups.create(DesiredCapacity=2)
    assert groups.client.describe_scaling_activities(AutoScalingGroupName="g")["Activities"] == []


def test_what_a_group_does_not_say_is_as_in_the_console_not_as_in_the_api(groups):
    groups.create()
    assert groups.the()["HealthCheckGracePeriod"] == 300


def test_lifecycle_hooks_hold_nobody_and_cannot_be_completed(groups):
    groups.create()
    hook = {"AutoScalingGroupName": "g", "LifecycleHookName": "h"}
    launching = "autoscaling:EC2_INSTANCE_LAUNCHING"
    groups.client.put_lifecycle_hook(**hook, LifecycleTransition=launching, HeartbeatTimeout=5)
    groups.client.set_desired_capacity(AutoScalingGroupName="g", DesiredCapacity=1)
    (machine,) = groups.the()["Instances"]
    assert machine["LifecycleState"] == "InService"
    with pytest.raises(NotImplementedError):
        groups.client.complete_lifecycle_action(
            **hook, LifecycleActionResult="CONTINUE", InstanceId=machine["InstanceId"]
        )


def test_a_lifecycle_hook_is_described_with_a_queue_a_role_and_a_limit_that_nobody_gave(groups):
    groups.create()
    hook = {"AutoScalingGroupName": "g", "LifecycleHookName": "h", "HeartbeatTimeout": 30}
    groups.client.put_lifecycle_hook(**hook, LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING")
    (found,) = groups.client.describe_lifecycle_hooks(AutoScalingGroupName="g")["LifecycleHooks"]
    assert found["NotificationTargetARN"] and found["RoleARN"] and found["GlobalTimeout"] == 172_800


def test_a_warm_pool_holds_nothing(groups):
    groups.create()
    groups.client.put_warm_pool(AutoScalingGroupName="g", MinSize=2)
    assert groups.client.describe_warm_pool(AutoScalingGroupName="g")["Instances"] == []


def test_a_machine_that_is_called_unhealthy_stays(groups):
    groups.create(DesiredCapacity=1)
    (machine,) = groups.the()["Instances"]
    groups.client.set_instance_health(InstanceId=machine["InstanceId"], HealthStatus="Unhealthy")
    found = [(i["InstanceId"], i["LifecycleState"]) for i in groups.the()["Instances"]]
    assert found == [(machine["InstanceId"], "InService")]


def test_any_policy_of_any_group_and_any_scheduled_action_is_taken(groups):
    groups.create(DesiredCapacity=2)
    groups.client.put_scaling_policy(AutoScalingGroupName="none", PolicyName="p", PolicyType="StepScaling")
    groups.client.put_scheduled_update_group_action(
        AutoScalingGroupName="g", ScheduledActionName="s", StartTime=THEN, DesiredCapacity=1
    )
    assert len(groups.the()["Instances"]) == 2
    assert len(groups.client.describe_scheduled_actions()["ScheduledUpdateGroupActions"]) == 1
