"""The Data port for two stores that something else keeps together: what it told CloudWatch last."""

from __future__ import annotations

from bluegreen.clock import Now
from bluegreen.data.sync import Sync
from bluegreen.errors import Refused
from bluegreen.model import DataView
from bluegreen.ports import Metrics


class SyncData:
    """`bluegreen.ports.Data`. There is nothing to make or to move."""

    def __init__(self, metrics: Metrics, spec: Sync, now: Now) -> None:
        self._metrics, self._spec, self._now = metrics, spec, now

    def look(self) -> DataView:
        asked, until = tuple(self._spec.asked().values()), self._now().replace(second=0, microsecond=0)
        found = self._metrics.read(asked, until - self._spec.lookback, until)
        return DataView("following", told=self._spec.told_by(found))

    def prepare(self) -> None:
        raise Refused("both stores are the team's: there is no copy to make")

    def move(self) -> None:
        raise Refused("both stores serve: there is nothing to move")
