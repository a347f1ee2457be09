"""Caches and connections whose life depends on more than a clock: unequal TTLs, and connections that can be cut.

Who asked in the same stretch is one parcel, and asks again together, evenly over a stretch as long, when its answer has
lived. That is exact for what asked evenly, and nearly so otherwise: callers pass stretches of `STEP` at most.
"""

from __future__ import annotations

from collections import deque
from math import ceil, expm1

from numpy.random import Generator

from sim.draws import binomial

STEP = 5_000
"""ms. Shares within a stretch are off by at most about (STEP / life)², at the moment of a change."""

Parcel = list[float]
"""From when to when its holders ask again, evenly, in ms; and which part of all they are."""


class Renewals:
    """Holders of an answer (or of a connection to what it named) for `lives` ms: of one that names green, and blue."""

    def __init__(
        self,
        weight: float,
        lives: tuple[float, float],
        p: float,
        rng: Generator,
        *,
        caches: float = 0.0,
        gap: float = 0.0,
    ) -> None:
        """In equilibrium with answers that name blue with probability `p`. `caches`: how many draw an answer; 0: no
        noise. `gap`: mean ms after an answer's end until the next request, which asks."""
        self.weight, self.lives = weight, lives
        self._rng, self._caches, self._gap = rng, caches, gap
        self._now = self._left = 0.0
        cycle = (1 - p) * lives[0] + p * lives[1] + gap
        self._masses = [(1 - p) * lives[0] / cycle, p * lives[1] / cycle]
        self._idle = gap / cycle
        self._parcels: list[deque[Parcel]] = [deque(), deque()]
        for parcels, life, mass in zip(self._parcels, lives, self._masses, strict=True):
            if mass:
                parcels.append([0.0, life, mass])
        self._p = p
        self._said = self.says()

    def settled(self, p: float) -> bool:
        return p in {0.0, 1.0} and not self._masses[p <= 0] and not self._gap

    def advance(self, length: int, p: float) -> float:
        self._p = p
        if self.settled(p):
            self._now += length
            self._said = p
            return self.weight * p
        self._wake()
        end = self._now + length
        before = list(self._masses)
        asked = self._asking(self._end(0, end) + self._end(1, end), length)
        blue = min(1.0, max(0.0, p + self._luck(asked, p))) * asked
        for slot, fresh in ((0, asked - blue), (1, blue)):
            if fresh > 0:
                life = self.lives[slot]
                self._parcels[slot].append([self._now + life, end + life, fresh])
                self._masses[slot] += fresh
        self._now = end
        green_held, blue_held = ((old + new) / 2 for old, new in zip(before, self._masses, strict=True))
        used = length / self._gap if self._gap else 1.0  # requests of one holder
        asks, named = (asked, blue) if self._gap else (0.0, 0.0)
        self._said = (blue_held * used + named) / ((blue_held + green_held) * used + asks)
        return self.weight * self._said

    def now(self) -> float:
        return self.weight * self.says()

    def said(self, length: int) -> float:
        return self._said

    def says(self) -> float:
        green, blue = self._masses
        idle = self._idle if self._gap else 0.0  # who asks at this moment, per request of a holder
        return (blue + idle * self._p) / (blue + green + idle)

    def rest(self, length: int) -> None:
        self._now += length

    def cut(self, blue: bool, p: float) -> None:
        """All who hold blue (or all who hold green) lose it, and ask now; `p` of the answers name blue."""
        self._wake()
        lost = self._masses[blue]
        self._parcels[blue].clear()
        self._masses[blue] = 0.0
        for slot, fresh in ((0, lost * (1 - p)), (1, lost * p)):
            if fresh > 0:
                until = self._now + self.lives[slot]
                self._parcels[slot].append([until, until + 1, fresh])
                self._masses[slot] += fresh

    def _wake(self) -> None:
        """Whoever should have asked meanwhile did, and heard the same: parcels move on by whole lives."""
        now = self._now
        for slot, parcels in enumerate(self._parcels):
            if not parcels or parcels[0][0] >= now:
                continue
            life, awake = self.lives[slot], list[Parcel]()
            for start, end, mass in parcels:
                turns = max(0, ceil((now - start) / life))
                first, last = start + turns * life, end + turns * life
                late = max(0.0, last - now - life)  # what of it has asked in this turn
                awake.append([first, last - late, mass * (1 - late / (end - start))])
                if late:
                    awake.append([now, now + late, mass * late / (end - start)])
            self._parcels[slot] = deque(sorted(awake))

    def _end(self, slot: int, until: float) -> float:
        """How many of the slot's holders ask until then; they hold it no longer."""
        parcels, ended = self._parcels[slot], 0.0
        while parcels and parcels[0][1] <= until:
            ended += parcels.popleft()[2]
        if parcels and parcels[0][0] < until:
            start, end, mass = parcels[0]
            part = mass * (until - start) / (end - start)
            parcels[0] = [until, end, mass - part]
            ended += part
        self._masses[slot] = self._masses[slot] - ended if parcels else 0.0
        return ended

    def _asking(self, ended: float, length: int) -> float:
        """With gaps, only a request asks: from those who waited before, and those who came to wait meanwhile."""
        if not self._gap:
            return ended
        passed = length / self._gap
        some = -expm1(-passed)
        asked = self._idle * some + ended * (1 - some / passed)
        self._idle += ended - asked
        return asked

    def _luck(self, asked: float, p: float) -> float:
        if not self._caches or not 0 < p < 1 or not asked:
            return 0.0
        asking = self._caches * asked
        self._left += asking
        count = int(self._left)
        self._left -= count
        return (binomial(self._rng, count, p) - count * p) / asking
