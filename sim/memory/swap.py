"""Groups that come and go at one target group, call by call as `bluegreen/aws/environments/swap.py` and
`bluegreen/aws/traffic/group_swap.py` do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from bluegreen.errors import Busy, Missing, Refused
from bluegreen.model import EnvironmentView, Presence, Query, Series, Slot, TrafficView, query_of
from bluegreen.traffic.group_swap import GroupSwap as Spec
from sim.instance import Health
from sim.memory.calls import Calls
from sim.memory.copying import POLICIES, Copy, nothing
from sim.memory.environments import Clone
from sim.memory.metrics import Metrics
from sim.memory.named import GROUPS, Group, Named
from sim.memory.shared import SharedGiven
from sim.memory.store import Store
from sim.routing import Registered

FIRST_CHECKS = "its first checks at the balancer run: healthy by the group's own word"
UNCHECKED = "not attached: healthy by the group's own word"
ALIVE = "healthy_hosts"


class Swapped(Named):
    """A group that is attached, or not."""

    _known = False
    _facts: bool | None = None
    """Whether it was attached when it was last seen; None: there was no group."""

    def seen(self) -> tuple[Group | None, bool]:
        group = self.calls.ask(GROUPS, lambda: (self._group(), self.slot in _routing(self.store).attached))
        if not self._known:
            self.calls.ask("elbv2:DescribeLoadBalancers", nothing)
            self.calls.ask("elbv2:DescribeTargetGroups", nothing)
            self._known = True
        self._facts = None if group[0] is None else group[1]
        return group[0], True

    def facts(self) -> bool:
        if self._facts is None:
            self.seen()
        return self._facts is not None

    @property
    def attached(self) -> bool:
        """By what was last seen; it is looked at first where nothing was."""
        self.facts()
        return bool(self._facts)

    def forget(self) -> None:
        self._known, self._facts = False, None

    def view(self, group: Group) -> EnvironmentView:
        seen = EnvironmentView(
            Presence.READY,
            desired=group.desired,
            in_service=group.in_service,
            scale_in_held=group.held,
            minimum=group.minimum,
            hold_left=group.hold_left,
        )
        if not self._facts:
            return replace(seen, healthy=seen.in_service, detail=UNCHECKED)
        registered, healthy = self.calls.ask("elbv2:DescribeTargetHealth", self._checked)
        if healthy is None:
            return replace(seen, healthy=seen.in_service, registered=registered, detail=FIRST_CHECKS)
        return replace(seen, healthy=healthy, registered=registered)

    def _checked(self) -> tuple[int, int | None]:
        """Registered and healthy targets; None while all wait for their first check."""
        known = [instance.health for instance in self.place.fleet.instances if instance.registered]
        waits = self.slot not in _routing(self.store).serving or all(health is Health.INITIAL for health in known)
        return len(known), None if waits else known.count(Health.HEALTHY)

    def take_down(self, group: Group | None, balancer: bool, check: bool = False) -> None:
        self.forget()
        if group is not None and not group.going:
            self.calls.ask("autoscaling:DeleteAutoScalingGroup", self._delete_group)


class SwapGiven(Swapped, SharedGiven):
    """The live slot."""


class Swap(Swapped, Clone):
    """The candidate."""

    def __init__(self, calls: Calls, store: Store, slot: Slot) -> None:
        super().__init__(calls, store, slot)
        self._live = Swapped(calls, store, slot.other)
        self._copy = SwapCopy(calls, store, slot, self._live, self)

    def look(self) -> EnvironmentView:
        group, _ = self.seen()
        if group is not None and not group.going:
            view = self.view(group)
            if self._is_complete():
                return view
            return replace(view, presence=Presence.CREATING, detail="scaling policies are missing")
        return self._look_at_rest(group)

    def _look_at_rest(self, group: Group | None) -> EnvironmentView:
        if group is not None:
            return EnvironmentView(Presence.REMOVING, detail="only its group and its balancer left")
        self._complete = False
        if not self._copy.finds_template():
            return EnvironmentView(Presence.ABSENT)
        return EnvironmentView(Presence.CREATING, detail="no group yet; there is a launch template")

    def remove(self) -> None:
        self._complete = False
        self.forget()
        group, balancer = self.seen()
        self.take_down(group, balancer)
        if group is None:
            with suppress(Busy):
                self._copy.remove_rest()


class SwapCopy(Copy):
    """How it comes to be: its group alone."""

    def preflight(self) -> None:
        if not self._has_image:
            self._calls.ask("ec2:DescribeLaunchTemplates", nothing)
        self._calls.ask(POLICIES, nothing)

    def finds_target_group(self) -> bool:
        return False

    def _target_group(self) -> None:
        """It has none of its own."""

    def _application(self) -> None:
        """The balancer is there."""

    def _listener(self) -> None:
        """Nobody is sent there yet."""


class GroupSwap:
    """`bluegreen.ports.Traffic`, as one engine process knows it."""

    def __init__(self, calls: Calls, store: Store, spec: Spec) -> None:
        self._calls, self._store, self._spec = calls, store, spec
        self._routing, self._now = _routing(store), store.world.clock.now
        self._slack = 1 + store.plan.candidate.margin
        self._known = False
        self._asked: Mapping[Slot, int] | None = None
        self._since: datetime | None = None
        self._removed: set[Slot] = set()

    def preflight(self) -> None:
        """Nothing is asked: the live slot's own preflight sees the balancer."""

    def read(self) -> TrafficView:
        there, attached = self._groups()
        weights = {slot: there[slot] for slot in attached}
        weights = dict.fromkeys(attached, 100) if len(attached) == 1 else weights
        weights |= {slot: 0 for slot in sorted(there) if slot not in weights}
        as_asked = self._asked is not None and _serving(self._asked) == attached
        if as_asked and self._asked is not None:
            weights = dict(self._asked)
        settled = self._since is not None and self._now() - self._since >= self._spec.delay
        in_sync = as_asked and settled and all(self._healthy(slot) for slot in attached)
        return TrafficView({slot: weights[slot] for slot in sorted(set(weights) - self._removed)}, in_sync)

    def set(self, weights: Mapping[Slot, int]) -> None:
        assert any(weights.values()), "all weights zero: nobody would get an answer"
        since = self._since if self._asked == weights else None
        self._asked, self._since = None, None
        there, attached = self._groups()
        wanted = _serving(weights)
        if gone := [slot for slot in wanted if slot not in there]:
            raise Missing(f"{gone[0]} has no group that could be attached")
        missing = [slot for slot in wanted if slot not in attached]
        for slot in missing:
            self._change("Attach", slot, 1)
        leaving = [slot for slot in attached if slot not in wanted]
        if leaving and not missing and self._may_leave(leaving, wanted):
            for slot in leaving:
                self._change("Detach", slot, 0)
        self._removed -= set(wanted)
        self._asked = dict(weights)
        self._since = self._now() if since is None or missing or leaving else since

    def remove(self, slot: Slot) -> None:
        _, attached = self._groups()
        if attached == (slot,):
            raise Refused(f"{self._store.name(slot)} is the last group behind {self._store.plan.live.balancer}")
        if slot in attached:
            self._change("Detach", slot, 0)
        self._removed.add(slot)
        self._asked = None

    def _groups(self) -> tuple[dict[Slot, int], tuple[Slot, ...]]:
        """How many machines each group that stays has, and which of them are attached."""
        found = self._calls.ask(GROUPS, self._described)
        if not self._known:
            self._calls.ask("elbv2:DescribeLoadBalancers", nothing)
            self._calls.ask("elbv2:DescribeTargetGroups", nothing)
            self._known = True
        return found

    def _described(self) -> tuple[dict[Slot, int], tuple[Slot, ...]]:
        fleets = {slot: self._store.place(slot).fleet for slot in sorted(Slot)}
        there = {slot: len(fleet.instances) for slot, fleet in fleets.items() if fleet.exists and not fleet.removing}
        return there, tuple(slot for slot in there if slot in self._routing.attached)

    def _may_leave(self, leaving: Sequence[Slot], staying: Sequence[Slot]) -> bool:
        enough = [self._healthy(slot) * self._slack >= self._in_service(slot) > 0 for slot in staying]
        return all(enough) or not any(self._healthy(slot) for slot in leaving)

    def _in_service(self, slot: Slot) -> int:
        fleet = self._store.place(slot).fleet
        return fleet.in_service - fleet.given_up

    def _healthy(self, slot: Slot) -> int:
        fleet, routing = self._store.place(slot).fleet, self._routing
        return self._calls.ask("elbv2:DescribeTargetHealth", lambda: fleet.healthy if slot in routing.serving else 0)

    def _change(self, what: str, slot: Slot, weight: int) -> None:
        changed = {**self._routing.weights, slot: weight}
        self._calls.ask(f"autoscaling:{what}LoadBalancerTargetGroups", lambda: self._routing.change(changed))


class Together(Metrics):
    """`bluegreen.ports.Metrics` of two groups that are counted together, under the live slot's name."""

    def __init__(self, calls: Calls, store: Store, ways: Mapping[Slot, Swapped]) -> None:
        super().__init__(calls, store, lambda slot: ways[slot].facts())
        self._ways, self._live = ways, store.plan.live.slot

    def read(self, queries: Sequence[Query], since: datetime, until: datetime) -> Mapping[Query, Series]:
        asked = {query: self._instead(query) for query in queries}
        found = super().read([query for query in dict.fromkeys(asked.values()) if query is not None], since, until)
        return {query: found[other] if other is not None else () for query, other in asked.items()}

    def _instead(self, query: Query) -> Query | None:
        if query.slot is None or self._ways[query.slot].attached:
            return query
        return query_of(ALIVE, query.slot.other) if query.measure == ALIVE else None

    def _fetch(self, queries: Sequence[Query], first: int, stop: int) -> dict[Query, Series]:
        counted = {query: replace(query, slot=self._live) for query in queries if query.slot is not None}
        ready = self._metrics.ready(self._live)
        return {query: self._series(other, first, stop, *ready) for query, other in counted.items()}


def _serving(weights: Mapping[Slot, int]) -> tuple[Slot, ...]:
    return tuple(slot for slot in sorted(weights) if weights[slot])


def _routing(store: Store) -> Registered:
    routing = store.world.dns
    assert isinstance(routing, Registered), "the world moves traffic in another way"
    return routing
