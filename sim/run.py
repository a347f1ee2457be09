"""run(scenario, plan, seed) -> trace: one rehearsal, from the first look to a named end and a settled world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bluegreen.aws.wiring import connect, preflight
from bluegreen.engine import Engine
from bluegreen.errors import OperatingError, UserError
from bluegreen.journal.entries import Entry
from bluegreen.journal.heard import Heard
from bluegreen.model import Rollout
from bluegreen.plan import Plan
from bluegreen.registry import kind_of
from sim.api import EngineKilled
from sim.clock import EPOCH
from sim.cloud import Cloud
from sim.faults.base import Fault
from sim.invariants import Broken, Watchman
from sim.scenario import Scenario
from sim.scene import Scene
from sim.timeline import Timeline
from sim.trace import Trace, TraceJournal
from sim.world import World

SETTLE = timedelta(minutes=10)
"""How long the world goes on after the end, before the last invariants are asked."""

OnStep = Callable[[datetime, Rollout], None]
"""Told before each step: the virtual time and where the rollout is."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a rehearsal gave."""

    trace: Trace
    entries: tuple[Entry, ...]
    rollout: Rollout
    broken: tuple[Broken, ...]
    world: World


def run(scenario: Scenario, plan: Plan, seed: int, on_step: OnStep | None = None) -> Run:
    """Rehearse `plan` in the scenario's world. Raises UserError for what the plan gets wrong about that world."""
    return _Rehearsal(scenario, plan, seed, on_step or (lambda now, rollout: None)).run()


class _Rehearsal:
    """The parts of one run, wired."""

    def __init__(self, scenario: Scenario, plan: Plan, seed: int, on_step: OnStep) -> None:
        self.scenario, self.plan, self.on_step = scenario, plan, on_step
        self.world = World(scenario.world, plan, seed)
        self.scene = Scene(self.world, plan)
        self.watchman = Watchman(plan, self.world)
        self.trace = Trace()
        self.timeline: Timeline | None = None
        self.journal = Heard(TraceJournal(self.trace), self.watchman.entry, self._tell_timeline)
        self.world.on_sample.append(self.trace.add_json)

    def run(self) -> Run:
        with Cloud(self.world, self.plan, self.scenario.cloud) as cloud:
            rollout = self._perform(cloud)
            self.watchman.stepped(rollout)
            if rollout.finished:
                self.world.clock.sleep(SETTLE)
                self.watchman.end()
        return Run(self.trace, self.journal.entries(), rollout, tuple(self.watchman.broken), self.world)

    def _perform(self, cloud: Cloud) -> Rollout:
        """Start an engine, and another one whenever it dies, until the rollout ends or time is up."""
        rollout_id = f"{self.plan.service.name}-{EPOCH:%Y%m%d-%H%M%S}"
        self.world.start()
        self._preflight(cloud, rollout_id)
        engine = self._engine(cloud, rollout_id)
        rollout = engine.start(rollout_id)
        self.timeline = Timeline(self.scenario.faults, self.scene, self._tell_fault)
        while True:
            try:
                return engine.run(rollout, self._go_on)
            except EngineKilled as death:
                self.world.clock.sleep(self.scene.restart)
                engine = self._engine(cloud, rollout_id)
                rollout = engine.resume(f"the engine had died {death}")

    def _go_on(self, rollout: Rollout) -> bool:
        """Asked before each step: is all well, and is there time left?"""
        self.watchman.stepped(rollout)
        self.on_step(self.world.clock.now(), rollout)
        in_time = self.world.clock.now() < EPOCH + self.scenario.give_up_after
        return in_time and not self.watchman.broken

    def _preflight(self, cloud: Cloud, rollout_id: str) -> None:
        try:
            preflight(cloud.session, self.plan, rollout_id)
        except OperatingError as error:
            raise UserError(f"this rollout cannot begin: {error}") from error

    def _engine(self, cloud: Cloud, rollout_id: str) -> Engine:
        ports = connect(cloud.session, self.plan, rollout_id)
        return Engine(self.plan, ports, self.scene.desk, self.world.clock, self.journal)

    def _tell_timeline(self, entry: Entry) -> None:
        if self.timeline is not None:
            self.timeline.entry(entry)

    def _tell_fault(self, fault: Fault, change: str) -> None:
        self.trace.add("fault", self.world.clock.now(), fault=kind_of(fault), change=change, about=fault.about)
