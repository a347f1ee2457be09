"""Where nothing can be run and nobody can be told: for engines whose plan asks for neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bluegreen.errors import Refused
from bluegreen.model import CheckView, DataView, DrillView, FallbackView, Notice, ReservationView, Slot, Trouble

if TYPE_CHECKING:
    from bluegreen.checks.base import Check


class NoChecks:
    """`bluegreen.ports.Checks` that runs nothing."""

    def begin(self, run: str, check: Check, facts: Mapping[str, str]) -> None:
        raise Refused(f"{run}: nothing can be run here")

    def look(self, run: str) -> CheckView:
        return CheckView("absent")

    def stop(self, run: str) -> None:
        """There is nothing to stop."""


class NoNotices:
    """`bluegreen.ports.Notices` that tells nobody."""

    def send(self, notice: Notice) -> None:
        """Nobody listens."""

    def failures(self) -> tuple[tuple[Notice, Trouble], ...]:
        return ()


class NoFallback:
    """`bluegreen.ports.Fallback` of a rollout without one."""

    def look(self) -> FallbackView:
        raise Refused("there is no fallback to look at here")

    def prepare(self) -> None:
        raise Refused("no fallback can be prepared here")

    def idle(self) -> tuple[str, ...]:
        return ()

    def tidy(self) -> None:
        """There is nothing to remove."""


class NoDrills:
    """`bluegreen.ports.Drills` of a rollout that drills no alarm."""

    def look(self, names: Sequence[str], since: datetime) -> Sequence[DrillView]:
        return ()

    def drill(self, name: str) -> None:
        raise Refused(f"{name}: no alarm can be drilled here")


class NoData:
    """`bluegreen.ports.Data` of a rollout whose data are no matter of its file."""

    def look(self) -> DataView:
        raise Refused("there are no data to look at here")

    def prepare(self) -> None:
        raise Refused("no copy of data can be made here")

    def move(self) -> None:
        raise Refused("no data can be moved here")


class NoPrewarm:
    """`bluegreen.ports.Prewarm` that reserves nothing."""

    def look(self, slot: Slot) -> ReservationView:
        return ReservationView(0, 0.0, "provisioned")

    def reserve(self, slot: Slot, units: int) -> None:
        raise Refused(f"{slot}: no capacity can be reserved here")
