"""Whole scenarios, drawn: the one strategy that a property test needs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy
from pydantic import ValidationError

from bluegreen.gates.asked import AskedGate
from bluegreen.plan import Plan
from sim.checks import CheckAnswer, Said
from sim.faults.base import Fault
from sim.testing.drawn import Drawn, content_of
from sim.testing.files import SHOP
from sim.testing.surroundings import worlds
from sim.testing.trouble import timelines

SEEDS = st.integers(1, 10**6)
SAID: tuple[Said, ...] = ("pass", "fail", "unknown", "hang")
Part = SearchStrategy[dict[str, Any]] | Mapping[str, Any]
"""Of a scenario file: drawn, or always the same."""


def scenarios(
    rollout: Path | str | None = None,
    *,
    faults: SearchStrategy[tuple[Fault, ...]] | None = None,
    world: Part | None = None,
    change: Part = MappingProxyType({}),
    cloud: Part = MappingProxyType({}),
) -> SearchStrategy[Drawn]:
    """Scenarios for a rollout file, from the current folder, or for the catalogue's shop. Unless told otherwise up to
    three faults strike in a world of which two numbers are not as usual, and the file is taken as it is. Checks that
    the file asks for pass, fail, or never end. Raises UserError for a file that is wrong."""
    path = None if rollout is None else Path(rollout).resolve()
    content_of(path or SHOP)  # here, not while a draw is timed; and a wrong file is told at once
    parts = {
        "change": _drawn(change),
        "world": _drawn(worlds() if world is None else world),
        "cloud": _drawn(cloud),
        "faults": timelines() if faults is None else faults,
    }
    return _scenarios(path, st.fixed_dictionaries(parts))


def _drawn(part: Part) -> SearchStrategy[Any]:
    return part if isinstance(part, SearchStrategy) else st.just(dict(part))


@st.composite
def _scenarios(draw: DrawFn, path: Path | None, parts: SearchStrategy[dict[str, Any]]) -> Drawn:
    content = {"about": "Drawn by Hypothesis.", "rollout": path, "seed": draw(SEEDS), **draw(parts)}
    try:
        drawn = Drawn.model_validate(content)
    except ValidationError:
        reject()
    if not drawn.possible:
        reject()
    return drawn.model_copy(
        update={"checks": Drawn.model_validate({**content, "checks": draw(_fare(drawn.plan))}).checks}
    )


def _fare(plan: Plan) -> SearchStrategy[dict[str, CheckAnswer]]:
    """How what the plan asks of others fares: some of it not as hoped."""
    names = sorted(names_asked(plan))
    said = st.lists(st.sampled_from(SAID), min_size=1, max_size=3)
    answers = said.map(lambda answers: CheckAnswer(answers=tuple(answers)))
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, answers))


def names_asked(plan: Plan) -> set[str]:
    """The names of checks, hooks and gates that ask somebody."""
    return {check.name for check in (*plan.verify.checks, *(hook.check for hook in plan.hooks))} | {
        gate.name for gate in plan.gates if isinstance(gate, AskedGate)
    }
