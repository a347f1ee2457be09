"""What one look sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Annotated, Literal

from pydantic import Field

from bluegreen.model.data import DataView
from bluegreen.model.names import Presence, Slot
from bluegreen.model.people import Command
from bluegreen.model.point import Point


@dataclass(frozen=True, slots=True)
class EnvironmentView:
    """One slot's environment as it was just seen. All counts are instances."""

    presence: Presence
    desired: int = 0
    in_service: int = 0  # in service by the Auto Scaling group's own count
    healthy: int = 0  # healthy by the balancer's count: only these can serve
    registered: int = 0  # known to the balancer, healthy or not
    scale_in_held: bool = False
    detail: str = ""  # why it failed, or what it waits for
    minimum: int | None = None  # the group does not shrink below it by itself; None: not known
    hold_left: bool = False  # something of a hold is there, whole or not: it is to be given back


@dataclass(frozen=True, slots=True)
class TrafficView:
    """The weights as they stand in Route 53. A slot without a record is missing from `weights`."""

    weights: Mapping[Slot, int]
    in_sync: bool  # every Route 53 server answers with these weights

    def share(self, slot: Slot) -> float:
        """The share of answers that name `slot`, by weight. All weights zero means equal shares, as Route 53
        answers then (Route 53 Developer Guide, weighted routing)."""
        total = sum(self.weights.values())
        if slot not in self.weights:
            return 0.0
        return self.weights[slot] / total if total else 1 / len(self.weights)


@dataclass(frozen=True, slots=True)
class Query:
    """One series to read: a known measure of a slot (`requests`, `errors`, `latency_p99`, `healthy_hosts`), or
    any CloudWatch metric."""

    measure: str
    slot: Slot | None = None
    namespace: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    statistic: str = ""

    def __str__(self) -> str:
        return f"{self.slot} {self.measure}" if self.slot else f"{self.namespace} {self.measure}"


@cache
def query_of(measure: str, slot: Slot) -> Query:
    """A known measure of a slot: the same object each time, since each look asks for the same few."""
    return Query(measure, slot)


Series = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read for one query, oldest point first."""

    query: Query
    points: Series


CheckState = Literal["absent", "running", "passed", "failed", "unknown"]


@dataclass(frozen=True, slots=True)
class CheckView:
    """How far a check's run is. `absent`: nobody knows of it, so it was never begun, or died with its engine."""

    state: CheckState
    detail: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlarmView:
    """A CloudWatch alarm as it is set up. Empty fields: it has no such thing (a composite alarm has only a rule)."""

    name: str
    state: str  # OK | ALARM | INSUFFICIENT_DATA
    namespace: str = ""
    metric: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    period: int = 0  # seconds
    periods: int = 0  # N
    datapoints: int = 0  # M of N
    threshold: float | None = None
    comparison: str = ""  # >, >=, <, <=
    statistic: str = ""
    missing: str = "missing"  # how missing data are treated
    rule: str = ""
    expression: bool = False  # watches metric math
    watches: tuple[Slot, ...] = ()  # the slots whose balancer, target groups or group it names
    strangers: str = ""  # the balancer or group that it names and that is neither slot's
    since: datetime | None = None  # when its state last changed
    heard: bool = False  # its metrics were read; else nobody knows whether they have points
    newest: datetime | None = None  # the newest minute of them that has a point; None: there is none for hours


@dataclass(frozen=True, slots=True)
class DrillView:
    """An alarm that is to be drilled."""

    name: str
    heard: bool  # it went to ALARM for a drill, by its history
    fires: tuple[str, ...] = ()  # actions that a drill would fire, those of composite alarms above it too
    composite: bool = False


@dataclass(frozen=True, slots=True)
class FallbackView:
    """The page for when neither slot can serve, and the records that lead there, as they were just seen."""

    lacks: tuple[str, ...] = ()  # what is not as it must be yet, in words
    refused: str = ""  # why it will never be: there is something that the rollout did not make
    in_sync: bool = False  # every Route 53 server answers with these records


@dataclass(frozen=True, slots=True)
class ReservationView:
    """Capacity reserved for a slot's balancer, in load balancer capacity units (LCU)."""

    units: int  # asked for
    effective: float  # in force, over all zones
    state: Literal["absent", "provisioned", "pending", "rebalancing", "failed"]  # absent: there is no balancer
    detail: str = ""
    decreases_left: int | None = None  # today; None: not known


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that could not be read or done. `lasting` trouble will not go away by trying again."""

    what: str
    error: str
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """What one look saw, and what it could not see. `None` means: could not be read this time."""

    at: datetime
    traffic: TrafficView | None = None
    environments: Mapping[Slot, EnvironmentView | None] = field(default_factory=dict)
    readings: tuple[Reading, ...] | None = None
    alarms: Mapping[str, str] = field(default_factory=dict)  # name -> OK | ALARM | INSUFFICIENT_DATA
    commands: tuple[Command, ...] = ()
    trouble: tuple[Trouble, ...] = ()
    checks: Mapping[str, CheckView] = field(default_factory=dict)  # by run
    set_up: tuple[AlarmView, ...] | None = None  # the gates' alarms, when they are to be tested
    built: Mapping[str, str] | None = None  # how the candidate is configured, when a check wants to know
    reserved: Mapping[Slot, ReservationView] = field(default_factory=dict)  # when the plan reserves capacity
    fallback: FallbackView | None = None  # when it is being prepared
    drills: tuple[DrillView, ...] | None = None  # when alarms are to be drilled
    idle: tuple[str, ...] | None = None  # health checks of records that are gone, when they are to be removed
    data: Annotated[DataView | None, Field(exclude_if=lambda view: view is None)] = None  # when the plan has some

    def environment(self, slot: Slot) -> EnvironmentView | None:
        return self.environments.get(slot)

    def points(self, query: Query) -> Series:
        """What was read for `query`; nothing at all when metrics could not be read."""
        readings = self.readings or ()
        for reading in readings:
            if reading.query is query:
                return reading.points
        for reading in readings:
            if reading.query == query:
                return reading.points
        return ()
