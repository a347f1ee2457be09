"""`selftest:` of the rollout file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from bluegreen.registry import Spec

if TYPE_CHECKING:
    from bluegreen.plan import Plan

DRILL = "bluegreen drill"
"""How the reason of a drill's states begins: nobody takes such an ALARM for a real one."""


class SelfTest(Spec):
    """What is asked of the alarms that the gates name, before anything is made and again before users come."""

    alarms: Literal["refuse", "off"] = "refuse"
    """refuse: an alarm that cannot protect anybody ends the rollout before it begins."""
    firing: Literal["refuse", "accept"] = "refuse"
    """accept: an alarm may be in ALARM already when the rollout begins. Its gate will still fail with it, unless it is
    a dry run."""
    silent: Literal["refuse", "accept"] = "refuse"
    """accept: an alarm may be without data though its metric's source has been at work for long."""
    elsewhere: tuple[str, ...] = ()
    """Alarms that watch something else than this service's balancers on purpose: a database, a queue."""
    drill: tuple[str, ...] = ()
    """Alarms that are set to ALARM by hand, and back, before users come: to see that they can be, and that it shows."""
    drill_fires: Literal["refuse", "accept"] = "refuse"
    """refuse: no alarm is drilled that would fire an action, or whose composite alarms would: pagers, Auto Scaling,
    other rollouts. accept: they are meant to fire."""


def problems(plan: Plan) -> Iterator[str]:
    """What of this plan's self-test cannot be."""
    named = sorted({name for gate in plan.gates for name in gate.alarms()})
    for name in plan.selftest.drill:
        if name not in named:
            yield f"selftest.drill: no gate asks the alarm {name}; the gates' alarms are {', '.join(named) or 'none'}"
