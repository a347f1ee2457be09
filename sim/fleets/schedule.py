"""Scheduled actions: at a time, a group gets other bounds and another size.

Source: Amazon EC2 Auto Scaling User Guide, scheduled scaling. Recurrence is not modelled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Self

import simpy
from pydantic import Field, model_validator

from bluegreen.registry import Spec
from bluegreen.units import Duration


class ScheduledSpec(Spec):
    """One action. What is unset stays as it is."""

    name: str = "scheduled"
    at: Duration
    """Since the start of the rehearsal."""
    minimum: int | None = Field(None, ge=0)
    maximum: int | None = Field(None, ge=0)
    desired: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if self.minimum is None and self.maximum is None and self.desired is None:
            raise ValueError("a scheduled action sets minimum, maximum or desired")
        return self


class Schedule:
    """A group's actions that are still to come, by name. `act` is told when one is due."""

    def __init__(self, env: simpy.Environment, act: Callable[[ScheduledSpec], None]) -> None:
        self._env, self._act = env, act
        self._due: dict[str, simpy.Event] = {}

    def put(self, name: str, at: int, action: ScheduledSpec) -> None:
        """Do it at this time (milliseconds of the environment); one of the same name is replaced."""
        event = self._env.timeout(at - self._env.now)
        self._due[name] = event

        def happen(of: simpy.Event) -> None:
            if self._due.get(name) is of:
                del self._due[name]
                self._act(action)

        event.callbacks.append(happen)

    def remove(self, name: str) -> None:
        """It is not to happen. Nothing when there is none of that name."""
        self._due.pop(name, None)

    def clear(self) -> None:
        self._due.clear()

    def __contains__(self, name: str) -> bool:
        return name in self._due
