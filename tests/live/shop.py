"""A live shop on moto's server in a process of its own, and the command as a process beside it."""

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import boto3

from bluegreen.journal.local import read_entries
from bluegreen.lease.place import VARIABLE

COMMAND = str(Path(sys.executable).with_name("bluegreen"))
REGION = "us-east-1"
ROLLOUT = """
service: {name: shop, zone: example.com, record: www.example.com, records: cname, ttl: 1s}
live: {slot: blue, balancer: shop-blue, group: shop-blue}
candidate: {clone: {image: ami-0abcdef0123456789}, instances: 2}
strategy: {kind: canary, share: 50%, hold: 3s}
gates: [{kind: alarm, alarm: shop-errors}]
every: 5s
bake: 1s
verify: {healthy_for: 1s}
drain: {quiet: 1m, ceiling: 10m}
moved: {within: 1s}
retire: remove
guard: {accounts: ["123456789012"], regions: [us-east-1]}
"""


class Server:
    """moto's server. `client` makes boto3's clients, `env` says what a command needs to find it."""

    def __init__(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.endpoint = f"http://127.0.0.1:{port}"
        self.session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y", region_name=REGION)
        try:
            _wait_for(port)
        except BaseException:
            self.stop()
            raise

    def begin_anew(self):
        """An account with the shop in it, and nothing else."""
        with urllib.request.urlopen(f"{self.endpoint}/moto-api/reset", data=b"", timeout=PATIENCE) as answer:
            assert answer.status == 200
        furnish(self.client)

    def env(self, home):
        return {name: value for name, value in os.environ.items() if name != VARIABLE} | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "y",
            "AWS_DEFAULT_REGION": REGION,
            "HOME": str(home),
        }

    def client(self, name):
        return self.session.client(name, endpoint_url=self.endpoint)

    def stop(self):
        self.process.kill()
        self.process.wait()


def _wait_for(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("moto's server did not start")


def furnish(client):
    ec2, elb = client("ec2"), client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=REGION + zone)["Subnet"]["SubnetId"]
        for i, zone in enumerate("ab")
    ]
    balancer = elb.create_load_balancer(Name="shop-blue", Subnets=subnets)["LoadBalancers"][0]
    group = elb.create_target_group(Name="shop-blue", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    forward = [{"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}]
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward)
    ec2.create_launch_template(
        LaunchTemplateName="shop", LaunchTemplateData={"ImageId": "ami-12c6146b", "InstanceType": "t3.micro"}
    )
    client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="shop-blue",
        LaunchTemplate={"LaunchTemplateName": "shop", "Version": "$Latest"},
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=2,
        TargetGroupARNs=[group["TargetGroupArn"]],
        VPCZoneIdentifier=",".join(subnets),
    )
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    record = {
        "Name": "www.example.com",
        "Type": "CNAME",
        "TTL": 1,
        "ResourceRecords": [{"Value": balancer["DNSName"]}],
    }
    route53.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    )
    client("cloudwatch").put_metric_alarm(
        AlarmName="shop-errors",
        MetricName="HTTPCode_Target_5XX_Count",
        Namespace="AWS/ApplicationELB",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
        Statistic="Sum",
    )


class Balancers(threading.Thread):
    """Publishes that every balancer is alive, as CloudWatch would have it."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client = client
        self.stopped = threading.Event()

    def run(self):
        elb, cloudwatch = self.client("elbv2"), self.client("cloudwatch")
        while not self.stopped.wait(2):
            minute = datetime.now(UTC).replace(second=0, microsecond=0)
            for group in elb.describe_target_groups()["TargetGroups"]:
                for balancer in group["LoadBalancerArns"]:
                    dimensions = [
                        {"Name": "TargetGroup", "Value": group["TargetGroupArn"].rpartition(":")[2]},
                        {"Name": "LoadBalancer", "Value": balancer.partition(":loadbalancer/")[2]},
                    ]
                    cloudwatch.put_metric_data(
                        Namespace="AWS/ApplicationELB",
                        MetricData=[
                            {
                                "MetricName": "HealthyHostCount",
                                "Dimensions": dimensions,
                                "Timestamp": minute,
                                "Value": 2.0,
                            }
                        ],
                    )

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.join()


def weights(client):
    route53 = client("route53")
    zone = route53.list_hosted_zones()["HostedZones"][0]["Id"]
    sets = route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return {r["SetIdentifier"]: r["Weight"] for r in sets if r["Type"] == "CNAME" and "SetIdentifier" in r}


def groups(client):
    return [
        g["AutoScalingGroupName"] for g in client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    ]


started: list[subprocess.Popen[str]] = []
"""Every command of the test that runs."""


def command(env, room, *arguments):
    process = subprocess.Popen(
        [COMMAND, *map(str, arguments)], env=env, cwd=room, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    started.append(process)
    return process


def stop_commands():
    """None may outlive its test: its pipe would be closed within another's, and fail that one."""
    while started:
        process = started.pop()
        process.kill()
        process.wait()
        process.stdout.close()


entries = read_entries
PATIENCE = 600
"""Seconds until a test gives up. Nothing is claimed about speed: engines keep real time, and a busy machine is slow."""


def until(happened):
    """Look again and again, until it is so."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
