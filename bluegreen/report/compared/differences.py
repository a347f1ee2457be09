"""The differences that matter, as numbers: users' shares over time, how soon they follow, how soon trouble is noticed
and undone, whose requests failed, how long it took, what was decided. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from bluegreen.report.compared.moments import at, moments, realised
from bluegreen.report.compared.order import Pair, in_order
from bluegreen.report.compared.side import Side, Sides
from bluegreen.report.story import candidate_share
from bluegreen.report.summary import Harm
from bluegreen.report.trace import Decided
from bluegreen.report.words import share_of

Unit = Literal["share", "seconds", "requests", "decisions", "words"]
Value = float | str | None
Both = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """How far the two may be apart. None: as far as they like. Shares as parts of 1, times in seconds."""

    share: float | None = None
    """Users' share on the candidate, on average over time."""
    times: float | None = None
    failed: float | None = None
    """Failed requests' share of all."""
    same_decisions: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of both. `apart` is how far the second is from the first; None: it cannot be told."""

    name: str
    values: tuple[Value, Value]
    apart: float | None
    unit: Unit
    limit: float | None = None

    @property
    def empty(self) -> bool:
        """Nobody knows anything of it, and nobody asked."""
        return self.values == (None, None) and self.apart is None and self.limit is None

    @property
    def kept(self) -> bool | None:
        """Whether the limit was kept; what cannot be told keeps none. None: there is no limit."""
        if self.limit is None:
            return None
        return self.apart is not None and abs(self.apart) <= self.limit


@dataclass(frozen=True, slots=True)
class Comparison:
    """All there is to say of two traces."""

    sides: Sides
    differences: tuple[Difference, ...]
    decisions: tuple[Pair, ...]

    @property
    def kept(self) -> bool:
        """Whether every limit was."""
        return all(difference.kept is not False for difference in self.differences)

    @property
    def one_sided(self) -> tuple[Pair, ...]:
        """Decisions that only one of them took."""
        return tuple(pair for pair in self.decisions if not pair.same)


def compare(sides: Sides, limits: Limits = Limits()) -> Comparison:
    """Measure both."""
    decisions = in_order(sides)
    measured = [
        *_ends(sides, decisions, limits),
        *_shares(sides, limits),
        *_following(sides, limits),
        *_times(sides, limits),
        *_harm(sides, limits),
    ]
    return Comparison(sides, tuple(measured), decisions)


def _ends(sides: Sides, decisions: tuple[Pair, ...], limits: Limits) -> Iterator[Difference]:
    left, right = (side.trace.ended or "not ended" for side in sides)
    limit = 0.0 if limits.same_decisions else None
    yield Difference("end", (left, right), float(left != right), "words", limit)
    strays = [sum(pair.rows[n] is not None for pair in decisions if not pair.same) for n in (0, 1)]
    yield Difference(
        "decisions that the other did not take", (strays[0], strays[1]), float(sum(strays)), "decisions", limit
    )


# -- users --------------------------------------------------------------------------------------------------------


def _shares(sides: Sides, limits: Limits) -> Iterator[Difference]:
    """Over the longer of both; whoever has ended stays as it ended. Where one has no sample there is no difference."""
    gaps = []
    for moment in moments(sides):
        one, other = (at(side.samples, moment, realised(side), beyond=True) for side in sides)
        if one is not None and other is not None:
            gaps.append(abs(other - one))
    mean = sum(gaps) / len(gaps) if gaps else None
    names = ("users on the candidate, apart on average", "users on the candidate, apart at most")
    yield Difference(names[0], (None, None), mean, "share", limits.share)
    yield Difference(names[1], (None, None), max(gaps, default=None), "share")


def _following(sides: Sides, limits: Limits) -> Iterator[Difference]:
    """How soon after weights were set half of the users who should move had moved. By halves, for nobody can say of few
    requests when all of them have."""
    followed = [_followed(side) for side in sides]
    for name in dict.fromkeys([*followed[0], *followed[1]]):
        yield _apart(f"half of the users moved {name}", (followed[0].get(name), followed[1].get(name)), limits.times)


def _followed(side: Side) -> dict[str, float]:
    found: dict[str, float] = {}
    for decided, before, wanted in _turns(side):
        half = (before + wanted) / 2
        seen = ((s.at - s.length / 2, realised(side)(s)) for s in side.samples if s.at > decided.at)
        points = [(decided.at, before), *((t, share) for t, share in seen if share is not None)]
        crossed = next((_crossing(a, b, half) for a, b in pairwise(points) if _between(a[1], half, b[1])), None)
        name = f"from {before:.0%} to {wanted:.0%}"
        if crossed is not None and name not in found:
            found[name] = max(crossed - decided.at, 0.0)
    return found


def _turns(side: Side) -> Iterator[tuple[Decided, float, float]]:
    """Each decision that set weights anew: the candidate's share by weight before, and then."""
    latest: float | None = None
    for decided in side.trace.decisions:
        for action in decided.actions:
            if action.get("kind") != "weights":
                continue
            wanted = share_of(action.get("weights") or {}, side.trace.candidate)
            before = latest if latest is not None else candidate_share(side.trace, decided) or 0.0
            if wanted is not None and wanted != before:
                yield decided, before, wanted
                latest = wanted


def _between(one: float, middle: float, other: float) -> bool:
    return one <= middle <= other or other <= middle <= one


def _crossing(one: tuple[float, float], other: tuple[float, float], value: float) -> float:
    part = (value - one[1]) / (other[1] - one[1]) if other[1] != one[1] else 0.0
    return one[0] + part * (other[0] - one[0])


def _harm(sides: Sides, limits: Limits) -> Iterator[Difference]:
    def each(value: Callable[[Harm], float | None]) -> Both:
        return _each(sides, lambda side: None if side.summary.harm is None else value(side.summary.harm))

    yield _apart("failed requests", each(lambda harm: harm.failed), None, "requests")
    yield _apart("failed requests, share of all", each(lambda harm: harm.failed_share), limits.failed, "share")
    yield _apart("slow requests, share of all", each(lambda harm: harm.slow_share), None, "share")


# -- times --------------------------------------------------------------------------------------------------------


def _times(sides: Sides, limits: Limits) -> Iterator[Difference]:
    yield _apart("to detect", _each(sides, lambda side: side.summary.detect), limits.times)
    yield _apart("to go back", _each(sides, _way_back), limits.times)
    yield _apart("to recover", _each(sides, lambda side: side.summary.recover), limits.times)
    yield _apart("to finish", _each(sides, lambda side: side.summary.finish), limits.times)


def _way_back(side: Side) -> float | None:
    """From the decision to go back until the rollout was over with going back: all that could be moved had moved."""
    turned = side.summary.turned_at
    if turned is None:
        return None
    then = (decided for decided in side.trace.decisions if decided.at >= turned and decided.phase != "rollback")
    return next((decided.at - turned for decided in then), None)


def _each(sides: Sides, value: Callable[[Side], float | None]) -> Both:
    return value(sides[0]), value(sides[1])


def _apart(name: str, values: Both, limit: float | None, unit: Unit = "seconds") -> Difference:
    """What neither of them has needs no limit."""
    one, other = values
    if one is None or other is None:
        return Difference(name, values, None, unit, None if one is other else limit)
    return Difference(name, values, other - one, unit, limit)
