"""The Traffic port: the world's weights, asked and set as `bluegreen/aws/traffic` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

from bluegreen.errors import Busy, Missing, OperatingError, Refused, Throttled
from bluegreen.model import Slot, TrafficView
from sim.clock import ms, now_ms
from sim.memory.calls import Calls, words
from sim.memory.store import Store

SIMPLE_WEIGHT = 100
LIST, CHANGE = "ListResourceRecordSets", "ChangeResourceRecordSets"

T = TypeVar("T")


class Traffic:
    """`bluegreen.ports.Traffic`, as one engine process knows it."""

    def __init__(self, calls: Calls, store: Store, facts: Callable[[Slot], bool]) -> None:
        self._calls, self._store, self._facts = calls, store, facts
        self.check_of: Callable[[Slot], str] = lambda slot: ""
        """The health check that a slot's new record gets, or nothing."""
        self._dns = store.world.dns
        self._zone_known = "." not in store.plan.service.zone
        self._asked: Mapping[Slot, int] | None = None
        self._change = ""
        self._view = TrafficView({}, in_sync=False)

    def preflight(self) -> None:
        self._zone()
        self._ask("GetHostedZone", lambda: None)
        self._facts(self._store.plan.live.slot)
        self._list()

    def read(self) -> TrafficView:
        self._zone()
        weights = self._list()
        in_sync = self._in_sync(weights)
        if weights is not self._view.weights or in_sync is not self._view.in_sync:
            self._view = TrafficView(weights, in_sync)
        return self._view

    def set(self, weights: Mapping[Slot, int]) -> None:
        assert any(weights.values()), "all weights zero: Route 53 would answer with equal shares"
        self._zone()
        listed = self._list()
        checked = dict(self._dns.checked)
        for slot in sorted(weights):
            self._target(slot, listed)
            if (self._store.simple or slot not in listed) and (check := self.check_of(slot)):
                checked[slot] = check
        stands = not self._store.simple and all(listed.get(slot) == weights[slot] for slot in weights)
        if self._asked == weights and stands:
            return
        records = len(weights) + self._store.simple
        self._submit({**({} if self._store.simple else listed), **weights}, records, checked)

    def remove(self, slot: Slot) -> None:
        self._zone()
        listed = self._list()
        if self._store.simple or slot not in listed:
            return
        left = {other: weight for other, weight in listed.items() if other is not slot}
        if not left:
            record = self._store.plan.service.record
            raise Refused(f"{record}: the record of {slot} is the last one; without it the name is gone")
        self._submit(left, 1, self._dns.checked)

    # -- how it works ---------------------------------------------------------------------------------------------

    def _ask(self, operation: str, answer: Callable[[], T]) -> T:
        """One call to Route 53, which counts them. Raises Throttled for one too many."""

        def counted() -> T:
            if not self._store.quotas.take(operation, now_ms(self._store.world.env)):
                raise _throttled(operation)
            return answer()

        return self._calls.ask(f"route53:{operation}", counted)

    def _zone(self) -> None:
        if not self._zone_known:
            self._ask("ListHostedZonesByName", lambda: None)
            self._zone_known = True

    def _list(self) -> Mapping[Slot, int]:
        return self._ask(LIST, self._weights)

    def _weights(self) -> Mapping[Slot, int]:
        return {self._store.plan.live.slot: SIMPLE_WEIGHT} if self._store.simple else self._dns.weights

    def _in_sync(self, weights: Mapping[Slot, int]) -> bool:
        if self._asked != weights:
            return False
        if self._change and self._status() == "INSYNC":
            self._change = ""
        return not self._change

    def _status(self) -> Literal["PENDING", "INSYNC"]:
        return self._ask("GetChange", lambda: self._dns.status(self._change))

    def _submit(self, weights: Mapping[Slot, int], records: int, checked: Mapping[Slot, str]) -> None:
        """`records`: so many are changed. `checked`: their health checks."""
        self._asked, self._change = None, ""  # if the reply is lost, nothing is known
        self._change = self._ask(CHANGE, lambda: self._commit(weights, records, checked))
        self._asked = dict(weights)

    def _commit(self, weights: Mapping[Slot, int], records: int, checked: Mapping[Slot, str]) -> str:
        store, now = self._store, now_ms(self._store.world.env)
        if store.throughput is not None and not store.throughput.take(now, records):
            raise _throttled(CHANGE)
        if store.changed is not None and now < store.changed + ms(store.spec.change_processing):
            raise Busy("route53 change_resource_record_sets: PriorRequestNotComplete: the zone is being changed")
        store.changed, store.simple = now, False
        return self._dns.change(weights, checked=checked)

    def _target(self, slot: Slot, listed: Mapping[Slot, int]) -> None:
        """Where its record would point: a balancer that can be read, else what it points at already."""
        there = slot in listed and not self._store.simple
        try:
            known = self._facts(slot)
        except OperatingError:
            if not there:
                raise
            return
        if not known and not there:
            raise Missing(f"{slot} has no balancer that a record could point at")


def _throttled(operation: str) -> Throttled:
    return Throttled(f"{words(f'route53:{operation}')}: Throttling: Rate exceeded")
