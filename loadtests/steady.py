"""The same load all the time: what is usual. `locust -f loadtests/steady.py --headless --host http://shop.example.com`"""

from __future__ import annotations

from loadtests.shapes import Share
from loadtests.users import Visitor

__all__ = ["Steady", "Visitor"]


class Steady(Share):
    """All users from the beginning, or as fast as `--spawn-rate` starts them; 10 for two minutes."""

    abstract = False

    def share(self, part: float) -> float:
        return 1.0
