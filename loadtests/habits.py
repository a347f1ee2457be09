"""How a user treats DNS answers and connections: the kinds of users of the world (docs/rehearse.md), one at a time."""

from __future__ import annotations

import socket
from argparse import Namespace
from dataclasses import dataclass
from ipaddress import ip_address
from random import Random
from time import monotonic
from typing import Literal

from bluegreen.errors import UserError
from loadtests.resolving import Resolver
from loadtests.tally import TALLY

GOLDEN = 0.6180339887498949
"""Multiples of the golden ratio, modulo 1, fill 0 to 1 evenly however many there are: shares come out right with few
users, too."""
NEGATIVE = 10.0
"""Seconds for which a failed lookup is remembered (the JVM's networkaddress.cache.negative.ttl: 10)."""
FOR_EVER = float("inf")
Kind = Literal["honest", "stretching", "connected", "never"]
SPECIAL: tuple[Kind, ...] = ("never", "connected", "stretching")


@dataclass(frozen=True, slots=True)
class Habit:
    """One user's. Times in seconds."""

    kind: Kind
    stretch: float
    connection: float
    rng: Random

    def keeps(self, ttl: float) -> float:
        """For how long an answer is kept."""
        if self.kind == "never":
            return FOR_EVER
        return self.rng.expovariate(1 / self.stretch) if self.kind == "stretching" else ttl


def check_shares(options: Namespace) -> None:
    """Raises UserError."""
    total = sum(getattr(options, each) for each in SPECIAL)
    if total > 1 + 1e-9:
        raise UserError(f"--{', --'.join(SPECIAL)} add up to {total:.0%}, more than 100%")


def habit_of(options: Namespace, worker: int, number: int) -> Habit:
    """Of the user that this worker started as its `number`-th: the same for the same seed and number of workers."""
    place = (Random(f"{options.seed}/{worker}").random() + number * GOLDEN) % 1
    kind: Kind = "honest"
    for each in SPECIAL:
        part = getattr(options, each)
        if 0 <= place < part:
            kind = each
        place -= part
    return Habit(kind, options.stretch, options.connection, Random(f"{options.seed}/{worker}/{number}"))


class Lookups:
    """One user's cache of answers. `port`: where to connect to; 0: where the address of the service says."""

    def __init__(self, resolver: Resolver, habit: Habit, port: int = 0) -> None:
        self._resolver, self._habit, self.port = resolver, habit, port
        self._known: dict[str, tuple[float, tuple[str, ...] | socket.gaierror]] = {}

    def addresses(self, name: str) -> tuple[str, ...]:
        """Kept ones, or new ones. Raises socket.gaierror."""
        until, known = self._known.get(name) or (0.0, ())
        if monotonic() >= until:
            until, known = self._known[name] = self._asked(name)
        if isinstance(known, socket.gaierror):
            raise known
        return known

    def wanted_until(self, name: str, address: str, born: float) -> float:
        """Until when a connection to `address`, made at the monotonic time `born`, is the one to use: ask again then.
        0 when it is not."""
        if self._habit.kind == "connected":
            until = born + self._habit.connection
            return until if monotonic() < until else 0.0
        try:
            addresses = self.addresses(name)
        except socket.gaierror:
            addresses = (address,)  # nobody gives up a good connection because nobody answers
        return self._known[name][0] if address in addresses else 0.0

    def _asked(self, name: str) -> tuple[float, tuple[str, ...] | socket.gaierror]:
        if _literal(name):
            return FOR_EVER, (name,)
        TALLY["lookups"] += 1
        try:
            answer = self._resolver.ask(name)
        except socket.gaierror as error:
            TALLY["lookups failed"] += 1
            return monotonic() + NEGATIVE, error
        return monotonic() + self._habit.keeps(answer.ttl), answer.addresses


def _literal(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
