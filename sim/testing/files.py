"""Rollout files: valid ones of any kind, and a team's own with other numbers.

Strategies and gates are drawn as they are written in their own examples (`bluegreen.registry.examples`): a new kind
brings its own. Everything else is a turned knob.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic import TypeAdapter, ValidationError

from bluegreen.gates.base import Gate
from bluegreen.plan import Plan, load_plan
from bluegreen.registry import Spec, examples_of, kinds
from bluegreen.strategies.base import Strategy
from bluegreen.traffic.base import Mover
from bluegreen.units import parse_duration, show_duration
from sim.scenario import catalogue, merge
from sim.testing.drawn import content_of
from sim.testing.knobs import FACTORS, Knob, knobs, turned

SHOP = catalogue() / "rollouts" / "shop.rollout.yaml"
SMALL: Mapping[str, Any] = MappingProxyType(
    {
        "strategy": {"kind": "all_at_once", "hold": "5m"},
        "bake": "1m",
        "drain": {"below": "1%", "quiet": "1m", "ceiling": "1h"},
    }
)
"""As `change`: the shortest rollout that has every phase. Several times as many are tried in the same time."""
IDENTITY = frozenset({"service", "live", "candidate", "guard", "team", "notify", "hooks"})
"""What a rollout is of, and who is told: no numbers to play with."""
_PERCENT, _LENGTH = re.compile(r"\d+(\.\d+)?%"), re.compile(r"(\d+(\.\d+)?(ms|[dhms]))+")


def numbers(rollout: Path | str, most: int = 3) -> SearchStrategy[dict[str, Any]]:
    """Changes to a team's own file: up to `most` of the numbers that stand in it, halved or doubled, as far as the
    file stays a valid one. For a scenario's `change`. Raises UserError for a file that is wrong."""
    path = Path(rollout).resolve()
    content = {key: value for key, value in content_of(path).items() if key not in IDENTITY}
    found = list(_numbers(content, ()))
    one = st.sampled_from(found).flatmap(
        lambda knob: st.sampled_from(knob.values).map(lambda value: (knob.path, value))
    )
    turns = st.lists(one, max_size=most if found else 0, unique_by=lambda turn: turn[0])
    return turns.map(lambda turns: _rewritten(content, turns)).filter(lambda change: _valid(path, change))


def changes(most: int = 3) -> SearchStrategy[dict[str, Any]]:
    """Changes to the catalogue's shop that make any valid rollout of it: another strategy, other gates, another way to
    move traffic, and up to `most` knobs turned."""
    parts = {  # here, not while a draw is timed: the first use reads files
        "strategy": st.sampled_from(written("bluegreen.strategies", Strategy)),
        "gates": st.lists(st.sampled_from(written("bluegreen.gates", Gate)), min_size=1, max_size=3),
        "traffic": st.sampled_from(_movers()),
    }
    kinds_drawn = st.fixed_dictionaries({}, optional=parts)
    drawn = st.tuples(turned(_of_plan(), most), kinds_drawn).map(lambda both: {**both[0], **both[1]})
    return drawn.filter(lambda change: _valid(SHOP, change))


def rollout_files(most: int = 3) -> SearchStrategy[dict[str, Any]]:
    """The content of a valid rollout file."""
    return changes(most).map(lambda change: merge(content_of(SHOP), change))


def plans(most: int = 3) -> SearchStrategy[Plan]:
    """What `bluegreen` makes of it."""
    return rollout_files(most).map(Plan.model_validate)


@cache
def written(package: str, base: type[Spec]) -> tuple[dict[str, Any], ...]:
    """Every kind of a registry, as its examples write it."""
    return tuple(one for kind in kinds(package, base).values() for one in examples_of(kind))


@cache
def _movers() -> tuple[dict[str, Any], ...]:
    """Those that can move the shop in some steps: not those that need an environment of Beanstalk."""
    steps = written("bluegreen.strategies", Strategy)
    ways = written("bluegreen.traffic", Mover)
    return tuple(way for way in ways if any(_valid(SHOP, {"traffic": way, "strategy": some}) for some in steps))


@cache
def _of_plan() -> tuple[Knob, ...]:
    return knobs(load_plan(SHOP), leave=IDENTITY | {"strategy", "look_limit"})


def _valid(path: Path, change: dict[str, Any]) -> bool:
    try:
        TypeAdapter(Plan).validate_python(merge(content_of(path), change))
    except ValidationError:
        return False
    return True


def _numbers(content: Any, path: tuple[Any, ...]) -> Iterator[Knob]:
    """Every number below, in the notation in which it stands there."""
    if isinstance(content, dict | list):
        for key, inner in content.items() if isinstance(content, dict) else enumerate(content):
            yield from _numbers(inner, (*path, key))
    elif others := _scaled(content):
        yield Knob(path, others)


def _scaled(written: Any) -> tuple[Any, ...]:
    if isinstance(written, bool) or written in (0, "0%", "0s"):
        return ()
    if isinstance(written, int):
        return tuple(sorted({max(1, int(written * factor)) for factor in FACTORS} - {written}))
    if isinstance(written, float):
        return tuple(written * factor for factor in FACTORS)
    if isinstance(written, str) and _PERCENT.fullmatch(written):
        return tuple(f"{share:.4g}%" for factor in FACTORS if (share := float(written[:-1]) * factor) <= 100)
    if isinstance(written, str) and _LENGTH.fullmatch(written):
        return tuple(show_duration(parse_duration(written) * factor) for factor in FACTORS)
    return ()


def _rewritten(content: dict[str, Any], turns: list[tuple[tuple[Any, ...], Any]]) -> dict[str, Any]:
    """The sections in which something was turned."""
    changed = deepcopy({key: content[key] for key in sorted({path[0] for path, _ in turns})})
    for path, value in turns:
        here: Any = changed
        for key in path[:-1]:
            here = here[key]
        here[path[-1]] = value
    return changed
