"""The Metrics port: the points that the world has published, put together as `bluegreen/aws/metrics` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from bluegreen.model import BOTH, AlarmView, Point, Query, Series, Slot
from bluegreen.selftest.alarms import LOOKBACK
from bluegreen.selftest.spec import DRILL
from sim.cloudwatch.measures import Read, Row, reader, source
from sim.cloudwatch.names import APPLICATION, CLASSIC, MEASURES
from sim.cloudwatch.store import begin_of, first_minute, last_minute
from sim.data.published import published
from sim.errors import NotModelled
from sim.memory.alarms import alarm_view, newest_point
from sim.memory.calls import Calls
from sim.memory.drills import is_drill
from sim.memory.store import Store

if TYPE_CHECKING:
    from bluegreen.plan import Plan

MINUTE = timedelta(minutes=1)
MILLISECONDS = 60_000
"""Of a minute."""
ERRORS = ("target_5xx", "elb_5xx")
OWN_ERRORS = ("target_5xx",)
REQUESTS = {"application": ("requests", "elb_503"), "classic": ("requests", "spilled")}


Parts = tuple[tuple[str, ...], ...]
"""What a measure of the engine's is made of: the largest of some sums. Errors are requests, whoever counts them."""


class Metrics:
    """`bluegreen.ports.Metrics`. A slot without a balancer has no points."""

    def __init__(self, calls: Calls, store: Store, facts: Callable[[Slot], bool]) -> None:
        self._calls, self._facts = calls, facts
        self._metrics, self._plan, self._data = store.world.metrics, store.plan, store.world.data
        self._kept: dict[Query, _Kept] = {}
        self._namespace = APPLICATION if store.spec.balancer == "application" else CLASSIC
        self._asked = _Asked((), [], ())
        self._fetched: tuple[object, ...] = ()
        self._found: Mapping[Query, Series] = {}
        self._shared = store.plan.traffic.shared
        self._parts: Mapping[str, Parts] = {"errors": (ERRORS,), "requests": (ERRORS, REQUESTS[store.spec.balancer])}
        if self._shared:  # the balancer's own counts are of both slots
            self._parts = {"errors": (OWN_ERRORS,), "requests": (OWN_ERRORS, ("requests",))}

    def preflight(self, plan: Plan) -> None:
        self.alarms(sorted({name for gate in plan.gates for name in gate.alarms()}))

    def read(self, queries: Sequence[Query], since: datetime, until: datetime) -> Mapping[Query, Series]:
        first, stop = first_minute(since), last_minute(until)
        asked = self._asked if queries is self._asked.queries else self._understood(queries)
        known = {slot: self._facts(slot) for slot in asked.slots}
        wanted = asked.there
        if not all(known.values()):
            wanted = [query for query in wanted if query.slot is None or known[query.slot]]
        if not wanted or first >= stop:
            return dict.fromkeys(queries, ())
        found = self._calls.ask("cloudwatch:GetMetricData", lambda: self._answer(wanted, first, stop))
        return found if len(found) == len(queries) else {query: found.get(query, ()) for query in queries}

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

    def _understood(self, queries: Sequence[Query]) -> _Asked:
        """Kept, since looks ask the same again and again."""
        named = {query.slot for query in queries}
        there = [query for query in queries if query.slot is None or self._there(query)]
        self._asked = _Asked(queries, [slot for slot in Slot if slot in named], there)
        return self._asked

    def _answer(self, queries: Sequence[Query], first: int, stop: int) -> Mapping[Query, Series]:
        """With what the databases publish, where somebody asks for that."""
        found = self._fetch(queries, first, stop)
        if all(query.slot for query in queries):
            return found
        return {query: found[query] if query.slot else self._databases(query, first, stop) for query in queries}

    def _databases(self, query: Query, first: int, stop: int) -> Series:
        known = published(self._plan.data, self._data, query) or ()
        minutes = [(at // MILLISECONDS, value) for at, value in known]
        return tuple(Point(begin_of(minute), value) for minute, value in minutes if first <= minute < stop)

    def _fetch(self, queries: Sequence[Query], first: int, stop: int) -> Mapping[Query, Series]:
        """The same object as before when nothing else was asked, and nothing was published since."""
        ready = {slot: self._metrics.ready(slot) for slot in BOTH}
        if (queries, first, stop, ready) != self._fetched or any(more for _, more in ready.values()):
            self._fetched = (queries, first, stop, ready)
            found = {query: self._series(query, first, stop, *ready[query.slot]) for query in queries if query.slot}
            self._found = found
        return self._found

    def _series(self, query: Query, first: int, stop: int, ready: int, more: bool) -> Series:
        """The published points of the minutes in [first, stop). Each is made once, since looks ask for the same ones
        again and again. `ready`, `more`: see `sim.metrics.Metrics.ready`."""
        kept = self._kept.get(query)
        if kept is None:
            kept = self._kept[query] = self._follow(query)
        points, first = kept.points, max(first, 0)
        if len(points) < ready:
            points += kept.made(range(len(points), ready))
        found = points[first:stop]
        if more and query.slot:
            found += kept.made([i for i in range(max(first, ready), stop) if self._metrics.published(query.slot, i)])
        return tuple([point for point in found if point is not None])

    def _follow(self, query: Query) -> _Kept:
        slot, measure, statistic = query.slot, _measure(query), query.statistic or None
        assert slot is not None
        parts = ((measure,),) if query.namespace else self._parts.get(measure, ((measure,),))
        return _Kept(self._metrics.rows(slot), [[reader(source(each, statistic)) for each in part] for part in parts])

    def _there(self, query: Query) -> bool:
        """Whether the slot's kind of balancer has such a metric."""
        balancers_own = self._shared and query.measure.startswith("HTTPCode_ELB_")
        return query.namespace in ("", self._namespace) and not balancers_own


class _Asked(NamedTuple):
    """Queries, the slots that they name, and those of them that there is something to read for."""

    queries: Sequence[Query]
    slots: Sequence[Slot]
    there: Sequence[Query]


class _Kept:
    """One query's points of what is published from the beginning on; None where there is nothing."""

    __slots__ = ("_parts", "_rows", "points")

    def __init__(self, rows: Sequence[Row | None], parts: list[list[Read]]) -> None:
        """A point is the largest of the sums of what there is to read in a row."""
        self._rows, self._parts = rows, parts
        self.points: list[Point | None] = []

    def made(self, minutes: Iterable[int]) -> list[Point | None]:
        return [self._point(minute) for minute in minutes]

    def _point(self, minute: int) -> Point | None:
        row, sums = self._rows[minute], []
        if row is None:
            return None
        for part in self._parts:
            there = [value for read in part if (value := read((row,))) is not None]
            if there:
                sums.append(sum(there) if len(there) > 1 else there[0])
        return Point(begin_of(minute), max(sums)) if sums else None


def _measure(query: Query) -> str:
    """What the world calls it. Raises NotModelled for a balancer's metric that the world does not measure."""
    if not query.namespace:
        return query.measure
    if (query.namespace, query.measure) not in MEASURES:
        raise NotModelled(f"the rehearsal's world does not measure {query.namespace} {query.measure}")
    return MEASURES[query.namespace, query.measure]


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
