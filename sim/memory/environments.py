"""The Environments port: the world's places, looked at and changed as `bluegreen/aws/environments` does."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from bluegreen.errors import Busy, Missing
from bluegreen.model import EnvironmentView, Presence, Slot
from sim.memory.built import built
from sim.memory.calls import Calls
from sim.memory.copying import Copy
from sim.memory.named import Group, Named
from sim.memory.store import Store

ABSENT = EnvironmentView(Presence.ABSENT)


class Given(Named):
    """The live slot."""

    def look(self) -> EnvironmentView:
        group, balancer = self.seen()
        if group is None and not balancer:
            return ABSENT
        if group is None or not balancer or group.going:
            return EnvironmentView(Presence.REMOVING, detail=f"only {left(group, balancer)} left")
        return self.view(group)

    def create(self) -> None:
        group, balancer = self.seen()
        if group is None or not balancer or group.going:
            raise Missing(f"{self.slot} is to be there already, and is not whole")

    def remove(self) -> None:
        self.take_down(*self.seen())

    def preflight(self) -> None:
        self.seen()
        if self.store.plan.retire == "remove" and self.store.application:
            self.calls.ask("elbv2:DescribeLoadBalancerAttributes", lambda: None)


class Kept(Given):
    """A candidate that is there already. Never removed."""

    def preflight(self) -> None:
        self.seen()


class Clone(Named):
    """The candidate."""

    def __init__(self, calls: Calls, store: Store, slot: Slot) -> None:
        super().__init__(calls, store, slot)
        self._live = Named(calls, store, slot.other)
        self._copy = Copy(calls, store, slot, self._live, self)
        self._complete = False

    def look(self) -> EnvironmentView:
        group, balancer = self.seen()
        if group is None:
            self._complete = False
            found = self._left_over(balancer)
            if not found:
                return ABSENT
            return EnvironmentView(Presence.CREATING, detail=f"no group yet; there is {', '.join(found)}")
        if not balancer or group.going:
            return EnvironmentView(Presence.REMOVING, detail=f"only {left(group, balancer)} left")
        view = self.view(group)
        if view.presence is Presence.READY and not self._is_complete():
            return self.view_of(group, Presence.CREATING, "scaling policies are missing", view)
        return view

    def create(self) -> None:
        group, balancer = self._live.seen()
        if group is None or not balancer:
            raise Missing(f"the live slot to copy is not whole: there is {left(group, balancer)}")
        self._copy.make(group)

    def remove(self) -> None:
        self._complete = False
        self.forget()
        group, balancer = self.seen()
        if balancer:
            self.calls.ask("elbv2:DescribeTags" if self.store.application else "elb:DescribeTags", lambda: None)
        self.take_down(group, balancer, check=True)
        if group is None:
            with suppress(Busy):
                self._copy.remove_rest()

    def preflight(self) -> None:
        self._live.seen()
        self._copy.preflight()

    def _is_complete(self) -> bool:
        if not self._complete:
            self._complete = not self._copy.policies_missing()
        return self._complete

    def _left_over(self, balancer: bool) -> list[str]:
        parts = {
            "a launch template": self._copy.finds_template(),
            "a balancer": balancer,
            "a target group": self._copy.finds_target_group(),
        }
        return [name for name, there in parts.items() if there]


class Way(Protocol):
    """One slot's environment, however it came to be."""

    def look(self) -> EnvironmentView: ...

    def create(self) -> None: ...

    def resize(self, instances: int) -> None: ...

    def hold_scale_in(self, held: bool) -> None: ...

    def remove(self) -> None: ...

    def facts(self) -> bool: ...

    def preflight(self) -> None: ...

    def named(self) -> Named | None:
        """Its group and balancer; None while there is nothing of it."""
        ...


@dataclass(frozen=True, slots=True)
class Environments:
    """`bluegreen.ports.Environments`."""

    ways: Mapping[Slot, Way]

    def look(self, slot: Slot) -> EnvironmentView:
        return self.ways[slot].look()

    def create(self, slot: Slot) -> None:
        self.ways[slot].create()

    def resize(self, slot: Slot, instances: int) -> None:
        self.ways[slot].resize(instances)

    def hold_scale_in(self, slot: Slot, held: bool) -> None:
        self.ways[slot].hold_scale_in(held)

    def remove(self, slot: Slot) -> None:
        self.ways[slot].remove()

    def built(self, slot: Slot) -> Mapping[str, str]:
        named = self.ways[slot].named()
        return built(named) if named else {}

    def facts(self, slot: Slot) -> bool:
        """Whether the slot has a balancer that a record could point at."""
        return self.ways[slot].facts()

    def preflight(self) -> None:
        for slot in sorted(self.ways):
            self.ways[slot].preflight()


def left(group: Group | None, balancer: bool) -> str:
    """What is left, in words."""
    parts = {"its group": group is not None, "its balancer": balancer}
    return " and ".join(name for name, there in parts.items() if there) or "nothing"
