"""A slot that the team's own command makes, call by call as `bluegreen/aws/environments/command.py` does."""

from __future__ import annotations

from bluegreen.errors import Missing
from bluegreen.model import EnvironmentView, Presence, Slot
from bluegreen.outside.making import Making
from sim.memory.calls import Calls
from sim.memory.named import Named
from sim.memory.store import Store


class Commanded:
    """The candidate, as one engine process knows it."""

    def __init__(self, calls: Calls, store: Store, slot: Slot, making: Making) -> None:
        self._calls, self._store, self._slot, self._making = calls, store, slot, making
        self._place: Named | None = None

    def look(self) -> EnvironmentView:
        standing = self._making.standing()
        if standing.outputs is None:
            self._place = None
            return EnvironmentView(standing.presence, detail=standing.detail)
        place = self._at()
        group, balancer = place.seen()
        if group is None or not balancer or group.going:
            return EnvironmentView(Presence.FAILED, detail="create said names of which not all are there")
        return place.view(group)

    def create(self) -> None:
        self._making.create()

    def remove(self) -> None:
        self._place = None
        self._making.remove()

    def resize(self, instances: int) -> None:
        self._known().resize(instances)

    def hold_scale_in(self, held: bool) -> None:
        self._known().hold_scale_in(held)

    def facts(self) -> bool:
        place = self.named()
        return place.facts() if place else False

    def named(self) -> Named | None:
        if self._place is None and self._making.standing().outputs is not None:
            self._at()
        return self._place

    def preflight(self) -> None:
        """Nothing is tried."""

    def _at(self) -> Named:
        if self._place is None:
            self._place = Named(self._calls, self._store, self._slot)
        return self._place

    def _known(self) -> Named:
        if self._place is None:
            raise Missing("the team's command has made nothing yet")
        return self._place
