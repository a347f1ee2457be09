"""When a holder who says nothing counts as gone, judged without comparing the clocks of two machines.

The holder changes a mark each time it renews. Whoever wants the lease watches the mark: unchanged for the lease's whole
length, by the watcher's own clock, means gone. The holder must have renewed within that length before anything it does
(Gray and Cheriton, Leases, 1989: only the rates of the clocks must agree, not the clocks). A watcher that slept through
the length has not seen the mark stand still: it must have looked at both ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

Mark = tuple[object, ...]


@dataclass(slots=True)
class Watched:
    """One watcher's view of one mark."""

    length: timedelta
    _mark: Mark | None = None
    _since: datetime | None = None

    def see(self, mark: Mark, now: datetime) -> bool:
        """The mark as just read, at `now`. True when it has stood still for the length."""
        if self._since is None or mark != self._mark:
            self._mark, self._since = mark, now
            return False
        return now - self._since >= self.length

    def moved(self, mark: Mark) -> bool:
        """The mark has changed since it was first seen: its holder is alive."""
        return self._since is not None and mark != self._mark
