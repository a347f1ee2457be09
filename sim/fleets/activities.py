"""What a group did, and why: the history that DescribeScalingActivities tells.

Words are made when somebody reads them: most histories are never read.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sim.clock import EPOCH, MILLISECOND


class Why(StrEnum):
    """Why a machine is launched or terminated."""

    WISH = "wish"  # desired and actual capacity differ
    UNHEALTHY_EC2 = "EC2"
    UNHEALTHY_ELB = "ELB"
    UNHEALTHY_USER = "user"
    ZONES = "zones"
    REMOVED = "removed"
    HOOK = "hook"
    LOST = "lost"


class Failure(StrEnum):
    """Why an activity came to nothing."""

    NO_CAPACITY = "no capacity"
    LAUNCH = "launch"
    ZONE = "zone"
    HOOK = "hook"


@dataclass(slots=True, eq=False)
class Activity:
    """One launch or termination. Times are milliseconds of the environment."""

    number: int
    launches: bool
    why: Why
    start: int
    before: int
    """Machines that the group had, and `after` those that it will have."""
    after: int
    zone: str
    instance: str = ""
    end: int | None = None
    failure: Failure | None = None
    draining: bool = False

    @property
    def status(self) -> str:
        """The API's StatusCode."""
        if self.failure is not None:
            return "Cancelled" if self.failure is Failure.HOOK else "Failed"
        if self.end is not None:
            return "Successful"
        return "WaitingForELBConnectionDraining" if self.draining else "InProgress"

    @property
    def cause(self) -> str:
        """As AWS would put it (as-verify-scaling-activity)."""
        at = f"{EPOCH + self.start * MILLISECOND:%Y-%m-%dT%H:%M:%SZ}"
        if self.launches:
            if self.why is Why.ZONES:
                return (
                    f"At {at} an instance was launched to aid in balancing the group's zones, increasing the capacity"
                    f" from {self.before} to {self.after}."
                )
            return (
                f"At {at} an instance was started in response to a difference between desired and actual capacity,"
                f" increasing the capacity from {self.before} to {self.after}."
            )
        return f"At {at} an instance was {REASONS[self.why].format(self=self)}"

    @property
    def message(self) -> str:
        """The API's StatusMessage."""
        return "" if self.failure is None else MESSAGES[self.failure].format(zone=self.zone)


REASONS = {
    Why.WISH: "taken out of service in response to a difference between desired and actual capacity, shrinking the"
    " capacity from {self.before} to {self.after}.",
    Why.ZONES: "taken out of service to aid in balancing the group's zones.",
    Why.UNHEALTHY_EC2: "taken out of service in response to an EC2 instance status checks failure.",
    Why.UNHEALTHY_ELB: "taken out of service in response to an ELB system health check failure.",
    Why.UNHEALTHY_USER: "taken out of service in response to a user health-check.",
    Why.REMOVED: "taken out of service in response to the deletion of the group.",
    Why.HOOK: "taken out of service: its launch lifecycle hook was abandoned.",
    Why.LOST: "taken out of service: its Availability Zone was lost while it was launched.",
}

MESSAGES = {
    Failure.NO_CAPACITY: "We currently do not have sufficient capacity in the Availability Zone you requested ({zone})."
    " Launching EC2 instance failed.",
    Failure.LAUNCH: "The instance could not be launched. Launching EC2 instance failed.",
    Failure.ZONE: "The requested Availability Zone ({zone}) is not available. Launching EC2 instance failed.",
    Failure.HOOK: "Instance failed to complete user's Lifecycle Action: the action was abandoned or timed out.",
}
