"""Worlds to look into: a plan that needs no file, and worlds that are already under way."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bluegreen.model import Slot
from bluegreen.plan import Plan
from sim.clock import EPOCH
from sim.world import World
from sim.worldspec import WorldSpec

PLAN = {
    "service": {"name": "shop", "zone": "example.com", "record": "www.example.com"},
    "live": {"balancer": "shop-blue", "group": "shop-blue"},
    "candidate": {"clone": {"image": "ami-0abcdef0123456789"}},
    "strategy": {"kind": "all_at_once", "hold": "5m"},
    "gates": [{"kind": "threshold", "measure": "error_rate", "below": "1%"}],
    "guard": {"accounts": ["123456789012"], "regions": ["us-east-1"]},
}

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world() -> MakeWorld:
    """`make_world(seed=1, green=0, ttl=None, **spec)`: a started world; `green` warm candidate machines serve."""

    def make(seed: int = 1, green: int = 0, ttl: str | None = None, **spec: Any) -> World:
        plan = PLAN if ttl is None else {**PLAN, "service": {**PLAN["service"], "records": "cname", "ttl": ttl}}
        world = World(WorldSpec.model_validate(spec), Plan.model_validate(plan), seed)
        world.start()
        run(world, milliseconds=1)  # whatever is due at a full minute has happened when that minute is over
        if green:
            place = world.places[Slot.GREEN]
            place.balancer.create(setup=timedelta(0))
            place.fleet.create(green, green, 100)
            run(world, minutes=10)
        return world

    return make


def run(world: World, **length: float) -> None:
    """Let the world go on for `length`, like `minutes=5`."""
    world.clock.sleep(timedelta(**length))


def at(**length: float) -> datetime:
    """A time since the beginning."""
    return EPOCH + timedelta(**length)
