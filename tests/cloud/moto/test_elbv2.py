"""Application load balancers, listeners and target groups."""

import pytest

from .conftest import Groups


class Balancers(Groups):
    """Balancers, target groups and groups in moto."""

    def __init__(self, moto):
        super().__init__(moto)
        self.elbv2 = moto("elbv2")

    def balancer(self, **changed):
        params = {"Name": "b", "Subnets": self.subnets[:2], **changed}
        return self.elbv2.create_load_balancer(**params)["LoadBalancers"][0]["LoadBalancerArn"]

    def targets(self):
        made = self.elbv2.create_target_group(Name="t", Protocol="HTTP", Port=80, VpcId=self.vpc)
        return made["TargetGroups"][0]["TargetGroupArn"]

    def listener(self, balancer, targets):
        forward = {"Type": "forward", "TargetGroupArn": targets}
        params = {"LoadBalancerArn": balancer, "Protocol": "HTTP", "Port": 80, "DefaultActions": [forward]}
        return self.elbv2.create_listener(**params)["Listeners"][0]["ListenerArn"]

    def health(self, targets, **more):
        found = self.elbv2.describe_target_health(TargetGroupArn=targets, **more)["TargetHealthDescriptions"]
        return [target["TargetHealth"]["State"] for target in found]


@pytest.fixture
def balancers(moto):
    return Balancers(moto)


def test_a_balancer_is_made_twice_and_is_active_at_the_first_look(balancers):
    assert balancers.balancer() != balancers.balancer(Scheme="internal")
    balancers.elbv2.describe_load_balancers()
    found = balancers.elbv2.describe_load_balancers()["LoadBalancers"]
    assert [balancer["State"]["Code"] for balancer in found] == ["active", "active"]


def test_one_subnet_is_enough_for_a_balancer(balancers):
    assert balancers.balancer(Subnets=balancers.subnets[:1])


def test_the_same_target_group_asked_for_twice_is_refused(balancers):
    balancers.targets()
    with pytest.raises(balancers.elbv2.exceptions.DuplicateTargetGroupNameException):
        balancers.targets()


def test_two_listeners_share_a_port(balancers):
    balancer, targets = balancers.balancer(), balancers.targets()
    assert balancers.listener(balancer, targets) != balancers.listener(balancer, targets)


def test_a_target_group_remembers_a_balancer_that_is_gone(balancers):
    balancer, targets = balancers.balancer(), balancers.targets()
    balancers.listener(balancer, targets)
    balancers.elbv2.delete_load_balancer(LoadBalancerArn=balancer)
    assert balancers.elbv2.describe_target_groups()["TargetGroups"][0]["LoadBalancerArns"] == [balancer]


def test_deleting_a_target_group_that_is_gone_is_refused(balancers):
    targets = balancers.targets()
    balancers.elbv2.delete_target_group(TargetGroupArn=targets)
    with pytest.raises(balancers.elbv2.exceptions.TargetGroupNotFoundException):
        balancers.elbv2.delete_target_group(TargetGroupArn=targets)


def test_targets_are_healthy_at_once_even_without_a_listener(balancers):
    targets = balancers.targets()
    balancers.create(TargetGroupARNs=[targets], DesiredCapacity=2)
    assert balancers.health(targets) == ["healthy", "healthy"]


def test_machines_that_are_scaled_in_stay_healthy_targets(balancers):
    targets = balancers.targets()
    balancers.create(TargetGroupARNs=[targets], DesiredCapacity=2)
    balancers.client.set_desired_capacity(AutoScalingGroupName="g", DesiredCapacity=1)
    assert balancers.health(targets) == ["healthy", "healthy"]


def test_targets_do_not_drain(balancers):
    targets = balancers.targets()
    balancers.create(TargetGroupARNs=[targets], DesiredCapacity=1)
    machine = {"Id": balancers.the()["Instances"][0]["InstanceId"]}
    balancers.elbv2.deregister_targets(TargetGroupArn=targets, Targets=[machine])
    assert balancers.health(targets, Targets=[machine]) == ["unused"]


def test_capacity_cannot_be_reserved_and_looks_as_if_it_were(balancers):
    arn = balancers.balancer()
    found = balancers.elbv2.describe_capacity_reservation(LoadBalancerArn=arn)["CapacityReservationState"]
    assert [zone["State"]["Code"] for zone in found] == ["provisioned"]
    with pytest.raises(NotImplementedError):
        balancers.elbv2.modify_capacity_reservation(
            LoadBalancerArn=arn, MinimumLoadBalancerCapacity={"CapacityUnits": 500}
        )


def test_any_slow_start_will_do(balancers):
    targets = balancers.targets()
    attributes = {"slow_start.duration_seconds": "5", "load_balancing.algorithm.type": "least_outstanding_requests"}
    asked = [{"Key": key, "Value": value} for key, value in attributes.items()]
    balancers.elbv2.modify_target_group_attributes(TargetGroupArn=targets, Attributes=asked)
    found = balancers.elbv2.describe_target_group_attributes(TargetGroupArn=targets)["Attributes"]
    assert attributes.items() <= {attribute["Key"]: attribute["Value"] for attribute in found}.items()


def test_the_tags_of_a_target_group_that_is_gone_are_told(balancers):
    targets = balancers.targets()
    balancers.elbv2.delete_target_group(TargetGroupArn=targets)
    assert balancers.elbv2.describe_tags(ResourceArns=[targets])["TagDescriptions"]


def forward(*targets):
    listed = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in targets]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": listed}}]


def test_any_weight_of_any_target_group_will_do_also_of_one_that_is_not_there(balancers):
    targets = balancers.targets()
    listener = balancers.listener(balancers.balancer(), targets)
    missing = targets[:-1] + ("0" if targets[-1] != "0" else "1")
    for actions in (forward((targets, 1000)), forward((targets, 1), (missing, 1))):
        balancers.elbv2.modify_listener(ListenerArn=listener, DefaultActions=actions)


def test_a_target_group_beside_another_one_has_no_balancer(balancers):
    targets = balancers.targets()
    more = balancers.elbv2.create_target_group(Name="u", Protocol="HTTP", Port=80, VpcId=balancers.vpc)
    other = more["TargetGroups"][0]["TargetGroupArn"]
    balancer = balancers.balancer()
    listener = balancers.listener(balancer, targets)
    balancers.elbv2.modify_listener(ListenerArn=listener, DefaultActions=forward((targets, 90), (other, 10)))
    found = balancers.elbv2.describe_target_groups(LoadBalancerArn=balancer)["TargetGroups"]
    assert [group["TargetGroupArn"] for group in found] == [targets]


def test_a_group_that_is_attached_serves_at_once(balancers):
    targets = balancers.targets()
    balancers.listener(balancers.balancer(), targets)
    balancers.create(DesiredCapacity=1)
    balancers.client.attach_load_balancer_target_groups(AutoScalingGroupName="g", TargetGroupARNs=[targets])
    assert balancers.health(targets) == ["healthy"]
