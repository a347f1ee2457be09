"""Does it answer at all? A few users for half a minute."""

from __future__ import annotations

from loadtests.shapes import Share
from loadtests.users import Visitor

__all__ = ["Smoke", "Visitor"]


class Smoke(Share):
    """5 users for 30 s."""

    abstract = False
    users, lasts = 5, 30.0

    def share(self, part: float) -> float:
        return 1.0
