"""One world behind each tier's ports: what a test says of them must hold on both."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bluegreen.model import Slot
from bluegreen.plan import Plan
from bluegreen.ports import Ports
from sim.cloudspec import CloudSpec
from sim.tiers import Outside, Tier, outside
from sim.world import World
from sim.worldspec import WorldSpec

PLAN = {
    "service": {"name": "shop", "zone": "example.com", "record": "www.example.com"},
    "live": {"balancer": "shop-blue", "group": "shop-blue"},
    "candidate": {"clone": {"image": "ami-0abcdef0123456789"}},
    "strategy": {"kind": "all_at_once", "hold": "5m"},
    "gates": [{"kind": "threshold", "measure": "error_rate", "below": "1%"}],
    "retire": "remove",
    "guard": {"accounts": ["123456789012"], "regions": ["us-east-1"]},
}
ROLLOUT = "shop-20300101-000000"
BLUE, GREEN = Slot.BLUE, Slot.GREEN


@dataclass
class Setting:
    """A running world, the ports of an engine on it, and the means to start another engine."""

    world: World
    outside: Outside
    ports: Ports

    def wait(self, **length: float) -> None:
        self.world.clock.sleep(timedelta(**length))

    def again(self) -> Ports:
        """The ports of an engine that was started anew."""
        self.ports = self.outside.connect(ROLLOUT)
        return self.ports

    def create_green(self) -> None:
        """Until it is whole and its first machines are healthy."""
        for _ in range(60):
            self.ports.environments.create(GREEN)
            self.wait(seconds=15)
            if self.ports.environments.look(GREEN).healthy:
                return
        raise AssertionError("green never came to be")

    def settle_weights(self) -> None:
        for _ in range(60):
            if self.ports.traffic.read().in_sync:
                return
            self.wait(seconds=10)
        raise AssertionError("the weights were never in sync")


@pytest.fixture(params=[Tier.MEMORY, Tier.MOTO])
def tier(request: pytest.FixtureRequest) -> Tier:
    return Tier(request.param)


@pytest.fixture
def make(tier: Tier) -> Iterator[Callable[..., Setting]]:
    """`make(plan={...}, cloud={...}, **world)`: a setting on this tier."""
    with ExitStack() as opened:

        def setting(plan: dict[str, Any] | None = None, cloud: dict[str, Any] | None = None, **spec: Any) -> Setting:
            parsed = Plan.model_validate({**PLAN, **(plan or {})})
            world = World(WorldSpec.model_validate(spec), parsed, 1)
            there = outside(tier, world, parsed, CloudSpec.model_validate(cloud or {}))
            opened.enter_context(there)
            world.start()
            there.preflight(ROLLOUT)
            return Setting(world, there, there.connect(ROLLOUT))

        yield setting
