"""Elastic Beanstalk environments and their swap, call by call as `bluegreen/aws/environments/beanstalk.py` and
`bluegreen/aws/traffic/beanstalk_swap.py` do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bluegreen.errors import Busy, Missing, Refused
from bluegreen.model import EnvironmentView, Presence, Slot, TrafficView
from bluegreen.traffic.beanstalk_swap import BeanstalkSwap as Spec
from sim.memory.calls import Calls
from sim.memory.copying import nothing
from sim.memory.environments import ABSENT
from sim.memory.named import Named
from sim.memory.store import Store
from sim.stages import LAUNCHING, READY, TERMINATING, Stages

SERVICE = "elasticbeanstalk"
DESCRIBE = f"{SERVICE}:DescribeEnvironments"
ALL = 100


class Environment:
    """One slot's environment, as one engine process knows it."""

    def __init__(self, calls: Calls, store: Store, stages: Stages, slot: Slot) -> None:
        self.calls, self.store, self.stages, self.slot = calls, store, stages, slot
        self._place: Named | None = None

    def look(self) -> EnvironmentView:
        status = self.find()
        if not status:
            return ABSENT
        if status == TERMINATING:
            self._place = None
            return EnvironmentView(Presence.REMOVING, detail="environment Terminating")
        if status == LAUNCHING:
            return EnvironmentView(Presence.CREATING, detail=f"environment Launching: {self._last_event()}")
        place = self._place or self._find_place()
        group, balancer = place.seen()
        if group is None or not balancer:
            return EnvironmentView(Presence.FAILED, detail=f"environment {status}: {self._last_event()}")
        view = place.view(group)
        return view if status == READY else place.view_of(group, view.presence, f"environment {status}", view)

    def resize(self, instances: int) -> None:
        (self._place or self._find_place()).resize(instances)

    def hold_scale_in(self, held: bool) -> None:
        (self._place or self._find_place()).hold_scale_in(held)

    def facts(self) -> bool:
        place = self.named()
        return place.facts() if place else False

    def named(self) -> Named | None:
        return self._place or (self._find_place() if self.find() else None)

    def find(self) -> str:
        """Its status; empty when there is none."""
        return self.calls.ask(DESCRIBE, lambda: self.stages.status(self.slot))

    def _find_place(self) -> Named:
        self.calls.ask(f"{SERVICE}:DescribeEnvironmentResources", self._known)
        self._place = Named(self.calls, self.store, self.slot)
        return self._place

    def _known(self) -> None:
        if not self.stages.status(self.slot):
            raise Refused(f"{SERVICE} describe_environment_resources: there is no environment of {self.slot}")

    def _last_event(self) -> str:
        return self.calls.ask(f"{SERVICE}:DescribeEvents", lambda: self.stages.event(self.slot))

    def _terminate(self) -> None:
        self._place = None
        self.calls.ask(f"{SERVICE}:TerminateEnvironment", self._take_down)

    def _take_down(self) -> None:
        self.store.take_down(self.slot)
        self.stages.terminate(self.slot)
        self.store.removed(self.slot, "environment")


class LiveEnvironment(Environment):
    """The live slot."""

    def create(self) -> None:
        if not self.find():
            raise Missing(f"the live environment of {self.slot} is gone")

    def remove(self) -> None:
        if self.find() not in ("", TERMINATING):
            self._terminate()

    def preflight(self) -> None:
        self.find()


class NewEnvironment(Environment):
    """The candidate."""

    def create(self) -> None:
        if self.find():
            return
        spec = self.store.plan.candidate.beanstalk
        if spec is not None and spec.version is None and self.store.plan.live.environment is not None:
            self.calls.ask(DESCRIBE, nothing)
        self.calls.ask(f"{SERVICE}:CreateEnvironment", self._make)

    def remove(self) -> None:
        if self.find() in ("", TERMINATING):
            return
        self.calls.ask(f"{SERVICE}:ListTagsForResource", nothing)
        self._terminate()

    def preflight(self) -> None:
        self.calls.ask(f"{SERVICE}:DescribeApplications", nothing)

    def _make(self) -> None:
        self.store.fit_out(self.slot)
        self.stages.launch(self.slot)
        self.store.created(self.slot, "environment")


class BeanstalkSwap:
    """`bluegreen.ports.Traffic`, as one engine process knows it."""

    def __init__(self, calls: Calls, store: Store, stages: Stages, spec: Spec) -> None:
        self._calls, self._store, self._stages, self._spec = calls, store, stages, spec
        self._now = store.world.clock.now
        self._asked: Mapping[Slot, int] | None = None
        self._since: datetime | None = None
        self._removed: set[Slot] = set()

    def preflight(self) -> None:
        """Nothing is asked: the environments' own preflights see them."""

    def read(self) -> TrafficView:
        there, owner = self._environments()
        weights = {slot: ALL if slot is owner else 0 for slot in there if slot is owner or slot not in self._removed}
        settled = self._since is not None and self._now() - self._since >= self._spec.spread
        ready = all(status == READY for status in there.values())
        return TrafficView(weights, in_sync=self._asked == weights and settled and ready)

    def set(self, weights: Mapping[Slot, int]) -> None:
        wanted = [slot for slot in sorted(weights) if weights[slot]]
        assert len(wanted) == 1, f"a swap moves all users or none: {weights}"
        since = self._since if self._asked == weights else None
        self._asked, self._since = None, None
        there, owner = self._environments()
        if wanted[0] not in there:
            raise Missing(f"{wanted[0]} has no environment that could get the name {self._spec.cname}")
        if owner is not wanted[0]:
            self._swap(there, owner, wanted[0])
            since = None
        self._removed -= set(wanted)
        self._asked = {slot: ALL if slot is wanted[0] else 0 for slot in sorted(weights)}
        self._since = since or self._now()

    def remove(self, slot: Slot) -> None:
        if self._environments()[1] is slot:
            raise Refused(f"{slot} has the name {self._spec.cname}; without it the name is gone")
        self._removed.add(slot)

    def _environments(self) -> tuple[dict[Slot, str], Slot]:
        """The status of each that is there, and whose the name is."""
        return self._calls.ask(DESCRIBE, lambda: (self._statuses(), self._stages.owner))

    def _statuses(self) -> dict[Slot, str]:
        found = {slot: self._stages.status(slot) for slot in sorted(Slot)}
        return {slot: status for slot, status in found.items() if status}

    def _swap(self, there: Mapping[Slot, str], source: Slot, destination: Slot) -> None:
        for slot in (source, destination):
            if there[slot] != READY:
                raise Busy(f"the environment of {slot} is {there[slot]}; only Ready ones can swap their names")
        self._calls.ask(f"{SERVICE}:SwapEnvironmentCNAMEs", self._stages.swap)
