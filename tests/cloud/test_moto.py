"""Why the layer of truth exists: where moto, asked directly, still differs from AWS. A test that fails here says that a
new moto has learnt something, and that a correction of ours may be dropped."""

import pytest

from tests.cloud.conftest import opened

NAME = "www.example.com"
ALIAS = {"HostedZoneId": "Z1", "DNSName": "x.elb.amazonaws.com", "EvaluateTargetHealth": True}
RECORD = {"Name": NAME, "Type": "A", "SetIdentifier": "blue", "Weight": 1, "AliasTarget": ALIAS}


@pytest.fixture
def moto():
    """Clients without our hooks, by service name."""
    with opened() as it:
        yield it.cloud.moto


def change(moto, *changes):
    zone = moto("route53").list_hosted_zones()["HostedZones"][0]["Id"]
    batch = {"Changes": [{"Action": action, "ResourceRecordSet": record} for action, record in changes]}
    return moto("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)["ChangeInfo"]


def records(moto):
    zone = moto("route53").list_hosted_zones()["HostedZones"][0]["Id"]
    listed = moto("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return [record for record in listed if record["Type"] == "A"]


def test_every_change_is_in_sync_at_once_and_has_the_same_id(moto):
    first, second = change(moto, ("UPSERT", RECORD)), change(moto, ("UPSERT", {**RECORD, "Weight": 2}))
    assert (first["Id"], first["Status"]) == (second["Id"], "INSYNC")


def test_a_weight_out_of_range_an_alias_with_ttl_and_a_duplicate_are_accepted(moto):
    change(moto, ("CREATE", {**RECORD, "Weight": 256, "TTL": 60}))
    change(moto, ("CREATE", {**RECORD, "Weight": 7}))
    assert [record["Weight"] for record in records(moto)] == [256, 7]


def test_the_good_half_of_a_bad_batch_stays(moto):
    with pytest.raises(moto("route53").exceptions.InvalidChangeBatch):
        change(moto, ("UPSERT", RECORD), ("UPSERT", {**RECORD, "Name": "www.example.org"}))
    assert len(records(moto)) == 1


def test_deleting_one_record_deletes_its_set_identifier_under_other_names(moto):
    other = {**RECORD, "Name": "api.example.com"}
    change(moto, ("UPSERT", RECORD), ("UPSERT", other))
    change(moto, ("DELETE", RECORD))
    assert records(moto) == []


def test_a_group_of_the_same_name_replaces_the_old_one_and_any_size_will_do(moto):
    live = moto("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"][0]
    sizes = {"MinSize": 3, "MaxSize": 1, "DesiredCapacity": 0}
    place = {"VPCZoneIdentifier": live["VPCZoneIdentifier"], "LaunchTemplate": {"LaunchTemplateName": "shop-live"}}
    moto("autoscaling").create_auto_scaling_group(AutoScalingGroupName="shop-live", **sizes, **place)
    (group,) = moto("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert (group["MinSize"], group["MaxSize"]) == (3, 1)


def test_an_unknown_group_breaks_moto(moto):
    with pytest.raises(KeyError):
        moto("autoscaling").set_desired_capacity(AutoScalingGroupName="none", DesiredCapacity=1)


def test_a_balancer_is_made_twice_and_is_active_at_the_first_look(moto):
    subnets = [subnet["SubnetId"] for subnet in moto("ec2").describe_subnets()["Subnets"]][:2]
    for _ in range(2):
        moto("elbv2").create_load_balancer(Name="twice", Subnets=subnets)
    moto("elbv2").describe_load_balancers()
    found = moto("elbv2").describe_load_balancers()["LoadBalancers"]
    states = [balancer["State"]["Code"] for balancer in found if balancer["LoadBalancerName"] == "twice"]
    assert states == ["active", "active"]


def test_a_target_group_remembers_a_balancer_that_is_gone(moto):
    (balancer,) = moto("elbv2").describe_load_balancers()["LoadBalancers"]
    moto("elbv2").delete_load_balancer(LoadBalancerArn=balancer["LoadBalancerArn"])
    (group,) = moto("elbv2").describe_target_groups()["TargetGroups"]
    assert group["LoadBalancerArns"] == [balancer["LoadBalancerArn"]]


def test_a_classic_balancer_lacks_its_hosted_zone():
    with opened(balancer="classic") as it:
        (balancer,) = it.cloud.moto("elb").describe_load_balancers()["LoadBalancerDescriptions"]
        assert "CanonicalHostedZoneNameID" not in balancer


def test_an_alarm_starts_as_ok(moto):
    moto("cloudwatch").put_metric_alarm(
        AlarmName="a", Namespace="N", MetricName="m", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    assert moto("cloudwatch").describe_alarms()["MetricAlarms"][0]["StateValue"] == "OK"
