"""One cloud after the other in one process: independent, and the same by the same seed."""

import os
from datetime import UTC, datetime

import pytest

from bluegreen.model import Slot
from tests.cloud.conftest import opened


def everything(it):
    """All that the engine could find, and then some that it made."""
    ec2, elbv2 = it.client("ec2"), it.client("elbv2")
    ec2.create_launch_template(LaunchTemplateName="mine", LaunchTemplateData={"ImageId": "ami-1"})
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]][:2]
    elbv2.create_load_balancer(Name="mine", Subnets=subnets)
    it.wait(minutes=10)
    answers = [
        ec2.describe_launch_templates()["LaunchTemplates"],
        elbv2.describe_load_balancers()["LoadBalancers"],
        it.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"],
        it.client("route53").list_hosted_zones()["HostedZones"],
        it.world.effects,
        it.world.samples,
    ]
    return repr(answers)


def test_the_same_seed_gives_the_same_cloud_to_the_last_id():
    found = []
    for seed in (1, 2, 1):
        with opened(seed) as it:
            found.append(everything(it))
    assert found[0] == found[2] != found[1]


def test_a_new_cloud_knows_nothing_of_the_one_before():
    with opened() as it:
        it.client("autoscaling").set_desired_capacity(AutoScalingGroupName="shop-live", DesiredCapacity=20)
    with opened() as it:
        (group,) = it.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        assert group["DesiredCapacity"] == 10


def test_after_a_cloud_the_process_is_as_it_was():
    before = dict(os.environ)
    with opened():
        assert datetime.now(UTC).year == 2030
    assert datetime.now(UTC).year != 2030 or datetime.now(UTC).month != 1
    assert dict(os.environ) == before


def test_two_clouds_at_once_are_refused():
    with opened(), pytest.raises(AssertionError, match="still open"), opened():
        pass


def test_a_failing_furnisher_leaves_nothing_behind(monkeypatch):
    def fail(self):
        raise RuntimeError("no")

    monkeypatch.setattr("sim.cloud.furnish.Furnisher.furnish", fail)
    with pytest.raises(RuntimeError), opened():
        raise AssertionError("never reached")
    assert datetime.now(UTC).year != 2030 or datetime.now(UTC).month != 1


def test_furnishing_takes_no_time_makes_no_call_and_is_nobodys_work():
    with opened() as it:
        assert (it.world.env.now, it.world.api.calls, it.world.effects) == (0, 0, [])


def test_the_live_slot_is_there_under_the_plans_names_and_serves():
    with opened() as it:
        (balancer,) = it.client("elbv2").describe_load_balancers(Names=["shop-live"])["LoadBalancers"]
        assert balancer["State"]["Code"] == "active"
        groups = it.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["shop-live"])
        (group,) = groups["AutoScalingGroups"]
        health = it.client("elbv2").describe_target_health(TargetGroupArn=group["TargetGroupARNs"][0])
        states = [target["TargetHealth"]["State"] for target in health["TargetHealthDescriptions"]]
        assert states == ["healthy"] * it.world.places[Slot.BLUE].fleet.desired


def test_a_launch_template_that_the_plan_names_exists():
    with opened(plan={"candidate": {"clone": {"launch_template": "shop-next"}}}) as it:
        assert it.client("ec2").describe_launch_templates(LaunchTemplateNames=["shop-next"])["LaunchTemplates"]


def test_a_cloud_may_lack_the_zone_or_the_record():
    with opened(zone_exists=False) as it:
        assert it.client("route53").list_hosted_zones()["HostedZones"] == []
    with opened(record="none") as it:
        zone = it.client("route53").list_hosted_zones()["HostedZones"][0]["Id"]
        listed = it.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        assert [record["Type"] for record in listed] == ["NS", "SOA"]


def test_no_call_leaves_for_an_endpoint_that_this_machine_is_set_to(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_PROFILE", "of-somebody")
    with opened() as it:
        client = it.client("sts")
        assert client.meta.endpoint_url.endswith(".amazonaws.com")
        assert client.get_caller_identity()["Account"] == "123456789012"
