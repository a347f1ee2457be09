"""CloudFormation: stacks."""

import json

import pytest
from botocore.exceptions import ClientError

from .conftest import alarms


def stack(moto, name="s", **resources):
    moto("cloudformation").create_stack(StackName=name, TemplateBody=json.dumps({"Resources": resources}))


def status(moto, name="s"):
    return moto("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]


SECURITY_GROUP = {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "x"}}
ORPHAN = {
    "Type": "AWS::ElasticLoadBalancingV2::Listener",
    "Properties": {
        "LoadBalancerArn": "arn:none",
        "Port": 80,
        "Protocol": "HTTP",
        "DefaultActions": [{"Type": "forward", "TargetGroupArn": "arn:none"}],
    },
}


def test_a_stack_is_complete_at_once_and_tells_no_events_of_its_resources(moto):
    stack(moto, A=SECURITY_GROUP)
    assert status(moto) == "CREATE_COMPLETE"
    events = moto("cloudformation").describe_stack_events(StackName="s")["StackEvents"]
    assert {event["LogicalResourceId"] for event in events} == {"s"}


def test_a_stack_that_fails_stays_halfway(moto):
    with pytest.raises(ClientError, match="LoadBalancerNotFound"):
        stack(moto, A=SECURITY_GROUP, B=ORPHAN)
    assert status(moto) == "CREATE_IN_PROGRESS"


@pytest.mark.parametrize("kind", ["AWS::CloudWatch::Alarm", "AWS::AutoScaling::ScalingPolicy", "AWS::Nonsense::Thing"])
def test_resources_that_moto_does_not_know_are_complete_and_nothing_is_made(kind, moto):
    with pytest.warns(UserWarning, match="not supported by moto"):
        stack(moto, A={"Type": kind})
    assert status(moto) == "CREATE_COMPLETE"
    assert alarms(moto) == {}


def test_an_attribute_that_moto_does_not_know_is_left_as_text(groups, moto):
    moto("route53").create_hosted_zone(Name="example.com", CallerReference="x")
    balancer = {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Subnets": groups.subnets[:2]}}
    zone, name = ({"Fn::GetAtt": ["B", attribute]} for attribute in ("CanonicalHostedZoneID", "DNSName"))
    record = {"HostedZoneName": "example.com.", "Name": "www.example.com.", "Type": "A"}
    alias = {"AliasTarget": {"DNSName": name, "HostedZoneId": zone}}
    stack(moto, B=balancer, R={"Type": "AWS::Route53::RecordSet", "Properties": {**record, **alias}})
    zone_id = moto("route53").list_hosted_zones()["HostedZones"][0]["Id"]
    (made,) = moto("route53").list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"][2:]
    assert "GetAtt" in str(made["AliasTarget"]["HostedZoneId"])


def test_roles_need_nobodys_consent(moto):
    policy = {"Version": "2012-10-17", "Statement": []}
    stack(moto, A={"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": policy}})
    assert status(moto) == "CREATE_COMPLETE"


def test_a_stack_is_gone_at_once(moto):
    stack(moto, A=SECURITY_GROUP)
    moto("cloudformation").delete_stack(StackName="s")
    with pytest.raises(ClientError, match="does not exist"):
        status(moto)


def test_a_change_set_is_complete_at_once_and_may_be_made_again_under_its_name(moto):
    formation = moto("cloudformation")
    asked = {"StackName": "s", "ChangeSetName": "c", "ChangeSetType": "CREATE"}
    body = json.dumps({"Resources": {"A": SECURITY_GROUP}})
    formation.create_change_set(**asked, TemplateBody=body)
    assert formation.describe_change_set(StackName="s", ChangeSetName="c")["Status"] == "CREATE_COMPLETE"
    formation.create_change_set(**asked, TemplateBody=body)
