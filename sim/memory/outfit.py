"""What Beanstalk and teams' own commands make of a slot, on this tier; with AWS's names: `sim/cloud/outfit.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bluegreen.model import Slot
from sim.stages import starting_size

if TYPE_CHECKING:
    from sim.memory.store import Store


def make(store: Store, slot: Slot) -> None:
    """A balancer and a group behind it, like the live slot's, at its minimum."""
    place, live = store.place(slot), store.world.spec.live
    place.balancer.create(kind="application")
    store.created(slot, "balancer")
    store.created(slot, "target-group")
    place.fleet.create(*starting_size(store.world))
    place.fleet.health_check, place.fleet.grace, place.fleet.cooldown = live.health_check, live.grace, live.cooldown
    place.fleet.recheck()
    store.created(slot, "group")


def take(store: Store, slot: Slot) -> None:
    """What of it is there."""
    place = store.place(slot)
    if place.balancer.exists:
        store.world.settle()
        place.balancer.remove()
        store.world.clients.cut(slot)
        store.removed(slot, "balancer")
        store.removed(slot, "target-group")
    if place.fleet.exists and not place.fleet.removing:
        place.fleet.remove()
        store.removed(slot, "group")
