"""Samples of two stores, side by side. What differs is looked at twice: it may have been on its way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

SHOWN = 20
"""So many keys of those that differ are named."""


class Samples(Protocol):
    """One store, as far as it is compared. May raise OperatingError."""

    def draw(self, count: int, seed: int) -> Sequence[str]:
        """The keys of about so many items, drawn at random. Another seed, other items."""
        ...

    def contents(self, keys: Sequence[str]) -> Mapping[str, str]:
        """What these items hold, as text that is equal when they are; those that are not there are left out."""
        ...

    def count(self) -> int:
        """How many items there are. See the store how exact that is."""
        ...


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison found. An item `differs` when both looks saw different things and nothing moved between them;
    it is `moving` when something did, so nobody can tell."""

    what: str
    compared: int
    counts: tuple[int, int]
    differ: tuple[str, ...]
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    moving: int

    @property
    def divergent(self) -> int:
        """How many items of the sample are not the same."""
        return len(self.differ) + len(self.only_first) + len(self.only_second)


def compare(
    what: str,
    first: Samples,
    second: Samples,
    *,
    sample: int,
    seed: int,
    patience: timedelta,
    pause: Callable[[timedelta], None],
) -> Comparison:
    """Compare about `sample` items. Raises OperatingError."""
    keys = sorted({*first.draw(-(-sample // 2), seed), *second.draw(-(-sample // 2), seed)})
    before = first.contents(keys), second.contents(keys)
    suspects = [key for key in keys if before[0].get(key) != before[1].get(key)]
    after = before
    if suspects:
        pause(patience)
        after = first.contents(suspects), second.contents(suspects)
    still = [key for key in suspects if after[0].get(key) != after[1].get(key)]
    stood = [key for key in still if all(after[side].get(key) == before[side].get(key) for side in (0, 1))]
    return Comparison(
        what,
        len(keys),
        (first.count(), second.count()),
        tuple(key for key in stood if key in after[0] and key in after[1]),
        tuple(key for key in stood if key not in after[1]),
        tuple(key for key in stood if key not in after[0]),
        len(still) - len(stood),
    )
