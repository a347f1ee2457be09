"""Classic load balancers."""

import pytest

LISTENER = {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstanceProtocol": "HTTP", "InstancePort": 80}


def classic(moto, **changed):
    params = {"LoadBalancerName": "c", "Listeners": [LISTENER], "AvailabilityZones": ["us-east-1a"], **changed}
    return moto("elb").create_load_balancer(**params)


def test_a_classic_balancer_lacks_its_hosted_zone_and_its_health_check(moto):
    classic(moto)
    (balancer,) = moto("elb").describe_load_balancers()["LoadBalancerDescriptions"]
    assert not {"CanonicalHostedZoneNameID", "HealthCheck"} & balancer.keys()


def test_the_same_classic_balancer_asked_for_twice_is_refused(moto):
    classic(moto)
    with pytest.raises(moto("elb").exceptions.DuplicateAccessPointNameException):
        classic(moto)


def test_a_classic_balancers_machines_are_in_service_at_once(groups, moto):
    classic(moto)
    groups.create(LoadBalancerNames=["c"], DesiredCapacity=2)
    states = moto("elb").describe_instance_health(LoadBalancerName="c")["InstanceStates"]
    assert [state["State"] for state in states] == ["InService", "InService"]
