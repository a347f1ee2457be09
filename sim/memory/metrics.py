"""The Metrics port: the points that the world has published, put together as `bluegreen/aws/metrics` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bluegreen.metricmath.points import Points
from bluegreen.model import AlarmView, Point, Query, Series, Slot
from bluegreen.selftest.alarms import LOOKBACK
from bluegreen.selftest.spec import DRILL
from sim.cloudwatch.names import APPLICATION, CLASSIC, MEASURES
from sim.cloudwatch.store import begin_of, first_minute
from sim.errors import NotModelled
from sim.memory.alarms import alarm_view, newest_point
from sim.memory.calls import Calls
from sim.memory.drills import is_drill
from sim.memory.store import Store

if TYPE_CHECKING:
    from bluegreen.plan import Plan

MINUTE = timedelta(minutes=1)
ERRORS = ("target_5xx", "elb_5xx")
OWN_ERRORS = ("target_5xx",)
REQUESTS = {"application": ("requests", "elb_503"), "classic": ("requests", "spilled")}


Parts = tuple[tuple[str, ...], ...]
"""What a measure of the engine's is made of: the largest of some sums. Errors are requests, whoever counts them."""


class Metrics:
    """`bluegreen.ports.Metrics`. A slot without a balancer has no points."""

    def __init__(self, calls: Calls, store: Store, facts: Callable[[Slot], bool]) -> None:
        self._calls, self._facts = calls, facts
        self._metrics = store.world.metrics
        self._kept: dict[Query, list[Point | None]] = {}  # what is published from the beginning on
        self._namespace = APPLICATION if store.spec.balancer == "application" else CLASSIC
        self._shared = store.plan.traffic.shared
        self._parts: Mapping[str, Parts] = {"errors": (ERRORS,), "requests": (ERRORS, REQUESTS[store.spec.balancer])}
        if self._shared:  # the balancer's own counts are of both slots
            self._parts = {"errors": (OWN_ERRORS,), "requests": (OWN_ERRORS, ("requests",))}

    def preflight(self, plan: Plan) -> None:
        self.alarms(sorted({name for gate in plan.gates for name in gate.alarms()}))

    def read(self, queries: Sequence[Query], since: datetime, until: datetime) -> Mapping[Query, Series]:
        start, end = _floor(since + MINUTE - timedelta(microseconds=1)), _floor(until)
        known = {slot: self._facts(slot) for slot in Slot if any(query.slot is slot for query in queries)}
        wanted = [query for query in queries if query.slot is None or (known[query.slot] and self._there(query))]
        if not wanted or start >= end:
            return dict.fromkeys(queries, ())
        found = self._calls.ask("cloudwatch:GetMetricData", lambda: self._fetch(wanted, start, end))
        return {query: found.get(query, ()) for query in queries}

    def alarms(self, names: Sequence[str]) -> Mapping[str, str]:
        if not names:
            return {}
        return self._calls.ask("cloudwatch:DescribeAlarms", lambda: self._states(names))

    def set_up(self, names: Sequence[str], at: datetime) -> Sequence[AlarmView]:
        known = {slot: self._facts(slot) for slot in Slot}
        if not names:
            return ()
        views = self._calls.ask("cloudwatch:DescribeAlarms", lambda: [*self._views(names, known)])
        if not any(view.metric or view.expression for view in views) or not _floor(at - LOOKBACK) < _floor(at):
            return views
        return self._calls.ask("cloudwatch:GetMetricData", lambda: [self._heard(view, _floor(at)) for view in views])

    def _heard(self, view: AlarmView, until: datetime) -> AlarmView:
        if not (view.metric or view.expression):
            return view
        return replace(view, heard=True, newest=newest_point(self._metrics, self._metrics.alarms[view.name], until))

    def _views(self, names: Sequence[str], known: Mapping[Slot, bool]) -> Iterable[AlarmView]:
        for name in names:
            if name in self._metrics.alarms:
                yield alarm_view(self._metrics, self._metrics.alarms[name], known)

    def _states(self, names: Sequence[str]) -> dict[str, str]:
        return {name: self._state(name) for name in names if name in self._metrics.alarms}

    def _state(self, name: str) -> str:
        drilled = is_drill(self._metrics, name, DRILL)
        return "INSUFFICIENT_DATA" if drilled else self._metrics.alarm_state(name)

    def _fetch(self, queries: Sequence[Query], start: datetime, end: datetime) -> dict[Query, Series]:
        return {query: self._series(query, start, end) for query in queries if query.slot is not None}

    def _series(self, query: Query, start: datetime, end: datetime) -> Series:
        """The published points of the minutes in [start, end). Each is made once, since looks ask for the same ones
        again and again."""
        slot = query.slot
        assert slot is not None
        kept = self._kept.get(query)
        if kept is None:
            kept = self._kept[query] = []
        ready, more = self._metrics.ready(slot)
        if len(kept) < ready:
            kept += self._made(slot, query, range(len(kept), ready))
        first, stop = max(first_minute(start), 0), first_minute(end)
        found = kept[first:stop]
        if more:
            late = [i for i in range(max(first, ready), stop) if self._metrics.published(slot, i)]
            found += self._made(slot, query, late)
        return tuple([point for point in found if point is not None])

    def _made(self, slot: Slot, query: Query, minutes: Iterable[int]) -> list[Point | None]:
        measure = _measure(query)
        parts = ((measure,),) if query.namespace else self._parts.get(measure, ((measure,),))
        columns = [[self._metrics.column(slot, each, query.statistic or None) for each in part] for part in parts]
        return [_point(columns, minute) for minute in minutes]

    def _there(self, query: Query) -> bool:
        """Whether the slot's kind of balancer has such a metric."""
        balancers_own = self._shared and query.measure.startswith("HTTPCode_ELB_")
        return query.namespace in ("", self._namespace) and not balancers_own


def _measure(query: Query) -> str:
    """What the world calls it. Raises NotModelled for a balancer's metric that the world does not measure."""
    if not query.namespace:
        return query.measure
    if (query.namespace, query.measure) not in MEASURES:
        raise NotModelled(f"the rehearsal's world does not measure {query.namespace} {query.measure}")
    return MEASURES[query.namespace, query.measure]


def _point(columns: Sequence[Sequence[Points]], minute: int) -> Point | None:
    """The largest of the sums of what there is; None where there is nothing."""
    sums = []
    for part in columns:
        there = [value for column in part if (value := column[minute]) is not None]
        if there:
            sums.append(sum(there) if len(there) > 1 else there[0])
    return Point(begin_of(minute), max(sums)) if sums else None


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
