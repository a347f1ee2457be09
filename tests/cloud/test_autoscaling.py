"""Auto Scaling as the engine meets it: the world's machines with their time, and AWS's refusals."""

import pytest
from botocore.exceptions import ClientError

from bluegreen.model import Slot
from sim.cloud import NotModelled
from sim.effects import CapacityChanged, Created, Removed

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


def test_alarm_notification_suspended_holds_the_fleet_still_and_resumed_lets_it_go(rehearsal):
    client, fleet = rehearsal.client("autoscaling"), rehearsal.world.places[Slot.BLUE].fleet
    client.suspend_processes(**LIVE, ScalingProcesses=["AlarmNotification", "ScheduledActions"])
    (group,) = groups(rehearsal, "shop-live")
    assert [process["ProcessName"] for process in group["SuspendedProcesses"]] == [
        "AlarmNotification",
        "ScheduledActions",
    ]
    assert fleet.scale_in_held and fleet.scale_out_held
    client.resume_processes(**LIVE)
    assert not fleet.scale_in_held and not fleet.scale_out_held


def test_suspending_what_the_world_cannot_suspend_fails_loudly(rehearsal):
    with pytest.raises(NotModelled, match="Launch"):
        rehearsal.client("autoscaling").suspend_processes(**LIVE, ScalingProcesses=["Launch"])


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
