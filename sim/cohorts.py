"""Groups of alike clients, by how they keep DNS answers. Each counts how many of its clients hold a blue answer.

`step(p)` is one tick, during which a fresh answer is blue with probability `p`.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate, pairwise
from math import ceil, exp
from typing import Protocol

from numpy.random import Generator


class Cohort(Protocol):
    """What all cohorts have."""

    size: int
    blue: int


def draw(rng: Generator, count: int, p: float) -> int:
    """How many of `count` fresh answers are blue."""
    if p <= 0 or p >= 1 or not count:
        return count if p >= 1 else 0
    return int(rng.binomial(count, p))


def evenly(count: int, parts: int) -> list[int]:
    """`count` in `parts` nearly equal parts."""
    return [count * (k + 1) // parts - count * k // parts for k in range(parts)]


class Ring:
    """Each answer is kept for `life`: a ring of buckets by the tick in which it ends, equally full."""

    def __init__(self, size: int, life: timedelta, tick: timedelta, p: float, rng: Generator) -> None:
        self.size, self._rng, self._at = size, rng, 0
        self._sizes = evenly(size, max(1, ceil(life / tick)))
        self._blue = [draw(rng, count, p) for count in self._sizes]
        self.blue = sum(self._blue)

    def step(self, p: float) -> None:
        at = self._at
        fresh = draw(self._rng, self._sizes[at], p)
        self.blue += fresh - self._blue[at]
        self._blue[at] = fresh
        self._at = (at + 1) % len(self._sizes)


class Restless:
    """Each client asks again after a random time, exponential with mean `every`: who asks does not depend on age."""

    def __init__(self, size: int, every: timedelta, tick: timedelta, p: float, rng: Generator) -> None:
        self.size, self._rng = size, rng
        self._asking = 1 - exp(-(tick / every))
        self.blue = draw(rng, size, p)

    def step(self, p: float) -> None:
        from_blue = draw(self._rng, self.blue, self._asking)
        from_green = draw(self._rng, self.size - self.blue, self._asking)
        self.blue += draw(self._rng, from_blue + from_green, p) - from_blue


class Steady:
    """Nobody ever asks again."""

    def __init__(self, size: int, p: float, rng: Generator) -> None:
        self.size = size
        self.blue = draw(rng, size, p)


class Giants:
    """Large resolvers: one answer each, for all their clients, kept for `life`. `users`: how many each has."""

    def __init__(self, users: list[int], life: timedelta, tick: timedelta, p: float, rng: Generator) -> None:
        self.size, self._users, self._rng, self._at = sum(users), users, rng, 0
        self._named = [bool(rng.random() < p) for _ in users]
        self.blue = sum(users for users, named in zip(self._users, self._named, strict=True) if named)
        self._ending: list[list[int]] = [[] for _ in range(max(1, ceil(life / tick)))]
        for resolver, slot in enumerate(rng.integers(len(self._ending), size=len(users))):
            self._ending[slot].append(resolver)

    def step(self, p: float) -> None:
        for resolver in self._ending[self._at]:
            named = bool(self._rng.random() < p)
            self.blue += self._users[resolver] * (named - self._named[resolver])
            self._named[resolver] = named
        self._at = (self._at + 1) % len(self._ending)


def zipf(size: int, parts: int, exponent: float) -> list[int]:
    """`size` in parts of which the n-th is about 1/n^exponent of the first."""
    weights = [rank**-exponent for rank in range(1, parts + 1)]
    edges = [round(size * edge / sum(weights)) for edge in accumulate(weights, initial=0.0)]
    return [high - low for low, high in pairwise(edges)]
