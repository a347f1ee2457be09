"""Choices that are Hypothesis's: what fails shrinks to few and mild faults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

T = TypeVar("T")


class Chosen:
    """`sim.faults.chance.Chance` from a composite strategy's `draw`."""

    def __init__(self, draw: DrawFn) -> None:
        self._draw = draw

    def pick(self, options: Sequence[T]) -> T:
        return options[self.whole(0, len(options) - 1)]

    def whole(self, low: int, high: int) -> int:
        return self._draw(st.integers(low, high))
