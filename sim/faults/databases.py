"""What the faults of databases share: they matter to plans with `data`. No kind of its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from sim.faults.base import Deed, Fault
from sim.faults.knobs import Mix, Turn
from sim.scene import Scene

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.world import World


class OnData(Fault):
    """The base of those that last."""

    of_data: ClassVar[bool] = True

    def turn(self, scene: Scene, name: str, value: Any, mix: Mix) -> Turn:
        """A hand on one of the world's `Hazards`."""
        return Turn(scene.world.hazards, name, value, mix, partial(_put, scene.world))


class DeedOnData(Deed):
    """The base of what people do to databases by hand."""

    of_data: ClassVar[bool] = True


def any_of(rest: bool, held: Sequence[bool]) -> bool:
    return rest or any(held)


def _put(world: World, owner: Any, name: str, value: Any) -> None:
    """Requests feel it from now on."""
    world.settle()
    setattr(owner, name, value)
    if world.data is not None:
        world.data.felt()
