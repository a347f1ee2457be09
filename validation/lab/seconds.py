"""Caches that count in whole seconds, as real resolvers do: what the formulas become.

An answer that comes at a moment t lives until the whole second floor(t) + A, where A is the TTL, or a second more by
the program's rule. While a cache is asked at Poisson moments its misses come an exponential time after a whole second,
so the part of a second that is lost is an exponential time, folded.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, exp, expm1


def mean_life(rate: float, ends: int) -> float:
    """Seconds that an answer lives on average; `ends` is A."""
    return ends - (1 / rate - 1 / expm1(rate))


def hit_rate(rate: float, ends: int) -> float:
    """Jung's formula for answers that live for `mean_life`."""
    reach = rate * mean_life(rate, ends)
    return reach / (1 + reach)


def still_old(rate: float, ends: int, t: float, phases: Sequence[float]) -> float:
    """The share of questions that get the old answer t seconds after changes at these parts of a second."""
    misses = rate / (1 + rate * mean_life(rate, ends))  # a second and cache
    return misses * sum(_seconds(rate, ends, t, phase) for phase in phases) / len(phases)


def _seconds(rate: float, ends: int, t: float, phase: float) -> float:
    """In how many seconds an answer may have come that was old at the change and is not over yet: whole ones before
    the second of the change, and the part of that one, in which misses come early."""
    left = ends - phase - t
    if left <= 0:
        return 0.0
    return ceil(left) - 1 + (1 - exp(-rate * phase)) / (1 - exp(-rate))
