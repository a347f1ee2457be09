"""When a scenario's faults strike and heal on the stage: by the time since the rollout began, or by what the engine
wrote into its journal. What they do is the world's own code, on the stage's knobs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bluegreen.journal.entries import Decided, Entry, Started
from sim.faults.base import Deed, Fault
from sim.scene import Scene

Tell = Callable[[Fault, str], None]


@dataclass(slots=True)
class _Due:
    at: datetime
    fault: Fault
    heals: bool


class Timeline:
    """The faults of one drill. Each strikes once."""

    def __init__(self, faults: Sequence[Fault], scene: Scene, tell: Tell) -> None:
        self._scene, self._tell = scene, tell
        self._waiting = list(faults)
        self._due: list[_Due] = []

    def entry(self, entry: Entry, now: datetime) -> None:
        """The engine has written this."""
        hit = [fault for fault in self._waiting if _fits(fault, entry)]
        self._waiting = [fault for fault in self._waiting if fault not in hit]
        for fault in hit:
            self._due.append(_Due(now + (fault.at or fault.after * 0) + fault.after, fault, heals=False))

    def look(self, now: datetime) -> None:
        """Do what is due."""
        for due in [due for due in self._due if due.at <= now]:
            self._due.remove(due)
            self._heal(due.fault) if due.heals else self._strike(due.fault, now)

    def _strike(self, fault: Fault, now: datetime) -> None:
        fault.strike(self._scene)
        self._tell(fault, "happens" if isinstance(fault, Deed) else "strikes")
        if fault.lasts is not None:
            self._due.append(_Due(now + fault.lasts, fault, heals=True))

    def _heal(self, fault: Fault) -> None:
        fault.heal(self._scene)
        self._tell(fault, "heals")


def _fits(fault: Fault, entry: Entry) -> bool:
    if fault.share is None and fault.phase is None:
        return isinstance(entry, Started)
    if not isinstance(entry, Decided):
        return False
    if fault.phase is not None:
        return entry.decision.rollout.phase is fault.phase
    traffic = entry.seen.traffic
    return traffic is not None and traffic.share(entry.decision.rollout.candidate) >= (fault.share or 0.0)
