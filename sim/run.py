"""run(scenario, plan, seed) -> trace: one rehearsal, from the first look to a named end and a settled world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bluegreen.engine import FIRST_RETRY, Engine
from bluegreen.errors import LeaseLost, OperatingError, UserError
from bluegreen.journal.entries import Entry
from bluegreen.journal.heard import Heard, Listener
from bluegreen.model import Notice, Rollout
from bluegreen.plan import Plan
from bluegreen.registry import kind_of
from sim.api import EngineKilled
from sim.checks import SimChecks, SimNotices
from sim.clock import EPOCH
from sim.collector import resting
from sim.escape import watching
from sim.faults.base import Fault
from sim.invariants import SETTLE, Broken, Watchman
from sim.scenario import Scenario
from sim.scene import Scene
from sim.team import Team
from sim.tiers import Outside, Tier, outside
from sim.timeline import Timeline
from sim.trace import Trace, TraceJournal
from sim.world import World

OnStep = Callable[[datetime, Rollout], None]
"""Told before each step: the virtual time and where the rollout is."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A fault that `strikes`, `happens` or `heals`."""

    at: datetime
    fault: Fault
    change: str


@dataclass(frozen=True, slots=True)
class Run:
    """What a rehearsal gave."""

    trace: Trace
    entries: tuple[Entry, ...]
    rollout: Rollout
    broken: tuple[Broken, ...]
    world: World
    struck: tuple[Struck, ...] = ()


def run(scenario: Scenario, plan: Plan, seed: int, on_step: OnStep | None = None, *, tier: Tier = Tier.MOTO) -> Run:
    """Rehearse `plan` in the scenario's world. Raises UserError for what the plan gets wrong about that world."""
    return Rehearsing(scenario, plan, seed, on_step).run(tier)


class Rehearsing:
    """The parts of one run, wired. `run` is all of it; who wants to step in on the way uses begin, go_on, and end."""

    def __init__(self, scenario: Scenario, plan: Plan, seed: int, on_step: OnStep | None = None) -> None:
        self.scenario, self.plan, self.on_step = scenario, plan, on_step or (lambda now, rollout: None)
        self.world = World(scenario.world, plan, seed)
        self.scene = Scene(self.world, plan)
        self.watchman = Watchman(plan, self.world)
        self.trace = Trace()
        self.timeline: Timeline | None = None
        self.begun: dict[str, int] = {}
        self.told: list[Notice] = []
        self.struck: list[Struck] = []
        self.kept = TraceJournal(self.trace)
        self.listeners: tuple[Listener, ...] = (self.watchman.entry, self._tell_timeline, self._tell_rival)
        self.team: Team | None = None
        self.engine: Engine | None = None
        self.rollout: Rollout | None = None
        self.why = ""
        """What became of the engine before this one."""
        self.world.on_sample.append(self.trace.add_sample)

    def run(self, tier: Tier, begun: Callable[[], None] = lambda: None) -> Run:
        """All of it. `begun` is told when AWS has let the rollout begin, before the engine's first look."""
        with outside(tier, self.world, self.plan, self.scenario.cloud) as aws, watching(), resting():
            self.begin(aws)
            begun()
            self.go_on()
            return self.end()

    def begin(self, aws: Outside) -> None:
        """Set the world going. The engine makes its first step in `go_on`."""
        self.aws, self.rollout_id = aws, f"{self.plan.service.name}-{EPOCH:%Y%m%d-%H%M%S}"
        self.world.start()
        self._preflight(aws, self.rollout_id)
        if self.plan.team is not None:
            self.team = Team(self.world, self.plan, aws.table(), self.rollout_id, self._tell_second)

    def go_on(self, wish: Callable[[Rollout], bool] = lambda rollout: True) -> None:
        """Let the engine step, and another one whenever it dies, until the rollout ends or time is up, or `wish`, which
        is asked before each step, wants to stop."""
        while True:
            try:
                if self.engine is None:
                    self._start_engine()
                assert self.engine is not None and self.rollout is not None
                self.rollout = self.engine.run(self.rollout, lambda rollout: self._go_on(rollout) and wish(rollout))
            except EngineKilled as death:
                self.world.clock.sleep(self.scene.restart)
                self.engine, self.why = None, f"the engine had died {death}"
            except LeaseLost as lost:
                self._tell_second(f"the first engine stopped: {lost}")
                self.engine, self.why = None, "another engine took over"
            else:
                return

    def end(self) -> Run:
        """Let the world settle, when the rollout has come to its end, and ask the last invariants."""
        rollout = self.rollout
        assert rollout is not None, "the engine has not begun"
        self.watchman.stepped(rollout)
        if rollout.finished:
            self.world.clock.sleep(SETTLE)
            self.watchman.end()
        broken, struck = tuple(self.watchman.broken), tuple(self.struck)
        done = Run(self.trace, self.kept.entries(), rollout, broken, self.world, struck)
        self._let_go()
        return done

    def _let_go(self) -> None:
        """Nobody listens any more. What was written is then freed with the run: held by the circles of the world it
        would be looked through again and again by the collector, for as long as that takes to come by."""
        self.world.on_sample.clear()
        self.world.watchers.clear()
        self.engine, self.listeners, self.trace, self.kept = None, (), Trace(), TraceJournal(Trace())

    def _start_engine(self) -> None:
        self.engine = self._engine(self.aws, self.rollout_id)
        self.rollout = self._begin(self.engine, self.rollout_id, self.why)
        self.timeline = self.timeline or Timeline(self.scenario.faults, self.scene, self._tell_fault)

    def _begin(self, engine: Engine, rollout_id: str, why: str) -> Rollout:
        """As a person would: again and again, until the journal can be read and written."""
        while True:
            try:
                return engine.resume(why) if engine.journal.entries() else engine.start(rollout_id)
            except OperatingError:
                self.world.clock.sleep(FIRST_RETRY)

    def _go_on(self, rollout: Rollout) -> bool:
        """Asked before each step: is all well, and is there time left?"""
        self.watchman.stepped(rollout)
        self.on_step(self.world.clock.now(), rollout)
        in_time = self.world.clock.now() < EPOCH + self.scenario.give_up_after
        return in_time and not self.watchman.broken

    def _preflight(self, aws: Outside, rollout_id: str) -> None:
        try:
            aws.preflight(rollout_id)
        except OperatingError as error:
            raise UserError(f"this rollout cannot begin: {error}") from error

    def _engine(self, aws: Outside, rollout_id: str) -> Engine:
        checks = SimChecks(self.world, self.scenario.checks, self.begun)
        notices = SimNotices(self.told, works=self.scenario.notices == "arrive")
        ports = replace(aws.connect(rollout_id), checks=checks, notices=notices)
        if self.team is None:
            journal = Heard(self.kept, *self.listeners)
            return Engine(self.plan, ports, self.scene.desk, self.world.clock, journal)
        lease = self.team.lease()
        known = len(self.kept.entries())
        journal = Heard(self.team.journal(lease), self.kept.append, *self.listeners, told=known)
        by = lease.holder.name
        return Engine(self.plan, ports, self.scene.desk, self.world.clock, journal, lease=lease, by=by)

    def _tell_timeline(self, entry: Entry) -> None:
        if self.timeline is not None:
            self.timeline.entry(entry)

    def _tell_rival(self, entry: Entry) -> None:
        """The engine has written something: a second one, if there is one, looks at the lease."""
        rival = self.scene.rival
        if rival is None:
            return
        if self.team is None:
            self._tell_second("the second engine was refused: on one machine the lock file is held")
        if self.team is None or self.team.look(rival):
            self.scene.rival = None

    def _tell_second(self, what: str) -> None:
        self.trace.add("second engine", self.world.clock.now(), what=what)

    def _tell_fault(self, fault: Fault, change: str) -> None:
        self.watchman.fault(change, heals=fault.lasts is not None)
        self.struck.append(Struck(self.world.clock.now(), fault, change))
        self.trace.add("fault", self.world.clock.now(), fault=kind_of(fault), change=change, about=fault.about)
