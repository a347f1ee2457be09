"""An outside in which all goes well: the engine's ports over a few plain values, with assumed lengths of time.

Not a world to rehearse in: nothing fails here, no queue fills up, and nobody moves a weight by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bluegreen.model import (
    AlarmView,
    EnvironmentView,
    Point,
    Presence,
    Query,
    ReservationView,
    Series,
    Slot,
    TrafficView,
)
from bluegreen.plan import Plan
from bluegreen.preview.calls import Ledger
from bluegreen.preview.known import NOMINAL, Known
from bluegreen.preview.published import Minute, published
from bluegreen.preview.users import Users

START = datetime(2030, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Clock:
    """`bluegreen.ports.Clock`: time goes by when somebody sleeps, and with each call to AWS."""

    def __init__(self) -> None:
        self._now = START

    def now(self) -> datetime:
        return self._now

    def sleep(self, length: timedelta) -> None:
        self._now += max(length, timedelta(0))


class Group:
    """A slot's machines."""

    def __init__(self, clock: Clock, instances: int, boot: timedelta, ready: datetime = START) -> None:
        self._clock, self._boot = clock, boot
        self.ready = ready  # when its balancer is active
        self.gone: datetime | None = None
        self.held = False
        self.desired = instances
        self._came = [ready] * instances  # when each machine is healthy

    def grow(self, instances: int) -> None:
        more = max(0, instances - self.desired)
        self._came += [self._clock.now() + self._boot] * more
        self.desired += more

    def healthy(self, at: datetime) -> int:
        return sum(came <= at for came in self._came)

    def view(self) -> EnvironmentView:
        now = self._clock.now()
        if self.gone is not None:
            return EnvironmentView(Presence.ABSENT if now >= self.gone else Presence.REMOVING)
        presence = Presence.READY if now >= self.ready else Presence.CREATING
        healthy = self.healthy(now)
        counts = (self.desired, healthy, healthy, healthy)
        return EnvironmentView(presence, *counts, self.held, minimum=self.desired if self.held else 1)


class Environments:
    """`bluegreen.ports.Environments`."""

    def __init__(self, plan: Plan, known: Known, clock: Clock, ledger: Ledger) -> None:
        self._known, self._clock, self._ledger = known, clock, ledger
        self._traffic: Traffic | None = None
        self._making = timedelta(0) if plan.traffic.shared else known.making
        instances = known.instances or plan.candidate.instances or NOMINAL
        self.groups = {plan.live.slot: Group(clock, instances, known.boot)}
        if plan.candidate.kept is not None:  # it stands, and may have shrunk to one machine
            self.groups[plan.live.slot.other] = Group(clock, 1, known.boot)

    @property
    def detached(self) -> tuple[Slot, ...]:
        """Where groups come and go at one target group: those that are not there, since nobody is sent to them."""
        return () if self._traffic is None else self._traffic.left_out

    def attach(self, traffic: Traffic) -> None:
        """The groups come and go as traffic is moved."""
        self._traffic = traffic

    def look(self, slot: Slot) -> EnvironmentView:
        group = self.groups.get(slot)
        view = group.view() if group else EnvironmentView(Presence.ABSENT)
        if slot in self.detached:
            view = replace(view, registered=0)
        self._ledger.look(slot, view.presence)
        return view

    def built(self, slot: Slot) -> Mapping[str, str]:
        """Nobody knows yet: a preview has no checks that ask."""
        return {}

    def create(self, slot: Slot) -> None:
        self._ledger.create(slot, slot in self.groups)
        if slot not in self.groups:
            ready = self._clock.now() + self._making
            self.groups[slot] = Group(self._clock, 0, self._known.boot, ready)
            self.groups[slot].grow(1)

    def resize(self, slot: Slot, instances: int) -> None:
        self._ledger.resize()
        self.groups[slot].grow(instances)

    def hold_scale_in(self, slot: Slot, held: bool) -> None:
        self._ledger.hold(held)
        self.groups[slot].held = held

    def remove(self, slot: Slot) -> None:
        group = self.groups[slot]
        self._ledger.remove(slot, again=group.gone is not None)
        group.gone = group.gone or self._clock.now() + self._known.removing


class Prewarm:
    """`bluegreen.ports.Prewarm`."""

    def __init__(self, known: Known, clock: Clock, ledger: Ledger, places: Environments) -> None:
        self._known, self._clock, self._ledger, self._places = known, clock, ledger, places
        self._units: dict[Slot, tuple[int, datetime]] = {}

    @property
    def reserved(self) -> int:
        """Units of all balancers together. One that is removed takes its own along."""
        stand = {slot for slot, group in self._places.groups.items() if group.gone is None}
        return sum(units for slot, (units, _) in self._units.items() if slot in stand)

    def look(self, slot: Slot) -> ReservationView:
        self._ledger.ask("elbv2:DescribeCapacityReservation")
        units, since = self._units.get(slot, (0, START))
        if self._clock.now() < since + self._known.reserving:
            return ReservationView(units, 0.0, "pending")
        return ReservationView(units, float(units), "provisioned")

    def reserve(self, slot: Slot, units: int) -> None:
        self._ledger.ask("elbv2:DescribeCapacityReservation", "elbv2:ModifyCapacityReservation")
        self._units[slot] = (units, self._clock.now())


class Traffic:
    """`bluegreen.ports.Traffic`."""

    def __init__(self, plan: Plan, known: Known, clock: Clock, ledger: Ledger) -> None:
        self._clock, self._ledger = clock, ledger
        self._takes = plan.traffic.takes(known.propagation)
        self._weights = {plan.live.slot: 100}
        self._pending = False
        self.changes: list[tuple[datetime, TrafficView]] = []
        """When Route 53 answered how."""

    def read(self) -> TrafficView:
        self._ledger.read_weights(pending=self._pending)
        in_sync = not self.changes or self._clock.now() >= self.changes[-1][0]
        self._pending = self._pending and not in_sync
        return TrafficView(dict(self._weights), in_sync)

    @property
    def left_out(self) -> tuple[Slot, ...]:
        """Slots to which nobody is sent."""
        return tuple(slot for slot in Slot if not self._weights.get(slot))

    def set(self, weights: Mapping[Slot, int]) -> None:
        changed = {**self._weights, **weights} != self._weights
        self._ledger.set_weights(changed)
        if changed:
            self._change({**self._weights, **weights})

    def remove(self, slot: Slot) -> None:
        self._ledger.set_weights(changed=True)
        self._change({other: weight for other, weight in self._weights.items() if other is not slot})

    def _change(self, weights: dict[Slot, int]) -> None:
        self._weights, self._pending = weights, True
        self.changes.append((self._clock.now() + self._takes, TrafficView(weights, in_sync=True)))


class Metrics:
    """`bluegreen.ports.Metrics`: what CloudWatch shows of users who are well served."""

    def __init__(self, plan: Plan, known: Known, clock: Clock, traffic: Traffic, environments: Environments) -> None:
        self._known, self._clock, self._traffic, self._environments = known, clock, traffic, environments
        everybody = {slot: float(slot is plan.live.slot) for slot in Slot}
        self._users = Users(everybody, plan.answers_live_for, late=plan.traffic.by_dns)
        self._shares: list[dict[Slot, float]] = []  # minute by minute since the start
        self._answered = 0
        self._weighs = plan.traffic.weighs
        self.ledger = environments._ledger

    def read(self, queries: Sequence[Query], since: datetime, until: datetime) -> Mapping[Query, Series]:
        self.ledger.read_metrics()
        last = self._clock.now() - self._known.metric_lag
        self._live_on(last)
        minutes = [
            i for i in range(len(self._shares)) if since <= START + i * MINUTE and START + (i + 1) * MINUTE <= last
        ]
        return {query: self._series(query, minutes) for query in queries}

    def alarms(self, names: Sequence[str]) -> Mapping[str, str]:
        if names:
            self.ledger.read_alarms()
        return dict.fromkeys(names, "OK")

    def set_up(self, names: Sequence[str], at: datetime) -> Sequence[AlarmView]:
        return [AlarmView(name, "OK") for name in names]

    def _live_on(self, until: datetime) -> None:
        while START + (len(self._shares) + 1) * MINUTE <= until:
            self._users.go_on(MINUTE / 2)
            self._shares.append(self._users.shares())
            self._users.go_on(MINUTE / 2)
            end = START + len(self._shares) * MINUTE
            while self._answered < len(self._traffic.changes) and self._traffic.changes[self._answered][0] <= end:
                view = self._traffic.changes[self._answered][1]
                self._users.answer(self._named(view, end))
                self._answered += 1

    def _named(self, view: TrafficView, at: datetime) -> dict[Slot, float]:
        """Whom answers name, or where a balancer sends requests: by weight, or by the machines that are attached."""
        attached = [slot for slot in Slot if view.share(slot)]
        if self._weighs or len(attached) < len(Slot):
            return {slot: view.share(slot) for slot in Slot}
        healthy = {slot: self._environments.groups[slot].healthy(at) for slot in Slot}
        return {slot: healthy[slot] / sum(healthy.values()) for slot in Slot}

    def _series(self, query: Query, minutes: Sequence[int]) -> Series:
        values = ((START + i * MINUTE, self._value(query, i)) for i in minutes)
        return tuple(Point(at, value) for at, value in values if value is not None)

    def _value(self, query: Query, minute: int) -> float | None:
        if query.slot is None:
            return 0.0
        known, group = self._known, self._environments.groups.get(query.slot)
        if query.measure == "healthy_hosts" and group is None:
            return None
        requests = float(round(known.rate * self._shares[minute][query.slot]))
        hosts = float(group.healthy(START + minute * MINUTE)) if group is not None else 0.0
        return published(query, Minute(requests, known.error_rate, known.latency, hosts))
