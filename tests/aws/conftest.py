"""A live shop in moto, and calls that fail on demand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"

import boto3
import pytest
from moto import mock_aws

from bluegreen.aws.session import Api
from bluegreen.plan import Plan

IMAGE = "ami-0abcdef0123456789"
SESSION = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y", region_name="us-east-1")


class Dropped(Exception):
    """The engine's process died at this call."""


class CountedApi(Api):
    """Counts calls. After the n-th one (from 1) it raises `fate`, whether AWS said yes or no: the process dies there
    (`Dropped`), or the reply is lost (`Unreachable`). Dying before a call is dying after the one before it."""

    def __init__(self, session: boto3.Session = SESSION, fatal: int = 0, fate: type[Exception] = Dropped) -> None:
        super().__init__(session)
        self.calls: list[str] = []
        self.fatal = fatal
        self.fate = fate

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        with self._counted(f"{service}:{operation}"):
            return super().call(service, operation, **params)

    def collect(self, service: str, operation: str, key: str, **params: Any) -> list[dict[str, Any]]:
        with self._counted(f"{service}:{operation}"):
            return super().collect(service, operation, key, **params)

    @contextmanager
    def _counted(self, name: str) -> Iterator[None]:
        self.calls.append(name)
        try:
            yield
        finally:
            if len(self.calls) == self.fatal:
                raise self.fate(f"call {self.fatal}, {name}")


class Shop:
    """What is in the account before a rollout: VPC, zone, a live balancer and group."""

    def __init__(self) -> None:
        self.ec2, self.elbv2, self.elb, self.asg, self.route53, self.cloudwatch = (
            SESSION.client(name) for name in ("ec2", "elbv2", "elb", "autoscaling", "route53", "cloudwatch")
        )
        self.zone = self.route53.create_hosted_zone(Name="example.com", CallerReference="x")["HostedZone"]["Id"][12:]

    def furnish(self, kind: str = "application") -> Shop:
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        zones = ("us-east-1a", "us-east-1b")
        self.subnets = [
            self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"][
                "SubnetId"
            ]
            for n, zone in enumerate(zones)
        ]
        self.ec2.create_launch_template(
            LaunchTemplateName="shop", LaunchTemplateData={"ImageId": "ami-11111111", "InstanceType": "t4g.micro"}
        )
        return self.refurnish(kind)

    def refurnish(self, kind: str) -> Shop:
        """The live balancer and group alone."""
        behind = self._application(self.vpc) if kind == "application" else self._classic()
        self.asg.create_auto_scaling_group(
            AutoScalingGroupName="shop-blue",
            LaunchTemplate={"LaunchTemplateName": "shop", "Version": "$Latest"},
            MinSize=2,
            MaxSize=6,
            DesiredCapacity=3,
            HealthCheckType="ELB",
            HealthCheckGracePeriod=90,
            VPCZoneIdentifier=",".join(self.subnets),
            Tags=[{"Key": "team", "Value": "shop", "PropagateAtLaunch": True}],
            **behind,
        )
        self.track_cpu()
        return self

    def track_cpu(self) -> None:
        """The live group follows its CPU."""
        self.asg.put_scaling_policy(
            AutoScalingGroupName="shop-blue",
            PolicyName="cpu",
            PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration={
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
                "TargetValue": 50.0,
            },
        )

    def _application(self, vpc: str) -> dict[str, Any]:
        balancer = self.elbv2.create_load_balancer(Name="shop-blue", Subnets=self.subnets)["LoadBalancers"][0]
        self.balancer = balancer["LoadBalancerArn"]
        self.dns_name = balancer["DNSName"]
        self.targets = self.elbv2.create_target_group(
            Name="shop-blue",
            Protocol="HTTP",
            Port=8080,
            VpcId=vpc,
            HealthCheckPath="/health",
            UnhealthyThresholdCount=3,
        )["TargetGroups"][0]["TargetGroupArn"]
        listener = self.elbv2.create_listener(
            LoadBalancerArn=self.balancer,
            Protocol="HTTP",
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.targets}],
        )["Listeners"][0]["ListenerArn"]
        self.elbv2.create_rule(
            ListenerArn=listener,
            Priority=10,
            Conditions=[{"Field": "path-pattern", "Values": ["/old/*"]}],
            Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "410"}}],
        )
        return {"TargetGroupARNs": [self.targets]}

    def _classic(self) -> dict[str, Any]:
        self.elb.create_load_balancer(
            LoadBalancerName="shop-blue",
            Listeners=[{"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 8080}],
            Subnets=self.subnets,
        )
        self.elb.configure_health_check(
            LoadBalancerName="shop-blue",
            HealthCheck={
                "Target": "HTTP:8080/health",
                "Interval": 20,
                "Timeout": 4,
                "UnhealthyThreshold": 3,
                "HealthyThreshold": 2,
            },
        )
        found = self.elb.describe_load_balancers(LoadBalancerNames=["shop-blue"])["LoadBalancerDescriptions"][0]
        self.dns_name = found["DNSName"]
        return {"LoadBalancerNames": ["shop-blue"]}

    def second_target_group(self, name: str, *, of_live: bool) -> str:
        """Another target group of the live group: behind the live balancer by a rule, or behind one of its own."""
        made = self.elbv2.create_target_group(Name=name, Protocol="HTTP", Port=9090, VpcId=self.vpc)
        arn: str = made["TargetGroups"][0]["TargetGroupArn"]
        if of_live:
            self.rule("/api/*", arn)
        else:
            made = self.elbv2.create_load_balancer(Name=name, Subnets=self.subnets, Scheme="internal")
            self.elbv2.create_listener(
                LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"],
                Protocol="HTTP",
                Port=80,
                DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
            )
        self.asg.attach_load_balancer_target_groups(AutoScalingGroupName="shop-blue", TargetGroupARNs=[arn])
        return arn

    def rule(self, path: str, target_group: str) -> None:
        """The live balancer sends this path there."""
        [listener] = self.elbv2.describe_listeners(LoadBalancerArn=self.balancer)["Listeners"]
        self.elbv2.create_rule(
            ListenerArn=listener["ListenerArn"],
            Priority=20,
            Conditions=[{"Field": "path-pattern", "Values": [path]}],
            Actions=[{"Type": "forward", "TargetGroupArn": target_group}],
        )

    def names(self) -> dict[str, list[str]]:
        """All that could be left over or doubled, by kind."""
        return {
            "groups": [g["AutoScalingGroupName"] for g in self.asg.describe_auto_scaling_groups()["AutoScalingGroups"]],
            "balancers": [b["LoadBalancerName"] for b in self.elbv2.describe_load_balancers()["LoadBalancers"]],
            "target groups": [t["TargetGroupName"] for t in self.elbv2.describe_target_groups()["TargetGroups"]],
            "classic": [b["LoadBalancerName"] for b in self.elb.describe_load_balancers()["LoadBalancerDescriptions"]],
            "templates": [t["LaunchTemplateName"] for t in self.ec2.describe_launch_templates()["LaunchTemplates"]],
        }

    def records(self) -> list[dict[str, Any]]:
        listed = self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        return [record for record in listed if record["Type"] not in {"NS", "SOA"}]

    def put(self, **record: Any) -> None:
        self.route53.change_resource_record_sets(
            HostedZoneId=self.zone,
            ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]},
        )

    def alias(self, dns_name: str) -> dict[str, Any]:
        return {"HostedZoneId": "Z2P70J7EXAMPLE", "DNSName": dns_name, "EvaluateTargetHealth": True}


@pytest.fixture
def shop() -> Iterator[Shop]:
    with mock_aws():
        yield Shop()


@pytest.fixture
def api() -> CountedApi:
    return CountedApi()


def a_plan(**changes: Any) -> Plan:
    """A rollout file of the shop, as parsed."""
    content: dict[str, Any] = {
        "service": {"name": "shop", "zone": "example.com", "record": "www.example.com"},
        "live": {"slot": "blue", "balancer": "shop-blue", "group": "shop-blue"},
        "candidate": {"clone": {"image": IMAGE}},
        "strategy": {"kind": "linear", "step": "10%", "hold": "5m"},
        "gates": [{"kind": "threshold", "measure": "error_rate", "below": "1%"}],
        "retire": "remove",
        "guard": {"accounts": ["123456789012"], "regions": ["us-east-1"]},
    }
    return Plan.model_validate({**content, **changes})
