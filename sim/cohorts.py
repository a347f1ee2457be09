"""Groups of alike clients, by how they keep DNS answers.

`advance(length, p)`: `length` ms pass, during which a fresh answer is blue with probability `p`; the result is the mean
over that time of the share of all requests that comes from this cohort and goes to blue. `now()` is that share now.
However time is cut, the means are the same.
"""

from __future__ import annotations

from math import exp
from typing import Protocol

from numpy.random import Generator

from sim.draws import binomial
from sim.history import History, Kernel, Term


class Cohort(Protocol):
    """What all cohorts have."""

    def settled(self, p: float) -> bool:
        """Whether nothing changes any more while answers are as they are: all of them 0 or 1, and all clients agree."""
        ...

    def advance(self, length: int, p: float) -> float: ...
    def now(self) -> float: ...
    def rest(self, length: int) -> None:
        """`length` ms pass, in which all keep the answer on which they agreed."""
        ...


class Source(Cohort, Protocol):
    """Caches that others ask: who keeps what they said for longer."""

    def said(self, length: int) -> float:
        """The share of what they said in the last `length` ms, the last stretch, that was blue."""
        ...

    def says(self) -> float:
        """The same now."""
        ...


class Caches:
    """Caches that keep each answer for a fixed time and are asked all the time, and what stands in front of them.

    Those that ask in the same stretch draw together, in one binomial draw: exact in distribution, at the same cost for
    three thousand and three billion. What was drawn stays in the history for as long as the answers live, so the noise
    has the right size and the right memory. Clients in front of a cache share its luck; what luck of their own they
    have is smaller than that of the requests themselves, and left out.
    """

    def __init__(
        self, terms: list[Term], own: list[Term], p: float, rng: Generator, *, caches: float, period: float
    ) -> None:
        """`terms`: whose requests these are. `own`: how those see the caches who ask them directly, with weight 1.
        `period`: ms from one question of a cache to its next."""
        self._kernel, self._own, self._rng = Kernel(terms), Kernel(own), rng
        self._rate = caches / period if period else 0.0
        self._left = 0.0
        # Each cache holds one answer at the start: so lucky were they.
        held = binomial(rng, max(1, round(caches)), p) / max(1, round(caches))
        self._history = History(held, max(self._kernel.reach, self._own.reach))

    def settled(self, p: float) -> bool:
        return self._history.flat and self._history.answers[-1] == p and p in {0.0, 1.0}

    def advance(self, length: int, p: float) -> float:
        self._say(p, length)
        self._history.now += length
        return self._kernel.mean(self._history, length)

    def now(self) -> float:
        return self._kernel.now(self._history)

    def rest(self, length: int) -> None:
        self._history.now += length

    def said(self, length: int) -> float:
        return self._own.mean(self._history, length)

    def says(self) -> float:
        return self._own.now(self._history)

    def _say(self, p: float, length: int) -> None:
        if 0 < p < 1 and self._rate:
            asking = self._rate * length
            self._left += asking
            asked = int(self._left)
            self._left -= asked
            p += (binomial(self._rng, asked, p) - asked * p) / asking
        self._history.say(p)


class Restless:
    """Each cache asks again after a random time, exponential with mean `every` ms: who asks does not depend on age.
    Cut anywhere, the number of caches with a blue answer is the same Markov chain."""

    def __init__(self, weight: float, caches: float, every: float, p: float, rng: Generator) -> None:
        self._weight, self._caches, self._every, self._rng = weight, max(1, round(caches)), every, rng
        self._blue = binomial(rng, self._caches, p)
        self._kept: dict[int, float] = {}

    def settled(self, p: float) -> bool:
        return self._blue == p * self._caches and p in {0.0, 1.0}

    def advance(self, length: int, p: float) -> float:
        caches, blue = self._caches, self._blue
        kept = self._kept.get(length)
        if kept is None:
            kept = self._kept[length] = exp(-length / self._every)
        asking, before = 1 - kept, blue / caches
        rng = self._rng
        self._blue = binomial(rng, blue, kept + asking * p) + binomial(rng, caches - blue, asking * p)
        expected = p + (before - p) * kept
        # The mean given both ends: their regression for a process with this memory.
        part = self._every / length * asking
        mean = p + (before - p) * part + part / (1 + kept) * (self._blue / caches - expected)
        return self._weight * min(1.0, max(0.0, mean))

    def now(self) -> float:
        return self._weight * self._blue / self._caches

    def rest(self, length: int) -> None:
        pass


class Steady:
    """Nobody ever asks again."""

    def __init__(self, weight: float, caches: float, p: float, rng: Generator) -> None:
        caches = max(1, round(caches))
        self._blue = weight * binomial(rng, caches, p) / caches

    def settled(self, p: float) -> bool:
        return True

    def advance(self, length: int, p: float) -> float:
        return self._blue

    def now(self) -> float:
        return self._blue

    def rest(self, length: int) -> None:
        pass
