"""Which cases are tried: one function per mode, each a stream of cases that the same material always gives again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations, count
from typing import Any, TypeVar

from bluegreen.registry import kinds
from sim.draws import generator
from sim.explore.baseline import Baseline
from sim.explore.case import Case
from sim.explore.every import every
from sim.explore.swarm import drawn
from sim.faults.base import Deed, Fault
from sim.interruptions import KINDS, every_way
from sim.material import Material
from sim.scenario import built_in, load_scenario

T = TypeVar("T")

LASTS = timedelta(minutes=20)
"""How long a fault lasts that is tried alone, at each moment."""
BY_CALL = frozenset({"api_once"})
"""Kinds whose moment is a call: the mode `calls` tries them at each."""


@dataclass(frozen=True, slots=True)
class Space:
    """Where cases come from. `kinds`: of these kinds of faults only; `pairs`: the list whose pairs are tried."""

    material: Material
    baseline: Baseline
    kinds: Sequence[str]
    pairs: Sequence[Fault] = ()


def random(space: Space) -> Iterator[Case]:
    """Seed by seed, from the material's own on: without an end."""
    for seed in count(space.material.seed):
        yield drawn(seed, space.kinds, space.baseline.lasted)


def single(space: Space) -> Iterator[Case]:
    """Each fault of each kind at each moment."""
    cases = []
    for kind in space.kinds:
        for fault in [] if kind in BY_CALL else every(kind):
            cases += [Case(space.material.seed, (_at(fault, moment),)) for moment in _moments(fault, space)]
    yield from _mixed(_once(cases), space)


def calls(space: Space) -> Iterator[Case]:
    """Each way to interrupt each call, as `bluegreen survive` does: the same end must come."""
    ways = every_way(space.baseline.calls)
    seed, end = space.material.seed, space.baseline.end
    yield from _mixed([Case(seed, (KINDS[kind](call),), end) for call, kind in ways], space)


def pairs(space: Space) -> Iterator[Case]:
    """Each two of a list of faults, together; by default all that the catalogue's scenarios meet."""
    listed = space.pairs or catalogued()
    yield from _mixed([Case(space.material.seed, two) for two in combinations(listed, 2)], space)


MODES: dict[str, Callable[[Space], Iterator[Case]]] = {
    "random": random,
    "single": single,
    "calls": calls,
    "pairs": pairs,
}


def all_kinds(*, data: bool = False) -> tuple[str, ...]:
    """Every kind of fault, sorted; those of databases only with `data`."""
    found: dict[str, type[Fault]] = kinds("sim.faults", Fault)  # type: ignore[assignment]
    return tuple(kind for kind, fault in found.items() if data or not fault.of_data)


def catalogued() -> tuple[Fault, ...]:
    """Every fault of the catalogue, each once."""
    return tuple(_once([fault for path in built_in().values() for fault in load_scenario(path).faults]))


def _once(items: Sequence[T]) -> list[T]:
    """Each different one; not all of them can be hashed."""
    return list({repr(item): item for item in items}.values())


def _moments(fault: Fault, space: Space) -> Sequence[dict[str, Any]]:
    """A kind that chose its own moment has no other."""
    own = fault.phase is not None or fault.share is not None or fault.at is not None
    return [{}] if own else space.baseline.moments


def _at(fault: Fault, moment: dict[str, Any]) -> Fault:
    lasting = {} if isinstance(fault, Deed) else {"lasts": LASTS}
    return fault.model_copy(update={**moment, **lasting})


def _mixed(cases: list[T], space: Space) -> Iterator[T]:
    """In an order of chance, so that a budget that ends early has seen some of everything."""
    order = generator(space.material.seed, "order of exploration").permutation(len(cases))
    return (cases[at] for at in order)
