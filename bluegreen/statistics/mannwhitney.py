"""Is one sample larger than another? The Mann-Whitney U test as Kayenta's judge uses it.

The test is Mann and Whitney's (Ann. Math. Stat. 18, 1947) by its normal approximation, with corrections for ties and
continuity; the interval is that of the shifts that the test does not refuse (Hodges and Lehmann, Ann. Math. Stat. 34,
1963), found where the test's statistic crosses the normal quantile. The rule around it is Kayenta's (Netflix's judge:
confidence 0.98, tolerance 0.25 of the estimated shift, effect size as the ratio of means).

It is here for comparison. It is made for one look after a fixed time, so that looking often raises its false-alarm
rate; its tolerance grows with the estimate, so that a worse candidate may pass where a better one fails; and
mostly equal samples (no errors but in few minutes) can hide a bad candidate. `sequential.py` has none of these.
Left out on purpose: the noise that Kayenta adds to constant samples, which makes its answer a matter of chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt
from typing import Literal

CONFIDENCE = 0.98
TOLERANCE = 0.25
PRECISION = 1e-4
"""To which the ends of the interval are found. The statistic is a step function, so that they lie beside the step."""

Judged = Literal["pass", "high", "low"]


@dataclass(frozen=True, slots=True)
class Shift:
    """How much larger the candidate's values are than live's, in their unit."""

    low: float
    estimate: float
    high: float


def p_value(candidate: Sequence[float], live: Sequence[float]) -> float:
    """The two-sided chance of a difference like this between samples of one distribution; 1 when all values are equal.
    Both samples have at least one value."""
    from scipy.special import ndtr  # noqa: PLC0415

    z = _Statistic(candidate, live).at(0.0, corrected=True)
    return float(min(1.0, 2 * ndtr(-abs(z))))


def shift(candidate: Sequence[float], live: Sequence[float], confidence: float = CONFIDENCE) -> Shift:
    """The shift between two samples, and its interval. Both have at least one value, and not all are equal."""
    from scipy.special import ndtri  # noqa: PLC0415

    quantile = -float(ndtri((1 - confidence) / 2))
    statistic = _Statistic(candidate, live)
    return Shift(
        low=statistic.root(quantile, corrected=True),
        estimate=statistic.root(0.0, corrected=False),
        high=statistic.root(-quantile, corrected=True),
    )


def effect(candidate: Sequence[float], live: Sequence[float]) -> float:
    """The ratio of means; not a number when either is 0, and then the effect is not asked for."""
    ours, theirs = sum(candidate) / len(candidate), sum(live) / len(live)
    return ours / theirs if ours and theirs else nan


def kayenta(candidate: Sequence[float], live: Sequence[float], allowed_increase: float = 1.0) -> tuple[Judged, Shift]:
    """What Kayenta says of two samples, and the shift it says it on. `high` means that the candidate's values are too
    large: the whole interval lies above a quarter of the estimate, and the effect is not below `allowed_increase`."""
    if sorted(candidate) == sorted(live) or len({*candidate, *live}) == 1:
        return "pass", Shift(0.0, 0.0, 0.0)
    found, ratio = shift(candidate, live), effect(candidate, live)
    bound = TOLERANCE * abs(found.estimate)
    if found.low > bound and not ratio < allowed_increase:
        return "high", found
    if found.high < -bound and not ratio > 1 / allowed_increase:
        return "low", found
    return "pass", found


class _Statistic:
    """The standardised sum of ranks, of the candidate's values moved down by some shift."""

    def __init__(self, candidate: Sequence[float], live: Sequence[float]) -> None:
        self._candidate, self._live = candidate, live
        self._least, self._most = min(candidate) - max(live), max(candidate) - min(live)

    def at(self, moved: float, *, corrected: bool) -> float:
        """It falls as `moved` grows."""
        n, m = len(self._candidate), len(self._live)
        ranks, ties = _ranks([*(value - moved for value in self._candidate), *self._live])
        over = sum(ranks[:n]) - n * (n + 1) / 2 - n * m / 2
        if corrected and over:
            over -= 0.5 if over > 0 else -0.5
        spread = n * m / 12 * ((n + m + 1) - ties / ((n + m) * (n + m - 1)))
        return over / sqrt(spread) if spread > 0 else 0.0

    def root(self, level: float, *, corrected: bool) -> float:
        """The shift at which the statistic falls through `level`, or the end of all possible ones."""
        low, high = self._least, self._most
        if self.at(low, corrected=corrected) <= level:
            return low
        if self.at(high, corrected=corrected) >= level:
            return high
        while high - low > PRECISION * min(1.0, self._most - self._least):
            middle = (low + high) / 2
            if self.at(middle, corrected=corrected) > level:
                low = middle
            else:
                high = middle
        return (low + high) / 2


def _ranks(values: Sequence[float]) -> tuple[list[float], int]:
    """Each value's rank, the mean one among equals; and the sum of t³-t over groups of t equals."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks, ties, start = [0.0] * len(values), 0, 0
    while start < len(order):
        stop = start + 1
        while stop < len(order) and values[order[stop]] == values[order[start]]:
            stop += 1
        for place in order[start:stop]:
            ranks[place] = (start + stop + 1) / 2
        ties += (stop - start) ** 3 - (stop - start)
        start = stop
    return ranks, ties
