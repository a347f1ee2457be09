"""When faults strike and heal: by the world's clock, or by what the engine sees."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from datetime import timedelta
from typing import Any

from bluegreen.journal.entries import Decided, Entry
from sim.clock import ms
from sim.faults.base import Deed, Fault
from sim.scene import Scene

Tell = Callable[[Fault, str], None]
"""Told of each fault that `strikes` or `heals`, and of each deed that it `happens`."""


class Timeline:
    """The faults of one run. Each strikes once."""

    def __init__(self, faults: Sequence[Fault], scene: Scene, tell: Tell) -> None:
        self._scene = scene
        self._tell = tell
        self._began = scene.world.clock.now()
        self._waiting: list[Fault] = []
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> None:
        """One more. Its `at`, as everybody's, is a time since this timeline began, and not over yet."""
        if fault.share is not None or fault.phase is not None:
            self._waiting.append(fault)
        else:
            self._plan(fault, (fault.at or timedelta(0)) + fault.after - self.age)

    @property
    def age(self) -> timedelta:
        """Since it began, which is when the engine did."""
        return self._scene.world.clock.now() - self._began

    def entry(self, entry: Entry) -> None:
        """The engine has decided: is a fault waiting for this?"""
        if not self._waiting or not isinstance(entry, Decided):
            return
        due = [fault for fault in self._waiting if self._fits(fault, entry)]
        self._waiting = [fault for fault in self._waiting if fault not in due]
        for fault in due:
            self._plan(fault, fault.after)

    def _fits(self, fault: Fault, entry: Decided) -> bool:
        if fault.phase is not None:
            return entry.decision.rollout.phase is fault.phase
        traffic = entry.seen.traffic
        candidate = entry.decision.rollout.candidate
        return traffic is not None and traffic.share(candidate) >= (fault.share or 0.0)

    def _plan(self, fault: Fault, after: timedelta) -> None:
        if not after:
            self._strike(fault)
        if after or fault.lasts is not None:
            self._scene.world.env.process(self._life(fault, after))

    def _life(self, fault: Fault, after: timedelta) -> Generator[Any, Any, None]:
        env = self._scene.world.env
        if after:
            yield env.timeout(ms(after))
            self._strike(fault)
        if fault.lasts is not None:
            yield env.timeout(ms(fault.lasts))
            self._scene.world.settle()
            fault.heal(self._scene)
            self._tell(fault, "heals")

    def _strike(self, fault: Fault) -> None:
        self._scene.world.settle()
        self._tell(fault, "happens" if isinstance(fault, Deed) else "strikes")
        fault.strike(self._scene)
