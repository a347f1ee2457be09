"""Slow start: a new target's share of the requests grows from nothing to its full part.

Rules: Application Load Balancers guide, target groups, slow start mode. 0 is off, else 30 to 900 s, linear.
"""

from __future__ import annotations

from typing import Literal

SHORTEST, LONGEST = 30, 900

Algorithm = Literal["round_robin", "least_outstanding_requests", "weighted_random"]


def check_duration(seconds: int, algorithm: Algorithm = "round_robin") -> None:
    """Raises ValueError for what a target group refuses."""
    if seconds and not SHORTEST <= seconds <= LONGEST:
        raise ValueError(f"slow start lasts from {SHORTEST} to {LONGEST} seconds, or 0 for none; not {seconds}")
    if seconds and algorithm == "least_outstanding_requests":
        raise ValueError("slow start does not go with least_outstanding_requests")


def enters(healthy_before: int, in_slow_start: int) -> bool:
    """Whether a target that becomes healthy starts slowly: only beside a healthy one that is not in slow start. So a
    group that is registered in one go into an empty target group does not."""
    return healthy_before - in_slow_start > 0


def weight(age: float, seconds: float) -> float:
    """Its part of a full share, `age` seconds after it became healthy."""
    return 1.0 if seconds <= 0 else min(max(age / seconds, 0.0), 1.0)
