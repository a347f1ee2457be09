"""What moto is corrected by: each correction asks the director, who knows what really is (docs/moto.md says what moto
would answer)."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.models import FakeAutoScalingGroup, InstanceState
from moto.elbv2.models import FakeHealthStatus, FakeLoadBalancer, FakeTargetGroup

from stage.cloud.director import Director

WORDS = {
    "initial": ("Elb.RegistrationInProgress", "Target registration is in progress"),
    "unhealthy": ("Target.FailedHealthChecks", "Health checks failed"),
    "draining": ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
    "unused": ("Target.NotRegistered", "Target is not registered to the target group"),
}


def correct(director: Director) -> None:
    """From now on moto tells what the director knows: of targets, of instances, of balancers."""
    told = FakeTargetGroup.health_for

    def health_for(self: FakeTargetGroup, target: dict[str, Any], ec2: Any) -> FakeHealthStatus:
        answer = told(self, target, ec2)
        if answer.status != "healthy":
            return answer
        state = director.health(self.arn, target["Id"])
        return FakeHealthStatus(
            answer.instance_id, answer.port, answer.health_check_port, state, *WORDS.get(state, (None, None))
        )

    def activate(self: FakeLoadBalancer) -> None:
        if self.state == "provisioning" and director.active(self.arn):
            self.state = "active"

    def lifecycle_state(self: InstanceState) -> str:
        kept: str = self.__dict__.get("kept_state", "InService")
        return director.lifecycle(self.instance_id) if kept == "InService" else kept

    def keep(self: InstanceState, state: str) -> None:
        self.__dict__["kept_state"] = state

    FakeTargetGroup.health_for = health_for
    FakeLoadBalancer.activate = activate
    InstanceState.lifecycle_state = property(lifecycle_state, keep)
    # moto would launch another one for each that is Pending.
    FakeAutoScalingGroup.active_instances = lambda self: list(self.instance_states)
