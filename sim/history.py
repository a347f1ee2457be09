"""What the name servers said lately, and what caches in one or two layers make of it, exactly.

The share of answers that name blue is constant between changes. A layer of busy caches that keep answers for T shows
the mean of the last T; a layer on top of it the mean of those means. So every value, and every mean over any stretch of
time, is made of differences of that step function's integrals: closed forms, however time is cut.

Times are in ms, from a beginning of the history's own that moves along.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import combinations
from math import prod

Term = tuple[float, tuple[float, ...]]
"""A weight, and the lives of the layers of caches through which it sees the answers: none, one or two."""

KEPT = 4
"""The beginning moves when it is so many times `reach` ago: seldom, and early enough for exact integrals."""


class History:
    """Answers over time. `reach`: how far back anybody looks, in ms. Before the beginning all was as at it."""

    __slots__ = ("answers", "integrals", "now", "reach", "starts")

    def __init__(self, p: float, reach: float) -> None:
        self.reach, self.now = reach, 0.0
        self.starts, self.answers = [0.0], [p]
        self.integrals = [(0.0, 0.0, 0.0)]
        """The first three integrals of the answers, at each start."""

    @property
    def flat(self) -> bool:
        """Whether nothing within reach differs from now."""
        return self.now - self.starts[-1] >= self.reach

    def say(self, p: float) -> None:
        """From now on the share of answers that name blue is `p`."""
        if p == self.answers[-1]:
            return
        if self.flat:
            self._begin([0.0], [self.answers[-1]], 0.0)
        elif self.now > KEPT * self.reach:
            self._forget()
        self._append(self.now, p)

    def at(self, when: float) -> tuple[float, float, float, float]:
        """The share of answers and its first three integrals."""
        step = max(0, bisect_right(self.starts, when) - 1)
        passed, p = when - self.starts[step], self.answers[step]
        first, second, third = self.integrals[step]
        return (
            p,
            first + p * passed,
            second + passed * (first + p * passed / 2),
            third + passed * (second + passed * (first / 2 + p * passed / 6)),
        )

    def _append(self, start: float, p: float) -> None:
        self.integrals.append(self.at(start)[1:])
        self.starts.append(start)
        self.answers.append(p)

    def _begin(self, starts: list[float], answers: list[float], now: float) -> None:
        self.starts, self.answers = starts[:1], answers[:1]
        self.integrals, self.now = [(0.0, 0.0, 0.0)], now
        for start, p in zip(starts[1:], answers[1:], strict=True):
            self._append(start, p)

    def _forget(self) -> None:
        """Leave out what nobody sees any more; integrals begin anew, so they stay small and exact."""
        oldest = max(0, bisect_right(self.starts, self.now - self.reach) - 1)
        shift = self.starts[oldest]
        starts = [start - shift for start in self.starts[oldest:]]
        self._begin(starts, self.answers[oldest:], self.now - shift)


class Kernel:
    """A weighted sum of views through layers of caches."""

    def __init__(self, terms: Iterable[Term]) -> None:
        """Raises ValueError for more than two layers."""
        self.weight = self.reach = 0.0
        shifts: dict[float, list[float]] = {}
        for weight, lives in terms:
            layers = [life for life in lives if life > 0]
            if len(layers) > 2:
                raise ValueError(f"{len(layers)} layers of caches; at most two are integrated")
            self.weight += weight
            self.reach = max(self.reach, sum(layers))
            for size in range(len(layers) + 1):
                for some in combinations(layers, size):
                    shift = shifts.setdefault(sum(some), [0.0, 0.0, 0.0])
                    shift[len(layers)] += (-1) ** size * weight / prod(layers)
        self._shifts = [(shift, c[0], c[1], c[2]) for shift, c in sorted(shifts.items())]

    def now(self, history: History) -> float:
        """The blue share, times the weight, now."""
        if history.flat:
            return self.weight * history.answers[-1]
        total = 0.0
        for shift, direct, one, two in self._shifts:
            p, first, second, _ = history.at(history.now - shift)
            total += direct * p + one * first + two * second
        return total

    def mean(self, history: History, length: float) -> float:
        """The mean of `now` over the last `length` ms. Before that, nothing may have been forgotten since."""
        if history.now - length - history.starts[-1] >= self.reach:
            return self.weight * history.answers[-1]
        return (self._integral(history, history.now) - self._integral(history, history.now - length)) / length

    def _integral(self, history: History, at: float) -> float:
        starts, answers, integrals = history.starts, history.answers, history.integrals
        total = 0.0
        for shift, direct, one, two in self._shifts:  # `History.at`, spelled out: this is where the time goes
            when = at - shift
            step = bisect_right(starts, when) - 1
            step = max(step, 0)
            passed, p = when - starts[step], answers[step]
            first, second, third = integrals[step]
            total += (
                direct * (first + p * passed)
                + one * (second + passed * (first + p * passed / 2))
                + two * (third + passed * (second + passed * (first / 2 + p * passed / 6)))
            )
        return total
