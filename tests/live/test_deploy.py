"""`bluegreen deploy` over HTTP against moto's server in a process of its own: real sockets, real time, real signals.

moto's server answers instantly and evaluates nothing, so a second process plays the balancers: it publishes that they
are alive. One whole minute of evidence is the least a drain can take, which is why these tests are slow.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest

from bluegreen.journal.entries import Decided, Resumed
from bluegreen.journal.fold import fold
from bluegreen.journal.local import FileJournal
from bluegreen.model import End, Phase

pytestmark = pytest.mark.slow

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
retire: remove
guard: {accounts: ["123456789012"], regions: [us-east-1]}
"""


@pytest.fixture
def aws(tmp_path):
    """moto's server with a live shop in it. Gives a maker of clients and the environment for the command."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    endpoint = f"http://127.0.0.1:{port}"
    env = os.environ | {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "AWS_DEFAULT_REGION": REGION,
        "HOME": str(tmp_path),
    }
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="y", region_name=REGION)

    def client(name):
        return session.client(name, endpoint_url=endpoint)

    try:
        _wait_for(port)
        _furnish(client)
        yield client, env
    finally:
        server.kill()
        server.wait()


def _wait_for(port):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("moto's server did not start")


def _furnish(client):
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


def command(env, room, *arguments):
    return subprocess.Popen(
        [COMMAND, *map(str, arguments)], env=env, cwd=room, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def entries(path):
    with FileJournal(path) as journal:
        return journal.entries()


@pytest.fixture
def room(tmp_path):
    (tmp_path / "shop.rollout.yaml").write_text(ROLLOUT)
    return tmp_path


def test_without_yes_nothing_is_changed(aws, room):
    client, env = aws
    dry = command(env, room, "deploy", "shop.rollout.yaml")
    said, _ = dry.communicate(timeout=60)
    assert dry.returncode == 0, said
    assert "nothing was changed" in said and "green as a clone of shop-blue" in said
    assert groups(client) == ["shop-blue"] and not weights(client)
    assert not (room / ".bluegreen").exists()


def test_an_account_or_region_that_the_file_does_not_list_is_refused(aws, room):
    _, env = aws
    text = ROLLOUT.replace("123456789012", "210987654321").replace("[us-east-1]", "[eu-west-1]")
    (room / "shop.rollout.yaml").write_text(text)
    refused = command(env, room, "deploy", "shop.rollout.yaml", "--yes")
    said, _ = refused.communicate(timeout=60)
    assert refused.returncode == 4
    assert "this is account 123456789012; the file lists 210987654321" in said
    assert "this is region us-east-1; the file lists eu-west-1" in said


def test_what_is_wrong_in_the_account_is_told_at_once_and_nothing_is_done(aws, room):
    client, env = aws
    text = ROLLOUT.replace("zone: example.com", "zone: example.org").replace("group: shop-blue", "group: shop-bleu")
    (room / "shop.rollout.yaml").write_text(text.replace("shop-errors", "shop-erros"))
    refused = command(env, room, "deploy", "shop.rollout.yaml", "--yes")
    said, _ = refused.communicate(timeout=60)
    assert refused.returncode == 4
    assert "example.org" in said and "shop-bleu" in said and "shop-erros" in said
    assert "Traceback" not in said
    assert groups(client) == ["shop-blue"]


def test_no_credentials_is_one_clear_line(aws, room):
    _, env = aws
    bare = {name: value for name, value in env.items() if not name.startswith("AWS_")}
    bare |= {"AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": REGION}
    refused = command(bare, room, "deploy", "shop.rollout.yaml")
    said, _ = refused.communicate(timeout=60)
    assert refused.returncode == 4 and "Traceback" not in said
    assert "Unable to locate credentials" in said


def test_a_rollout_succeeds_over_http(aws, room):
    client, env = aws
    with Balancers(client):
        done = command(env, room, "deploy", "shop.rollout.yaml", "--yes", "--journal", "x.journal")
        said, _ = done.communicate(timeout=300)
    assert done.returncode == 0, said
    assert weights(client) == {"green": 100}
    assert [name for name in groups(client) if name.startswith("shop-green-")] == groups(client)
    assert fold(entries(room / "x.journal")).end is End.SUCCEEDED
    assert said.count("50% of the answers to green") >= 1
    assert "Green took over in" in said
    assert "50% of the answers to green" in (room / "x.journal.html").read_text()


def test_a_rollout_killed_in_the_middle_is_resumed_to_the_same_end(aws, room):
    client, env = aws
    path = room / "x.journal"
    with Balancers(client):
        first = command(env, room, "deploy", "shop.rollout.yaml", "--yes", "--journal", path)
        until = time.monotonic() + 120
        while weights(client).get("green") != 50 and time.monotonic() < until:
            time.sleep(0.1)
        first.send_signal(signal.SIGKILL)
        first.communicate(timeout=60)
        assert weights(client) == {"blue": 50, "green": 50}
        assert fold(entries(path)).phase is not Phase.DONE
        second = command(env, room, "resume", "shop.rollout.yaml", "--journal", path)
        said, _ = second.communicate(timeout=300)
    assert second.returncode == 0, said
    assert weights(client) == {"green": 100}
    assert len(groups(client)) == 1 and groups(client)[0].startswith("shop-green-")
    kept = entries(path)
    assert [type(entry) for entry in kept].count(Resumed) == 1
    steps = [e.decision.rollout.step for e in kept if isinstance(e, Decided)]
    assert steps == sorted(steps), "no step was done twice"


def test_ctrl_c_leaves_a_journal_and_says_how_to_go_on(aws, room):
    client, env = aws
    stopped = command(env, room, "deploy", "shop.rollout.yaml", "--yes", "--journal", "x.journal")
    until = time.monotonic() + 120
    while not weights(client) and time.monotonic() < until:
        time.sleep(0.1)
    stopped.send_signal(signal.SIGINT)
    said, _ = stopped.communicate(timeout=60)
    assert stopped.returncode == 130 and "Traceback" not in said
    assert "bluegreen resume shop.rollout.yaml --journal x.journal" in said
    assert not fold(entries(room / "x.journal")).finished
