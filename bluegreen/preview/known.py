"""What is known, or assumed, about the world around a rollout file. Every field can be given on the command line or has
a default that says where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bluegreen.model import AlarmView

PLENTY = 60_000.0
"""Requests a minute when nobody has said how many there are: 1,000 a second. Assumed."""
NOMINAL = 100
"""Machines of the live slot when nobody has said how many there are: what is shown then are percents of it."""


@dataclass(frozen=True, slots=True)
class Known:
    """Facts about the service, and assumed lengths of what AWS does."""

    instances: int | None = None
    """Healthy machines of the live slot; None: not known."""
    requests_per_minute: float | None = None
    """All requests to the service; None: not known."""
    error_rate: float = 0.0
    """The share of requests that fails when all is well."""
    latency: float = 0.05
    """Seconds that an answer takes when all is well. Assumed."""
    boot: timedelta = timedelta(seconds=150)
    """From asking for a machine until it passes its first health check: 123 s measured in an AWS sample without its own
    waiting (aws-samples, warm pools), and up to 30 s until the next check."""
    making: timedelta = timedelta(seconds=120)
    """Until a new load balancer is active. Unpublished; a few minutes in practice."""
    reserving: timedelta = timedelta(minutes=5)
    """Until reserved capacity of a balancer is provisioned: "usually within minutes" (Application Load Balancers User
    Guide, capacity unit reservation); the number is assumed."""
    propagation: timedelta = timedelta(seconds=30)
    """Until a change of records is INSYNC: "generally within 60 seconds" (Route 53 API Reference); the mean is
    assumed."""
    metric_lag: timedelta = timedelta(seconds=60)
    """Until a minute that has ended is in CloudWatch. Assumed."""
    removing: timedelta = timedelta(seconds=30)
    """Until something that is being removed is gone. Assumed."""
    call: timedelta = timedelta(milliseconds=120)
    """One call to AWS. Assumed."""
    unhealthy_after: timedelta = timedelta(seconds=60)
    """From a machine's failure until its balancer calls it unhealthy: two failed checks, 30 s apart (Application Load
    Balancers User Guide, health checks: the defaults), or as its target groups are set up."""
    listens: tuple[str, ...] = ()
    """Protocols of the live balancer's listeners, like HTTPS; empty: not known."""
    alarms: tuple[AlarmView, ...] = ()
    """The gates' alarms as they are set up; empty: not known."""
    encrypted: bool | None = None
    """Whether the database that is to be copied is encrypted; None: not known."""
    contents: tuple[str, ...] = ()
    """What the candidate's template would create, one resource each, as CloudFormation says; empty: not asked."""

    @property
    def rate(self) -> float:
        """Requests a minute to reckon with."""
        return self.requests_per_minute or PLENTY
