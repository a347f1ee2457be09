"""Which acknowledged writes are where: counted by the million, and for a sample of keys followed one by one.

Two databases: the source, and a copy that follows it. Up to the copy's position they have the same; what the source has
taken after it is missing in the copy, and what the copy takes once it was promoted the source never sees, unless it is
brought back. Whoever is the truth in the end has lost what only the other one has.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from numpy.random import Generator

Where = Literal["source", "copy"]


@dataclass(frozen=True, slots=True)
class Write:
    """A write that somebody was told is safe. `number` counts all tracked ones; `at` in milliseconds."""

    at: float
    where: Where
    key: int
    number: int


@dataclass(slots=True)
class Books:
    """Counts, and the tracked sample. `share`: how many of the keys are tracked, and so of the writes."""

    rng: Generator
    keys: int
    share: float
    acknowledged: int = 0
    missed: int = 0
    """At the promotion: what the source had taken and the copy had not."""
    stranded: int = 0
    """Since then, in the source: from clients that nobody kept from writing there."""
    only_copy: int = 0
    """Since then, in the copy, and not brought back."""
    stale_reads: int = 0
    """Since then, answered by the source."""
    history: list[Write] = field(default_factory=list)
    position: float | None = None
    """Up to here the copy had the source's writes when it was promoted; None: it was not."""
    promoted_at: float | None = None
    back_at: float | None = None
    """Up to here the source has the copy's, by the last way back."""
    _recent: deque[tuple[int, int, int]] = field(default_factory=deque)

    def write(self, where: Where, start: int, end: int, count: int) -> None:
        """So many writes were acknowledged evenly over a stretch of time (ms)."""
        if not count:
            return
        self.acknowledged += count
        if self.position is None:
            self._recent.append((start, end, count))
        elif where == "source":
            self.stranded += count
        else:
            self.only_copy += count
        tracked = max(1, round(self.keys * self.share))
        for at in sorted(self.rng.uniform(start, end, self.rng.binomial(count, self.share)) if self.share else ()):
            self.history.append(Write(float(at), where, int(self.rng.integers(tracked)), len(self.history) + 1))

    def followed(self, position: float) -> None:
        """Everything up to here is in the copy: nobody will ask about it one by one any more."""
        while self._recent and self._recent[0][1] <= position:
            self._recent.popleft()

    def promote(self, position: float, at: float) -> None:
        """From now (`at`) on the copy goes its own way: what came after `position` is missing there."""
        self.missed = round(sum(_after(position, *stretch) for stretch in self._recent))
        self.position, self.promoted_at = position, at
        self._recent.clear()

    def bring_back(self, at: float) -> None:
        """What the copy has taken so far is in the source, too."""
        self.only_copy, self.back_at = 0, at

    def lost(self, truth: Where) -> int:
        """Acknowledged writes that the database which everybody uses in the end does not have."""
        if self.position is None:
            return 0
        return self.missed + self.stranded if truth == "copy" else self.only_copy

    def lost_keys(self, truth: Where) -> tuple[Write, ...]:
        """Tracked keys whose newest acknowledged write the truth does not have, by that write."""
        newest: dict[int, Write] = {}
        for write in sorted(self.history, key=lambda write: write.at):
            newest[write.key] = write
        return tuple(write for write in newest.values() if not self._has(truth, write))

    def conflicts(self) -> int:
        """Tracked keys that were written on both sides since they parted: whichever write wins, one is gone."""
        if self.position is None:
            return 0
        sides: dict[Where, set[int]] = {"source": set(), "copy": set()}
        for write in self._parted():
            sides[write.where].add(write.key)
        return len(sides["source"] & sides["copy"])

    def _parted(self) -> Iterator[Write]:
        return (write for write in self.history if self.position is not None and write.at > self.position)

    def _has(self, truth: Where, write: Write) -> bool:
        if write.where == truth or self.position is None:
            return True
        if truth == "copy":
            return write.at <= self.position
        return self.back_at is not None and write.at <= self.back_at


def _after(position: float, start: int, end: int, count: int) -> float:
    """How many of a stretch's writes came after a moment."""
    if position >= end:
        return 0.0
    return count * min(1.0, (end - position) / (end - start))
