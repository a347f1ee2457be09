"""How old the answer is behind a request: the one question that decides how long an old answer lives on.

A cache that keeps answers for T and asks again at once holds an answer whose age is uniform on (0, T). A browser cache
in front of it adds an age of its own, uniform on (0, C): ages add up, worst cases too. Each age here knows its survival
function P(age > t) in closed form: the share of requests that still follow an answer from before a change t ago.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from math import e, factorial, inf, prod
from typing import Any, Protocol, TypeVar

from numpy.typing import NDArray

T = TypeVar("T", float, NDArray[Any])
"""A time in ms, or many of them: what is written with operators alone serves both."""


class Age(Protocol):
    """An answer's age at a random request, in ms."""

    @property
    def longest(self) -> float:
        """No answer is older than this, in ms. Infinite: there is no limit."""
        ...

    def survival(self, t: T) -> T:
        """P(age > t)."""
        ...


@dataclass(frozen=True, slots=True)
class Layers:
    """Caches one behind the other, each of which keeps what the next one said for `lives` ms: the age is a sum of
    uniforms. No layers: every request asks."""

    lives: tuple[float, ...]

    @property
    def longest(self) -> float:
        return sum(self.lives)

    def survival(self, t: T) -> T:
        lives = [life for life in self.lives if life > 0]
        if not lives:
            return (t < 0) * 1.0
        left = sum(lives) - (t > 0) * t
        volume = left * 0.0
        for size in range(len(lives) + 1):
            for some in combinations(lives, size):
                inside = left - sum(some)
                volume += (-1) ** size * (inside > 0) * inside ** len(lives)
        survival: T = volume / (factorial(len(lives)) * prod(lives))
        return survival


@dataclass(frozen=True, slots=True)
class Memoryless:
    """Asks again after a random time, exponential with `mean` ms, whatever was answered."""

    mean: float

    @property
    def longest(self) -> float:
        return inf

    def survival(self, t: T) -> T:
        left: T = e ** ((t > 0) * t / -self.mean)
        return left


@dataclass(frozen=True, slots=True)
class Endless:
    """Never asks again."""

    @property
    def longest(self) -> float:
        return inf

    def survival(self, t: T) -> T:
        return t * 0.0 + 1.0


@dataclass(frozen=True, slots=True)
class Part:
    """A share of all requests, whose answers have this age."""

    share: float
    age: Age


def survival(parts: Iterable[Part], t: T) -> T:
    """The share of all requests whose answer is older than `t` ms."""
    total = t * 0.0
    for part in parts:
        total += part.share * part.age.survival(t)
    return total


def longest(parts: Iterable[Part]) -> float:
    """The worst staleness of those who keep to any limit, in ms: B-11 of the field facts (Chromium's minute on top of
    its resolver's TTL)."""
    return max((part.age.longest for part in parts if part.age.longest < inf), default=0.0)
