"""Where users go after a change of weights: most of them ask again within the TTL, some much later.

Two kinds, fitted to two published figures (Flavel, Mani, Maltz, IEEE LANMAN 2014: of all requests, 10 % follow the old
answer 60 s after a change and 2 % after 15 minutes): `SLOW` of them ask again at random, on average after `ASKS_AFTER`;
the others' answers run out evenly over one TTL.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from math import exp, log

from bluegreen.model import Slot

ASKS_AFTER = timedelta(seconds=840 / log(5))
"""From 10 % to 2 % in 840 s: 522 s."""
SLOW = 0.1 * exp(timedelta(seconds=60) / ASKS_AFTER)

Shares = Mapping[Slot, float]


class Users:
    """The share of all requests that each slot gets, as time goes by."""

    def __init__(self, shares: Shares, ttl: timedelta, *, late: bool = True) -> None:
        """`late`: whether some ask again much later. Behind one balancer nobody asks at all."""
        self._ttl, self._slow_part = ttl, SLOW if late else 0.0
        self._named = self._before = dict(shares)
        self._slow = dict(shares)
        self._since = ttl  # how long ago the answers changed

    def shares(self) -> dict[Slot, float]:
        """Now."""
        old = max(0.0, 1 - self._since / self._ttl) if self._ttl else 0.0
        slow = self._slow_part
        return {
            slot: slow * self._slow[slot] + (1 - slow) * (old * self._before[slot] + (1 - old) * self._named[slot])
            for slot in Slot
        }

    def answer(self, shares: Shares) -> None:
        """From now on Route 53 answers so."""
        self._before, self._named, self._since = self._named, dict(shares), timedelta(0)

    def go_on(self, length: timedelta) -> None:
        """Let time go by."""
        kept = exp(-length / ASKS_AFTER)
        self._since += length
        self._slow = {slot: self._named[slot] + (self._slow[slot] - self._named[slot]) * kept for slot in Slot}
