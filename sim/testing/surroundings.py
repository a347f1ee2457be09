"""Worlds, demands and clouds: an ordinary day with a few things different."""

from __future__ import annotations

from functools import cache
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from sim.demand import DemandSpec
from sim.testing.knobs import Knob, knobs, turned
from sim.worldspec import WorldSpec

PRECISION = frozenset({"step", "sample"})
"""How finely the world is worked out: no property of a world."""


def worlds(most: int = 2) -> SearchStrategy[dict[str, Any]]:
    """What a scenario says under `world`: up to `most` of its numbers halved or doubled, or chosen otherwise."""
    return turned(_of_world(), most)


def demands(most: int = 2) -> SearchStrategy[dict[str, Any]]:
    """What it says under `world.demand`, spikes included."""
    spikes = st.lists(_spikes(), min_size=1, max_size=2).map(lambda spikes: {"spikes": spikes})
    return st.tuples(turned(knobs(DemandSpec()), most), st.just({}) | spikes).map(
        lambda parts: {**parts[0], **parts[1]}
    )


def clouds() -> SearchStrategy[dict[str, Any]]:
    """What it says under `cloud`: what there is before the rollout, as far as a rollout may begin there."""
    return st.fixed_dictionaries(
        {}, optional={"balancer": st.just("classic"), "record": st.just("simple"), "change_processing": st.just("20s")}
    )


@cache
def _of_world() -> tuple[Knob, ...]:
    return knobs(WorldSpec(), leave=PRECISION)


@st.composite
def _spikes(draw: st.DrawFn) -> dict[str, Any]:
    minutes, factors = st.integers(1, 60).map(lambda count: f"{count}m"), st.sampled_from((2.0, 5.0, 0.2))
    return {"at": draw(minutes), "lasts": draw(minutes), "factor": draw(factors)}
