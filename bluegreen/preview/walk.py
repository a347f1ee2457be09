"""The engine's own way through the ideal outside: which phases it visits, for how long, at what cost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from bluegreen.engine import Engine
from bluegreen.journal.entries import Decided, Entry
from bluegreen.model import End, Phase, Rollout
from bluegreen.plan import Plan
from bluegreen.ports import Ports
from bluegreen.preview.calls import Ledger
from bluegreen.preview.calm import calm
from bluegreen.preview.ideal import START, Clock, Environments, Metrics, Prewarm, Traffic
from bluegreen.preview.known import Known

LONGEST = timedelta(days=30)
"""A walk is given up then."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay in a phase. `step` matters in the phases in which traffic moves."""

    phase: Phase
    step: int
    length: timedelta


@dataclass(frozen=True, slots=True)
class Walk:
    """What came of it."""

    visits: tuple[Visit, ...]
    end: End | None
    why: str
    looks: int
    calls: Counter[str]
    busiest: Counter[str]
    machine_hours: float
    """Of both slots together."""
    unit_hours: float
    """Of reserved balancer capacity."""
    standing: int
    """Machines that were there before: the live slot's, and those of a slot that was kept."""

    @property
    def length(self) -> timedelta:
        return sum((visit.length for visit in self.visits), timedelta(0))

    def spent(self, phase: Phase) -> timedelta:
        return sum((visit.length for visit in self.visits if visit.phase is phase), timedelta(0))


def walk(plan: Plan, known: Known) -> Walk:
    """Let the engine perform the plan where all goes well."""
    return _Walker(calm(plan), known).walk()


def without_limits(plan: Plan) -> Plan:
    """The same plan with all the time in the world."""
    deadlines = plan.deadlines.model_copy(update=dict.fromkeys(type(plan.deadlines).model_fields, LONGEST))
    drain = plan.drain.model_copy(update={"ceiling": LONGEST})
    return plan.model_copy(update={"deadlines": deadlines, "drain": drain, "look_limit": 1_000_000})


class _Walker:
    def __init__(self, plan: Plan, known: Known) -> None:
        self.clock = Clock()
        self.ledger = Ledger(plan, known.call, self.clock.sleep)
        self.places = Environments(plan, known, self.clock, self.ledger)
        traffic = Traffic(plan, known, self.clock, self.ledger)
        if not plan.traffic.counts_apart:
            self.places.attach(traffic)
        metrics = Metrics(plan, known, self.clock, traffic, self.places)
        self.standing = sum(group.desired for group in self.places.groups.values())
        self.kept: list[Entry] = []
        self.prewarm = Prewarm(known, self.clock, self.ledger, self.places)
        ports = Ports(traffic, self.places, metrics, prewarm=self.prewarm)
        self.engine = Engine(plan, ports, self, self.clock, self)
        self._machine_time, self._unit_time, self._counted = timedelta(0), timedelta(0), START

    # -- Control and Journal ------------------------------------------------------------------------------------

    def take(self) -> tuple[()]:
        return ()

    def append(self, entry: Entry) -> None:
        self.kept.append(entry)

    def entries(self) -> tuple[Entry, ...]:
        return tuple(self.kept)

    # -- the way --------------------------------------------------------------------------------------------------

    def walk(self) -> Walk:
        # Not by `engine.start`: its journal entry holds the plan's hash, and stand-ins have none.
        begin = Rollout("preview", self.engine.plan.live.slot, Phase.PROVISION, started=START, since=START)
        rollout = self.engine.run(begin, self._go_on)
        self._go_on(rollout)
        last = self.kept[-1]
        why = last.decision.why if isinstance(last, Decided) else ""
        return Walk(
            visits=self._visits(),
            end=rollout.end,
            why=why,
            looks=rollout.looks,
            calls=self.ledger.calls,
            busiest=self.ledger.busiest,
            machine_hours=self._machine_time / timedelta(hours=1),
            unit_hours=self._unit_time / timedelta(hours=1),
            standing=self.standing,
        )

    def _go_on(self, rollout: Rollout) -> bool:
        self.ledger.next_look()
        now = self.clock.now()
        machines = sum(group.desired for group in self.places.groups.values() if group.gone is None)
        self._machine_time += (now - self._counted) * machines
        self._unit_time += (now - self._counted) * self.prewarm.reserved
        self._counted = now
        return now - START < LONGEST

    def _visits(self) -> tuple[Visit, ...]:
        found: list[Visit] = []
        decided = [entry for entry in self.kept if isinstance(entry, Decided)]
        times = [*(entry.at for entry in decided[1:]), self.clock.now()]
        for entry, until in zip(decided, times, strict=True):
            rollout = entry.decision.rollout
            if rollout.finished:
                break
            here = Visit(rollout.phase, rollout.step, until - entry.at)
            if found and (found[-1].phase, found[-1].step) == (here.phase, here.step):
                found[-1] = Visit(here.phase, here.step, found[-1].length + here.length)
            else:
                found.append(here)
        return tuple(found)
