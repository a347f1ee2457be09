"""Decisions of two rollouts in order: which are the same, which only one of them took, and how much later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from bluegreen.report.compared.side import Side, Sides
from bluegreen.report.story import Row


@dataclass(frozen=True, slots=True)
class Pair:
    """A place where the way went on: as the first trace tells it, and the second. None: it never was there."""

    stage: str
    rows: tuple[Row | None, Row | None]

    @property
    def later(self) -> float | None:
        """Seconds by which the second came later than the first; less than nothing: earlier."""
        one, other = self.rows
        return other.at - one.at if one and other else None

    @property
    def same(self) -> bool:
        return None not in self.rows


def in_order(sides: Sides) -> tuple[Pair, ...]:
    """All of them. Two places are the same when the phase is, the step's share, and, at the end, how it ended."""
    one, other = _way(sides[0]), _way(sides[1])
    return tuple(_pairs(one, other))


def _pairs(one: list[tuple[str, Row]], other: list[tuple[str, Row]]) -> Iterator[Pair]:
    matcher = SequenceMatcher(None, [name for name, _ in one], [name for name, _ in other], autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        if kind == "equal":
            yield from (Pair(name, (row, other[k + n][1])) for n, (name, row) in enumerate(one[i:j]))
            continue
        yield from (Pair(name, (row, None)) for name, row in one[i:j])
        yield from (Pair(name, (None, row)) for name, row in other[k:m])


def _way(side: Side) -> list[tuple[str, Row]]:
    """Each place with the decision that led there. How many machines were asked for, and how often, does not count."""
    way: list[tuple[str, Row]] = []
    for row in side.rows:
        if row.kind != "decision":
            continue
        name = side.trace.ended if row.phase == "done" and side.trace.ended else row.stage
        if not way or way[-1][0] != name:
            way.append((name, row))
    return way
