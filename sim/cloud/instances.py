"""A fleet's machines as the APIs tell of them: Auto Scaling's instances, balancers' targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.cloud.service import Answer
from sim.instance import Health, Instance

if TYPE_CHECKING:
    from sim.fleet import Fleet

HEALTH: Mapping[Health, tuple[str, str]] = {
    Health.INITIAL: ("Elb.InitialHealthChecking", "Initial health checks in progress"),
    Health.UNHEALTHY: ("Target.FailedHealthChecks", "Health checks failed"),
    Health.DRAINING: ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
}
"""Why a target is not healthy (Elastic Load Balancing API reference, TargetHealth)."""
INITIAL = {
    "State": "initial",
    "Reason": "Elb.InitialHealthChecking",
    "Description": "Initial health checks in progress",
}
UNUSED = {
    "State": "unused",
    "Reason": "Target.NotInUse",
    "Description": "Target group is not configured to receive traffic from the load balancer",
}


def described(fleet: Fleet, group: Mapping[str, Any], region: str) -> list[Answer]:
    """As DescribeAutoScalingGroups lists them."""
    return [described_one(instance, group, region) for instance in fleet.instances]


def described_one(instance: Instance, group: Mapping[str, Any], region: str) -> Answer:
    """One of them. It is Unhealthy once Auto Scaling has marked it: the balancer's word alone is not enough."""
    launched_from = {key: group[key] for key in ("LaunchTemplate", "LaunchConfigurationName") if key in group}
    return {
        "InstanceId": instance.id,
        "AvailabilityZone": f"{region}{instance.zone}",
        "LifecycleState": instance.lifecycle,
        "HealthStatus": "Unhealthy" if instance.marked else "Healthy",
        "ProtectedFromScaleIn": False,
        **launched_from,
    }


def pooled(fleet: Fleet, group: Mapping[str, Any], region: str) -> list[Answer]:
    """As DescribeWarmPool lists them."""
    state = "Stopped" if fleet.warm_pool is None else fleet.warm_pool.state
    return [
        {
            **described_one(instance, group, region),
            "LifecycleState": f"Warmed:{state}" if instance.booted else "Warmed:Pending",
        }
        for instance in fleet.pool.values()
    ]


def target_health(fleet: Fleet, group: Mapping[str, Any]) -> list[Answer]:
    """As DescribeTargetHealth lists them: what is registered, and what drains."""
    used = bool(group.get("LoadBalancerArns"))
    port = group.get("Port", 80)
    return [
        {
            "Target": {"Id": instance.id, "Port": port},
            "HealthCheckPort": str(port),
            "TargetHealth": _state(instance) if used else UNUSED,
        }
        for instance in fleet.instances
        if _known(instance)
    ]


def instance_health(fleet: Fleet) -> list[Answer]:
    """As classic DescribeInstanceHealth lists them. A draining instance is still in service (Classic Load Balancers
    User Guide, connection draining)."""
    return [_classic_state(instance) for instance in fleet.instances if _known(instance)]


def _known(instance: Instance) -> bool:
    """Whether the balancer knows it: from in service until it is gone."""
    return instance.registered or instance.drains


def _state(instance: Instance) -> Answer:
    if instance.health is Health.HEALTHY:
        return {"State": "healthy"}
    reason, words = HEALTH[instance.health]
    return {"State": str(instance.health), "Reason": reason, "Description": words}


def _classic_state(instance: Instance) -> Answer:
    if instance.health is Health.DRAINING:
        words = "Instance deregistration currently in progress."
        return {"InstanceId": instance.id, "State": "InService", "ReasonCode": "N/A", "Description": words}
    if instance.health is Health.HEALTHY:
        return {"InstanceId": instance.id, "State": "InService", "ReasonCode": "N/A", "Description": "N/A"}
    words = "Instance registration is still in progress."
    if instance.health is Health.UNHEALTHY:
        words = "Instance has failed at least the UnhealthyThreshold number of health checks consecutively."
    code = "Instance" if instance.health is Health.UNHEALTHY else "ELB"
    return {"InstanceId": instance.id, "State": "OutOfService", "ReasonCode": code, "Description": words}
