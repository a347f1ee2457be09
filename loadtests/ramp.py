"""How much does it carry? Users come along a straight line, and then stay for a while."""

from __future__ import annotations

from loadtests.shapes import Share
from loadtests.users import Visitor

__all__ = ["Ramp", "Visitor"]


class Ramp(Share):
    """To 100 users in four minutes, then one minute of all of them."""

    abstract = False
    users, lasts = 100, 300.0

    def share(self, part: float) -> float:
        return part / 0.8 if part < 0.8 else 1.0
