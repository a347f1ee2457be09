"""Somebody suspends processes of an Auto Scaling group and forgets to resume them."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field

from sim.faults.base import Deed, OnSlot, some_slot
from sim.faults.chance import Chance
from sim.scene import Scene

Name = Literal[
    "AddToLoadBalancer",
    "AlarmNotification",
    "AZRebalance",
    "HealthCheck",
    "Launch",
    "ReplaceUnhealthy",
    "ScheduledActions",
    "Terminate",
]


class OperatorSuspends(Deed, OnSlot):
    """These processes of the group that is there do nothing any more (Amazon EC2 Auto Scaling User Guide, suspend and
    resume processes)."""

    kind: Literal["operator_suspends"] = "operator_suspends"
    processes: Annotated[tuple[Name, ...], Field(min_length=1)]

    @property
    def about(self) -> str:
        return f"by hand: {', '.join(self.processes)} suspended for {self.slot or 'the candidate'}"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        some: tuple[tuple[Name, ...], ...] = (
            ("AlarmNotification",),
            ("HealthCheck", "ReplaceUnhealthy"),
            ("AddToLoadBalancer",),
            ("Terminate",),
            ("Launch",),
        )
        return cls(processes=chance.pick(some), slot=some_slot(chance))

    def strike(self, scene: Scene) -> None:
        fleet = self.place(scene).fleet
        if fleet.exists and not fleet.removing:
            fleet.suspend(self.processes)
