"""Knobs that several faults hold at once. No kind of its own.

A knob is an attribute of a part of the world. It stands at rest, or at what all faults that hold it make of it
together; the last one to let go puts it back exactly, in whatever order they struck and heal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from math import prod
from typing import Any, NamedTuple

Mix = Callable[[Any, Sequence[Any]], Any]
"""What a knob stands at: from its value at rest and the values of those that hold it (at least one)."""


def either(rest: float, chances: Sequence[float]) -> float:
    """Chances that do not know of each other: at least one comes true."""
    return 1 - (1 - rest) * prod(1 - chance for chance in sorted(chances))


def product(rest: float, factors: Sequence[float]) -> float:
    return rest * prod(sorted(factors))


def total(rest: Any, more: Sequence[Any]) -> Any:
    return sum(sorted(more), rest)


def least(rest: float | None, limits: Sequence[float]) -> float:
    """The tightest limit; None is none."""
    return min(limits) if rest is None else min(rest, *limits)


def more_often(rest: timedelta | None, means: Sequence[timedelta]) -> timedelta:
    """Mean times between events of independent kinds: their rates add up."""
    known = sorted([*means, rest] if rest is not None else means)
    return known[0] if len(known) == 1 else timedelta(seconds=1 / sum(1 / mean.total_seconds() for mean in known))


def union(rest: set[Any], more: Sequence[frozenset[Any]]) -> set[Any]:
    return rest.union(*more)


def listed(rest: Sequence[Any], more: Sequence[Any]) -> list[Any]:
    return [*rest, *more]


def laid_over(rest: Mapping[Any, Any], more: Sequence[Mapping[Any, Any]]) -> dict[Any, Any]:
    """Of those that name one key the last one counts."""
    return {key: value for layer in (rest, *more) for key, value in layer.items()}


class Turn(NamedTuple):
    """One fault's hand on one knob: the attribute `name` of `owner`, or what `put` sets under that name."""

    owner: Any
    name: str
    value: Any
    mix: Mix
    put: Callable[[Any, str, Any], None] = setattr
    rest: Any = ...
    """Where the knob stands at rest; left out, where it stands when the first fault turns it."""


class _Knob:
    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._rest = getattr(turn.owner, turn.name) if turn.rest is ... else turn.rest
        self.held: list[tuple[object, Any]] = []

    def set(self) -> None:
        turn, values = self._turn, [value for _, value in self.held]
        turn.put(turn.owner, turn.name, turn.mix(self._rest, values) if values else self._rest)


class Knobs:
    """All held knobs of one world."""

    def __init__(self) -> None:
        self._knobs: dict[tuple[int, str], _Knob] = {}

    def hold(self, turn: Turn, by: object) -> None:
        """One more hand on the knob: it stands at what all values make of it."""
        knob = self._knobs.setdefault((id(turn.owner), turn.name), _Knob(turn))
        knob.held.append((by, turn.value))
        knob.set()

    def let_go(self, turn: Turn, by: object) -> None:
        """Back to what the others make of it; the last one puts it to rest."""
        key = (id(turn.owner), turn.name)
        knob = self._knobs[key]
        del knob.held[next(i for i, (holder, _) in enumerate(knob.held) if holder is by)]
        knob.set()
        if not knob.held:
            del self._knobs[key]

    def holds(self, turn: Turn, by: object) -> bool:
        """Whether `by` has a hand on it now."""
        knob = self._knobs.get((id(turn.owner), turn.name))
        return knob is not None and any(holder is by for holder, _ in knob.held)
