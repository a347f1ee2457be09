"""Where random faults come from: a generator with a seed, or anything else that can choose. No kind of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from numpy.random import Generator

from bluegreen.model import Slot

T = TypeVar("T")

SHARES = (0.05, 0.1, 0.3, 0.5, 1.0)
"""From what may pass unseen to all of it."""
SLOTS: tuple[Slot | None, ...] = (None, Slot.BLUE, Slot.GREEN)
"""None: the candidate, or both; the kind says which."""


class Chance(Protocol):
    """Makes the choices of a draw. Options come mildest first: whoever shrinks a failing draw goes to the front."""

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""

    def whole(self, low: int, high: int) -> int:
        """A whole number, both bounds included."""


class Seeded:
    """`Chance` from a seeded generator: every option alike."""

    def __init__(self, rng: Generator) -> None:
        self._rng = rng

    def pick(self, options: Sequence[T]) -> T:
        return options[self.whole(0, len(options) - 1)]

    def whole(self, low: int, high: int) -> int:
        return int(self._rng.integers(low, high, endpoint=True))
