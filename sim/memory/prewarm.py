"""The Prewarm port: the world's reservations, asked and changed as `bluegreen/aws/prewarm.py` does."""

from __future__ import annotations

from collections.abc import Callable

from bluegreen.errors import Busy, Missing, OperatingError, Refused, Unreachable
from bluegreen.model import ReservationView, Slot
from bluegreen.prewarm import advised, not_for
from sim.errors import AwsError
from sim.memory.calls import Calls, words
from sim.memory.store import Store
from sim.place import reserve

DESCRIBE, MODIFY = "elbv2:DescribeCapacityReservation", "elbv2:ModifyCapacityReservation"
ABSENT = ReservationView(0, 0.0, "absent")


class Reservations:
    """`bluegreen.ports.Prewarm`."""

    def __init__(self, calls: Calls, store: Store, facts: Callable[[Slot], bool]) -> None:
        self._calls, self._store, self._facts = calls, store, facts

    def look(self, slot: Slot) -> ReservationView:
        return self._calls.ask(DESCRIBE, lambda: self._view(slot)) if self._has_balancer(slot) else ABSENT

    def reserve(self, slot: Slot, units: int) -> None:
        seen = self.look(slot)
        if seen.state == "absent":
            raise Missing(f"{slot} has no balancer to reserve capacity for")
        if seen.units == units and seen.state != "failed":
            return
        if self._has_balancer(slot):
            self._calls.ask(MODIFY, lambda: self._modify(slot, units))

    def _has_balancer(self, slot: Slot) -> bool:
        if not self._facts(slot):
            return False
        if not self._store.application:
            raise Refused(not_for(self._store.name(slot), "classic"))
        return True

    def _view(self, slot: Slot) -> ReservationView:
        balancer = self._store.place(slot).balancer
        return balancer.reservation.view() if balancer.exists else ABSENT

    def _modify(self, slot: Slot, units: int) -> None:
        try:
            reserve(self._store.world.places, slot, units, self._store.world.settle)
        except AwsError as error:
            raise _refusal(error) from error


def _refusal(error: AwsError) -> OperatingError:
    """As `bluegreen/aws/session.py` tells them apart."""
    told = advised(f"{words(MODIFY)}: {error.code}: {error.message}")
    if error.code == "CapacityReservationPending":
        return Busy(told)
    return Unreachable(told) if error.status >= 500 else Refused(told)
