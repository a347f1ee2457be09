"""Where moto, asked directly, still differs from AWS: each row of `docs/moto.md` is measured in this folder, one file a
service. A test that fails says that a new moto has learnt something, and that a correction of ours may go.
"""

import boto3
import pytest

from sim.cloud.moto import switched_on

SESSION = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y", region_name="us-east-1")


@pytest.fixture
def moto():
    """Clients without our hooks, by service name, on an empty moto."""
    with switched_on(1):
        yield SESSION.client


class Groups:
    """Groups in moto."""

    def __init__(self, moto):
        self.client, ec2 = moto("autoscaling"), moto("ec2")
        data = {"ImageId": "ami-1", "InstanceType": "m6i.large"}
        ec2.create_launch_template(LaunchTemplateName="template", LaunchTemplateData=data)
        self.subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
        self.vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]

    def create(self, **changed):
        params = {"AutoScalingGroupName": "g", "MinSize": 0, "MaxSize": 4, "VPCZoneIdentifier": ",".join(self.subnets)}
        template = {"LaunchTemplateName": "template"}
        self.client.create_auto_scaling_group(**{**params, "LaunchTemplate": template, **changed})

    def the(self, name="g"):
        found = self.client.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return found[0] if found else None


@pytest.fixture
def groups(moto):
    return Groups(moto)


def alarms(moto, **asked):
    found = moto("cloudwatch").describe_alarms(**asked)["MetricAlarms"]
    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in found}
