"""What stands between the engine and the world: real boto3 calls on moto, or nothing at all.

moto    the engine's own AWS adapters, AWS's rules and wire formats: what `rehearse` runs.
memory  the ports straight on the world: for thousands of runs.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, Self

from bluegreen.lease.store import Store
from bluegreen.ports import Ports
from sim.cloudspec import CloudSpec

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from sim.world import World


class Tier(StrEnum):
    """Which one."""

    MOTO = "moto"
    MEMORY = "memory"


class Outside(Protocol):
    """AWS, as a run opens and closes it. Enter it before `world.start()`."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def preflight(self, rollout_id: str) -> None:
        """Raises UserError when the rollout cannot begin, OperatingError when nobody can tell."""
        ...

    def connect(self, rollout_id: str) -> Ports:
        """The ports of an engine that begins, or begins again."""
        ...

    def table(self) -> Store:
        """What a team's engines share; asked only for plans with a team."""
        ...


def outside(tier: Tier, world: World, plan: Plan, spec: CloudSpec) -> Outside:
    """The tier's. Only the one that is asked for is imported: moto costs a second."""
    if tier is Tier.MEMORY:
        from sim.memory import Memory  # noqa: PLC0415

        return Memory(world, plan, spec)
    from sim.cloud import Cloud  # noqa: PLC0415

    return Cloud(world, plan, spec)
