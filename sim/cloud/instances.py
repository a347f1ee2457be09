"""A fleet's machines as the APIs tell of them: Auto Scaling's instances, balancers' targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sim.clock import ms
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
UNUSED = {
    "State": "unused",
    "Reason": "Target.NotInUse",
    "Description": "Target group is not configured to receive traffic from the load balancer",
}


def described(fleet: Fleet, group: Mapping[str, Any], region: str, now: int) -> list[Answer]:
    """As DescribeAutoScalingGroups lists them. `now` in milliseconds of the environment."""
    launched_from = {key: group[key] for key in ("LaunchTemplate", "LaunchConfigurationName") if key in group}
    return [
        {
            "InstanceId": instance.id,
            "AvailabilityZone": f"{region}{instance.zone}",
            "LifecycleState": instance.lifecycle,
            "HealthStatus": "Unhealthy" if _given_up(fleet, instance, now) else "Healthy",
            "ProtectedFromScaleIn": False,
            **launched_from,
        }
        for instance in fleet.instances
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
    return instance.registered or (instance.health is Health.DRAINING and instance.entered != 0)


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


def _given_up(fleet: Fleet, instance: Instance, now: int) -> bool:
    """Whether Auto Scaling, too, takes it for unhealthy: the balancer's word counts after the grace period."""
    if instance.health is not Health.UNHEALTHY or fleet.spec.health_check != "ELB":
        return False
    return now - instance.entered >= ms(fleet.spec.grace)
