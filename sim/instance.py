"""One machine of a fleet, and the counts over all of them that others want to know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class State(StrEnum):
    """What the machine does."""

    PENDING = "pending"  # being launched: EC2 has not given it yet
    BOOTING = "booting"  # runs, and is known to the balancer, but does not answer (yet, or again)
    SERVING = "serving"
    TERMINATING = "terminating"


class Health(StrEnum):
    """What the balancer believes of it (Application Load Balancers, target health status)."""

    INITIAL = "initial"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"
    DRAINING = "draining"


@dataclass(slots=True, eq=False)
class Instance:
    """Times are milliseconds of the environment."""

    id: str
    zone: str
    """The letter of its Availability Zone."""
    launched: int
    phase: int
    """When in the interval the balancer checks it."""
    state: State = State.PENDING
    health: Health = Health.INITIAL
    broken: bool = False
    """It will never serve: its boot fails."""
    entered: int = 0
    """When it came in service."""
    serving_since: int = 0
    terminated: int = 0
    proven: bool = False
    """It passed a health check once: from then on it needs several passes to come back."""
    watched: bool = False

    @property
    def registered(self) -> bool:
        return self.state in (State.BOOTING, State.SERVING)

    @property
    def active(self) -> bool:
        """Counts towards the group's desired capacity."""
        return self.state is not State.TERMINATING

    @property
    def lifecycle(self) -> Literal["Pending", "InService", "Terminating"]:
        """Auto Scaling's word for its state."""
        if self.state is State.PENDING:
            return "Pending"
        return "InService" if self.registered else "Terminating"


@dataclass(frozen=True, slots=True)
class Counts:
    """Counted over a fleet's machines."""

    pending: int = 0
    in_service: int = 0
    healthy: int = 0
    unhealthy: int = 0
    routed: int = 0
    """Those the balancer sends requests to: the healthy ones; all registered ones when none is (fail-open)."""
    answering: tuple[Instance, ...] = ()
    """Those of the routed that really answer."""


def count(instances: Iterable[Instance], zones_down: set[str]) -> Counts:
    """Count them."""
    known = [i for i in instances if i.registered]
    healthy = [i for i in known if i.health is Health.HEALTHY]
    routed = healthy or known
    return Counts(
        pending=sum(i.state is State.PENDING for i in instances),
        in_service=len(known),
        healthy=len(healthy),
        unhealthy=sum(i.health is Health.UNHEALTHY for i in known),
        routed=len(routed),
        answering=tuple(i for i in routed if i.state is State.SERVING and i.zone not in zones_down),
    )
