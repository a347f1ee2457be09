"""Every fault of a kind: all choices that its draw can make, one after another, mildest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from sim.faults.base import Fault
from sim.faults.drawing import draw_kind

T = TypeVar("T")


class Following:
    """`Chance` that makes the choices it was told, and the first possible one after them."""

    def __init__(self, told: Sequence[int]) -> None:
        self._told = tuple(told)
        self.made: list[tuple[int, int]] = []
        """Each choice that was made, and of how many."""

    def pick(self, options: Sequence[T]) -> T:
        return options[self._next(len(options))]

    def whole(self, low: int, high: int) -> int:
        return low + self._next(high - low + 1)

    def _next(self, count: int) -> int:
        at = len(self.made)
        choice = self._told[at] if at < len(self._told) else 0
        self.made.append((choice, count))
        return choice


def every(kind: str) -> Iterator[Fault]:
    """Each different fault that a draw of this kind can give; it strikes at once and never heals."""
    told: tuple[int, ...] | None = ()
    while told is not None:
        chance = Following(told)
        yield draw_kind(chance, kind)
        told = _after(chance.made)


def _after(made: Sequence[tuple[int, int]]) -> tuple[int, ...] | None:
    """The next choices, like the next number on a counter."""
    for at in reversed(range(len(made))):
        choice, count = made[at]
        if choice + 1 < count:
            return (*(before for before, _ in made[:at]), choice + 1)
    return None
