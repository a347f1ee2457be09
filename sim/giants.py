"""Large resolvers, drawn one by one: a single answer moves all their users, which is why shares of DNS are lumpy."""

from __future__ import annotations

from heapq import heapify, heapreplace
from itertools import accumulate, pairwise

from numpy.random import Generator

DICE = 64
"""Random numbers are drawn in so large batches, in the order in which resolvers ask: how time is cut changes none."""


class Giants:
    """Each resolver asks again when its answer has lived, for all its users at once. Moments of asking are random."""

    def __init__(self, weight: float, users: list[int], lives: tuple[int, int], p: float, rng: Generator) -> None:
        """`users`: how many each resolver has. `lives`: ms that an answer naming green, and one naming blue, lives; a
        second at least."""
        self._users, self._rng, self._now = users, rng, 0
        self._total = sum(users)
        self._unit = weight / max(1, self._total)
        self._lives = (max(1000, lives[0]), max(1000, lives[1]))
        self._dice: list[float] = []
        green, blue = self._lives
        held = p * blue / (p * blue + (1 - p) * green)
        self._named = [number < held for number in rng.random(len(users)).tolist()]
        self._count = sum(self._named)
        self._blue = sum(user for user, named in zip(users, self._named, strict=True) if named)
        phases = rng.random(len(users)).tolist()
        # In whole ms, from 1 to the answer's whole life: the life is over at the end of the ms.
        self._next = [(1 + int(phase * self._lives[self._named[i]]), i) for i, phase in enumerate(phases)]
        heapify(self._next)

    def settled(self, p: float) -> bool:
        return self._count == p * len(self._users) and p in {0.0, 1.0}

    def advance(self, length: int, p: float) -> float:
        end = self._now + length
        if self.settled(p):
            self._now = end
            return self._unit * self._blue
        asking, users, named, lives = self._next, self._users, self._named, self._lives
        if asking[0][0] <= self._now:
            self._wake()
        blue, count, dice = self._blue, self._count, self._dice
        area, certain = blue * length, p <= 0 or p >= 1
        while asking[0][0] <= end:
            at, resolver = asking[0]
            if certain:
                says = p >= 1
            else:
                if not dice:
                    dice += self._rng.random(DICE).tolist()[::-1]
                says = dice.pop() < p
            if says != named[resolver]:
                named[resolver] = says
                change = users[resolver] if says else -users[resolver]
                blue += change
                count += 1 if says else -1
                area += change * (end - at)
            heapreplace(asking, (at + lives[says], resolver))
        self._now, self._blue, self._count = end, blue, count
        return self._unit * area / length

    def now(self) -> float:
        return self._unit * self._blue

    def rest(self, length: int) -> None:
        self._now += length

    def _wake(self) -> None:
        """They asked all along and heard the same: who asks next, and when."""
        now, life = self._now, self._lives[self._named[0]]
        asking = self._next
        for place, (at, resolver) in enumerate(asking):
            if at <= now:
                asking[place] = (at + ((now - at) // life + 1) * life, resolver)
        heapify(asking)


def zipf(size: int, parts: int, exponent: float) -> list[int]:
    """`size` in parts of which the n-th is about 1/n^exponent of the first."""
    weights = [rank**-exponent for rank in range(1, parts + 1)]
    total = sum(weights)
    edges = [round(size * edge / total) for edge in accumulate(weights, initial=0.0)]
    return [high - low for low, high in pairwise(edges)]
