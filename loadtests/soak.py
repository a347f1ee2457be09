"""Does it stay well? The same load for long: leaks, full disks and slow queries need hours."""

from __future__ import annotations

from loadtests.shapes import Share
from loadtests.users import Visitor

__all__ = ["Soak", "Visitor"]


class Soak(Share):
    """20 users for four hours, who come in the first hundredth of the time."""

    abstract = False
    users, lasts = 20, 4 * 3600.0

    def share(self, part: float) -> float:
        return min(1.0, part / 0.01)
