"""What a group did with its machines, and who of them is new: the memory behind its history and its warm-ups."""

from __future__ import annotations

from collections import deque
from typing import Unpack

from bluegreen.model import Slot
from sim.fleets.activities import Activity, Failure, Why
from sim.fleets.spec import FleetSpec
from sim.instance import Instance
from sim.machines import Machines, Surroundings


class History(Machines):
    """Notes each launch and termination, and who came in service when."""

    def __init__(self, slot: Slot, spec: FleetSpec, **surroundings: Unpack[Surroundings]) -> None:
        super().__init__(slot, spec, **surroundings)
        self.activities: list[Activity] = []
        """What the group did, oldest first."""
        self.settled_since = 0
        """When the last launch or termination began or ended."""
        self._fresh: deque[tuple[int, Instance]] = deque()  # when, and who, came in service
        self._longest_warm_up = 0

    # -- what policies look at

    @property
    def leaving(self) -> int:
        """Machines that are being terminated."""
        return len(self._known) - self.active

    def warm(self, warm_up: int) -> int:
        """Machines in service whose warm-up (milliseconds) is over."""
        fresh = self._fresh
        if not fresh:
            return self.in_service
        now = int(self._env.now)
        self._longest_warm_up = max(self._longest_warm_up, warm_up)
        while fresh and (fresh[0][0] + self._longest_warm_up <= now or not fresh[0][1].serves):
            fresh.popleft()
        return self.in_service - sum(entered + warm_up > now and i.serves for entered, i in fresh)

    # -- history

    def _enter(self, instance: Instance) -> None:
        super()._enter(instance)
        self._fresh.append((instance.entered, instance))
        self._finish(instance)

    def _gone(self, instance: Instance) -> None:
        super()._gone(instance)
        self._finish(instance)

    def _note(self, launches: bool, why: Why, zone: str, instance: str = "") -> Activity:
        now, active = int(self._env.now), self.active
        after = active + (1 if launches else -1)
        activity = Activity(len(self.activities) + 1, launches, why, now, active, after, zone, instance)
        self.activities.append(activity)
        self.settled_since = now
        return activity

    def _finish(self, instance: Instance, failure: Failure | None = None) -> None:
        """What it is the subject of is done."""
        activity, instance.activity = instance.activity, None
        if activity is not None:
            activity.end, activity.failure, activity.draining = int(self._env.now), failure, False
            self.settled_since = activity.end
