"""Faults and people, drawn from their registry: a new kind of fault is drawn without a word here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from bluegreen.registry import kinds
from sim.faults.base import Fault, OnSlot
from sim.faults.drawing import SETS, draw_together
from sim.testing.chosen import Chosen

T = TypeVar("T")

HORIZON = timedelta(minutes=40)
PEOPLE = "operator_"


_KINDS = kinds("sim.faults", Fault)


def kinds_of_faults() -> tuple[str, ...]:
    """Every kind's name, sorted."""
    return tuple(_KINDS)


OF_A_SLOT = tuple(kind for kind, fault in _KINDS.items() if issubclass(fault, OnSlot) and not kind.startswith(PEOPLE))


@st.composite
def faults(
    draw: DrawFn, among: Sequence[str] = (), horizon: timedelta = HORIZON, *, of_candidate: bool = False
) -> Fault:
    """One fault: of which kind, how bad, how long, and when: by the clock within `horizon`, or by what the rollout
    does. `of_candidate`: only what the new version can bring, and the live slot stays as it is."""
    possible = among or (OF_A_SLOT if of_candidate else kinds_of_faults())
    fault = draw_together(Chosen(draw), (draw(st.sampled_from(possible)),), horizon)[0]
    return fault.model_copy(update={"slot": None}) if of_candidate else fault


@st.composite
def _several(draw: DrawFn, horizon: timedelta) -> tuple[Fault, ...]:
    """Some that strike and heal as one: a zone is lost and the others are full."""
    return _kept(draw, draw_together(Chosen(draw), draw(st.sampled_from(SETS)), horizon))


def timelines(
    most: int = 3, among: Sequence[str] = (), horizon: timedelta = HORIZON, *, of_candidate: bool = False
) -> SearchStrategy[tuple[Fault, ...]]:
    """Up to `most` times something goes wrong: mostly one fault, sometimes several at once. `among`: of these kinds
    only, one by one; `of_candidate`: see `faults`."""
    one = faults(among, horizon, of_candidate=of_candidate).map(lambda fault: (fault,))
    return _timelines(most, one if among or of_candidate else one | one | one | _several(horizon))


@st.composite
def _timelines(draw: DrawFn, most: int, one: SearchStrategy[tuple[Fault, ...]]) -> tuple[Fault, ...]:
    parts = [draw(one) for _ in range(most)]
    return tuple(fault for part in _kept(draw, parts) for fault in part)


def _kept(draw: DrawFn, drawn: Sequence[T]) -> tuple[T, ...]:
    """Some of them. All are drawn, and then it is chosen which of them happen: so shrinking can leave out any of them
    without a change in what the others are made of."""
    return tuple(each for each in drawn if draw(st.booleans()))


def people(most: int = 4, horizon: timedelta = HORIZON) -> SearchStrategy[tuple[Fault, ...]]:
    """What operators do: they pause, abort, promote, change weights by hand, and forget about it."""
    return timelines(most, [kind for kind in kinds_of_faults() if kind.startswith(PEOPLE)], horizon)
