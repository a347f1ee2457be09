"""Programs that call a slot by the name of its balancer: weights do not move them, and DNS never hears of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """So many requests at once, at every whole multiple of `every` milliseconds since the start."""

    requests: int
    every: int

    def between(self, start: int, end: int) -> int:
        """Its requests in [start, end), in milliseconds."""
        return self.requests * (-(-end // self.every) - -(-start // self.every))
