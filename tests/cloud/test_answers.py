"""Every answer that we give in AWS's place has the shape that botocore says AWS's has."""

from datetime import timedelta

import pytest
from botocore import xform_name
from botocore.validate import ParamValidator

from sim.clock import EPOCH
from sim.cloud import SERVICES
from tests.cloud.conftest import CONFIG, opened
from tests.cloud.test_balancers import LISTENER, subnets, vpc

GROUP = {"AutoScalingGroupName": "shop-green"}
TEMPLATE = {"LaunchTemplateName": "shop-live"}
TAG = {"ResourceId": "shop-green", "ResourceType": "auto-scaling-group", "Key": "k", "Value": "v"}
METRIC = {
    "Namespace": "AWS/ELB",
    "MetricName": "RequestCount",
    "Dimensions": [{"Name": "LoadBalancerName", "Value": "b"}],
}


def calls(it):
    """One call of each operation that we answer, in an order that works; later ones use answers of earlier ones."""
    zone = it.client("route53").list_hosted_zones()["HostedZones"][0]["Id"]
    record = it.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"][-1]
    batch = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    yield "route53", "list_resource_record_sets", {"HostedZoneId": zone, "MaxItems": "1"}
    change = yield "route53", "change_resource_record_sets", {"HostedZoneId": zone, "ChangeBatch": batch}
    yield "route53", "get_change", {"Id": change["ChangeInfo"]["Id"]}
    empty = it.client("route53").create_hosted_zone(Name="example.org", CallerReference="x")["HostedZone"]["Id"]
    yield "route53", "delete_hosted_zone", {"Id": empty}
    yield "ec2", "create_launch_template", {"LaunchTemplateName": "new", "LaunchTemplateData": {"ImageId": "ami-1"}}
    yield "ec2", "delete_launch_template", {"LaunchTemplateName": "new"}
    made = yield "elbv2", "create_load_balancer", {"Name": "shop-green", "Subnets": subnets(it)}
    balancer = {"LoadBalancerArn": made["LoadBalancers"][0]["LoadBalancerArn"]}
    target = {"Name": "shop-green", "Protocol": "HTTP", "Port": 80, "VpcId": vpc(it)}
    targets = (yield "elbv2", "create_target_group", target)["TargetGroups"][0]["TargetGroupArn"]
    forward = {"DefaultActions": [{"Type": "forward", "TargetGroupArn": targets}], "Protocol": "HTTP", "Port": 80}
    listeners = yield "elbv2", "create_listener", {**balancer, **forward}
    sizes = {"MinSize": 1, "MaxSize": 4, "DesiredCapacity": 2, "VPCZoneIdentifier": ",".join(subnets(it))}
    yield "autoscaling", "create_auto_scaling_group", {**GROUP, **sizes, "LaunchTemplate": TEMPLATE}
    yield "autoscaling", "attach_load_balancer_target_groups", {**GROUP, "TargetGroupARNs": [targets]}
    yield "autoscaling", "set_desired_capacity", {**GROUP, "DesiredCapacity": 3}
    yield "autoscaling", "update_auto_scaling_group", {**GROUP, "MinSize": 2, "DefaultCooldown": 10}
    yield "autoscaling", "suspend_processes", {**GROUP, "ScalingProcesses": ["AlarmNotification"]}
    yield "autoscaling", "describe_auto_scaling_groups", {}
    yield "autoscaling", "resume_processes", GROUP
    yield "autoscaling", "create_or_update_tags", {"Tags": [TAG]}
    yield "autoscaling", "delete_tags", {"Tags": [TAG]}
    it.wait(minutes=2)
    it.world.zones_down.add("a")
    it.wait(minutes=1)
    yield "elbv2", "describe_load_balancers", {}
    yield "elbv2", "describe_target_groups", {}
    yield "elbv2", "describe_target_health", {"TargetGroupArn": targets}
    yield "autoscaling", "describe_auto_scaling_groups", {}
    yield "autoscaling", "delete_auto_scaling_group", {**GROUP, "ForceDelete": True}
    yield "autoscaling", "describe_auto_scaling_groups", {}
    yield "elbv2", "delete_listener", {"ListenerArn": listeners["Listeners"][0]["ListenerArn"]}
    yield "elbv2", "delete_load_balancer", balancer
    yield "elbv2", "delete_target_group", {"TargetGroupArn": targets}
    classic = {"LoadBalancerName": "classic"}
    yield "elb", "create_load_balancer", {**classic, "Listeners": [LISTENER], "Subnets": subnets(it)}
    yield "elb", "describe_load_balancers", {}
    yield "elb", "describe_instance_health", classic
    yield "elb", "delete_load_balancer", classic
    query = {"Id": "q", "MetricStat": {"Metric": METRIC, "Period": 60, "Stat": "Sum"}}
    when = {"StartTime": EPOCH, "EndTime": EPOCH + timedelta(hours=1)}
    yield "cloudwatch", "get_metric_data", {"MetricDataQueries": [query], **when}
    yield "cloudwatch", "describe_alarms", {}


@pytest.fixture(scope="module")
def answers():
    """All calls made: (service, operation, output shape, answer)."""
    made = []
    with opened(plan={"gates": [{"kind": "alarm", "alarm": "a"}]}) as it:
        script, answer = calls(it), None
        while True:
            try:
                service, operation, params = script.send(answer)
            except StopIteration:
                return made
            client = it.cloud.session.client(service, config=CONFIG)
            answer = getattr(client, operation)(**params)
            model = client.meta.service_model
            name = next(name for name in model.operation_names if xform_name(name) == operation)
            made.append((service, operation, model.operation_model(name).output_shape, answer))


def test_every_operation_that_we_answer_is_tried(answers):
    ours = {
        (service.name, method.removeprefix("on_"))
        for service in SERVICES
        for method in dir(service)
        if method.startswith("on_")
    }
    assert {(service, operation) for service, operation, _, _ in answers} == ours


def test_every_answer_has_awss_shape(answers):
    wrong = []
    for service, operation, shape, answer in answers:
        body = {key: value for key, value in answer.items() if key != "ResponseMetadata"}
        if shape is None:
            assert not body
            continue
        report = ParamValidator().validate(body, shape)
        unknown = body.keys() - shape.members.keys()
        if report.has_errors() or unknown:
            wrong.append(f"{service}:{operation}: {report.generate_report()} {sorted(unknown)}")
    assert not wrong


def test_an_answer_that_is_changed_by_its_reader_does_not_change_the_next():
    with opened() as it:
        for service, operation, params in [
            ("route53", "list_resource_record_sets", None),
            ("elbv2", "describe_load_balancers", {}),
            ("elbv2", "describe_target_groups", {}),
            ("autoscaling", "describe_auto_scaling_groups", {}),
        ]:
            zones = it.client("route53").list_hosted_zones()["HostedZones"]
            call = getattr(it.client(service), operation)
            asked = {"HostedZoneId": zones[0]["Id"]} if params is None else params
            first = repr(call(**asked))
            spoil(call(**asked))
            assert repr(call(**asked)) == first


def spoil(value):
    if isinstance(value, dict):
        for inner in value.values():
            spoil(inner)
        value.clear()
    elif isinstance(value, list):
        for inner in value:
            spoil(inner)
        value.clear()
