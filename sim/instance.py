"""One machine of a fleet: what it does, and what the balancer believes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simpy import Event

    from sim.fleets.activities import Activity


class State(StrEnum):
    """What the machine does."""

    PENDING = "pending"  # being launched: EC2 has not given it yet, or a lifecycle hook keeps it waiting
    BOOTING = "booting"  # in service, but does not answer (yet, or again)
    SERVING = "serving"
    TERMINATING = "terminating"
    WARMED = "warmed"  # in the warm pool


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
    attached: bool = False
    """The balancer knows it, and it does not drain."""
    drains: bool = False
    """The balancer lets its requests finish: it was known to it when it was terminated."""
    marked: bool = False
    """Auto Scaling, too, takes it for unhealthy: it waits for its replacement."""
    broken: bool = False
    """It will never serve: its boot fails."""
    booted: bool = False
    """Its service has started while it was not in service yet: it waits in a hook, or in the warm pool."""
    waiting: bool = False
    """A lifecycle hook keeps it."""
    extra: bool = False
    """Launched to balance the zones: another one goes when it is in service."""
    warming: bool = False
    """Serves, but its capacity still grows."""
    proven: bool = False
    """It passed a health check once: from then on it needs several passes to come back."""
    entered: int = 0
    """When it came in service."""
    serving_since: int = 0
    terminated: int = 0

    # What `sim.fleets.checks` remembers: the result that checks have now, the one that the last check had, for how
    # many checks in a row, when that was, and the event of the next verdict.
    able: bool = False
    passed: bool = False
    streak: int = 0
    seen: int = 0
    verdict: Event | None = None

    activity: Activity | None = None
    """The scaling activity that it is the subject of."""

    @property
    def serves(self) -> bool:
        """In service by the group's count."""
        return self.state is State.BOOTING or self.state is State.SERVING

    @property
    def registered(self) -> bool:
        """Known to the balancer and not draining."""
        return self.attached

    @property
    def active(self) -> bool:
        """Counts towards the group's desired capacity."""
        return self.state is not State.TERMINATING and self.state is not State.WARMED

    @property
    def lifecycle(self) -> str:
        """Auto Scaling's word for its state."""
        if self.state is State.PENDING:
            return "Pending:Wait" if self.waiting else "Pending"
        if self.state is State.TERMINATING:
            return "Terminating:Wait" if self.waiting else "Terminating"
        return "InService"
