"""What if everybody comes at once? A fifth of the users, suddenly all of them, a fifth again."""

from __future__ import annotations

from loadtests.shapes import Share
from loadtests.users import Visitor

__all__ = ["Spike", "Visitor"]


class Spike(Share):
    """100 users in the middle fifth of five minutes, 20 before and after."""

    abstract = False
    users, lasts = 100, 300.0

    def share(self, part: float) -> float:
        return 1.0 if 0.4 <= part < 0.6 else 0.2
