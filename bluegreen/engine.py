"""The loop: look, decide, write down, act, sleep. The only place that does all of them, and the only sleep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from bluegreen.decide import decide, wants
from bluegreen.errors import OperatingError
from bluegreen.journal.entries import Decided, Failed, Resumed, Started
from bluegreen.journal.fold import fold
from bluegreen.model import (
    Action,
    CreateEnvironment,
    Decision,
    HoldScaleIn,
    Observation,
    Phase,
    Reading,
    RemoveEnvironment,
    RemoveRecord,
    Rollout,
    SetCapacity,
    SetWeights,
    Slot,
    Trouble,
)
from bluegreen.plan import Plan
from bluegreen.ports import Clock, Control, Journal, Ports

Result = TypeVar("Result")

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(seconds=60)


class Engine:
    """Performs one rollout. What must survive a crash is in the journal; what is kept here may be lost."""

    def __init__(self, plan: Plan, ports: Ports, control: Control, clock: Clock, journal: Journal) -> None:
        self.plan = plan
        self.ports = ports
        self.control = control
        self.clock = clock
        self.journal = journal
        self._failed: tuple[Trouble, ...] = ()  # what went wrong when acting, for the next look
        self._retries = 0

    def start(self, rollout_id: str) -> Rollout:
        """Begin a rollout: its first journal entry."""
        now = self.clock.now()
        rollout = Rollout(rollout_id, self.plan.live.slot, Phase.PROVISION, started=now, since=now)
        self.journal.append(Started(now, self.plan.hash, rollout))
        return rollout

    def resume(self, why: str) -> Rollout:
        """Take up a rollout where its journal ends; the next look shows what became of the last actions."""
        now = self.clock.now()
        rollout = replace(fold(self.journal.entries()), since=now, healthy_since=None)
        self.journal.append(Resumed(now, why, rollout))
        return rollout

    def run(self, rollout: Rollout, go_on: Callable[[Rollout], bool] = lambda rollout: True) -> Rollout:
        """Step until the rollout has ended. `go_on` is asked before each step, and may stop it."""
        while not rollout.finished and go_on(rollout):
            rollout, wait = self.step(rollout)
            self.clock.sleep(wait)
        return rollout

    def step(self, rollout: Rollout) -> tuple[Rollout, timedelta]:
        """One look, one decision, its actions. Returns the rollout after it and how long to sleep."""
        seen = self.look(rollout)
        decision = decide(self.plan, rollout, seen)
        self.journal.append(Decided(seen.at, seen, decision))  # intent first
        return decision.rollout, self._act_on(decision)

    def look(self, rollout: Rollout) -> Observation:
        """Read everything the next decision needs. What cannot be read is missing, and named."""
        trouble = list(self._failed)
        self._failed = ()
        at = self.clock.now()
        wanted = wants(self.plan, rollout)
        ports = self.ports

        def read(what: str, ask: Callable[[], Result]) -> Result | None:
            try:
                return ask()
            except OperatingError as error:
                trouble.append(Trouble(what, str(error), lasting=error.lasting))
                return None

        traffic = read("read the weights", ports.traffic.read)
        environments = {slot: read(f"look at {slot}", partial(ports.environments.look, slot)) for slot in Slot}
        series = None
        if wanted.queries:
            since = at - wanted.lookback
            series = read("read metrics", partial(ports.metrics.read, wanted.queries, since, at))
        alarms = read("read alarms", partial(ports.metrics.alarms, wanted.alarms)) if wanted.alarms else None
        return Observation(
            at=at,
            traffic=traffic,
            environments=environments,
            readings=None if series is None else tuple(Reading(query, points) for query, points in series.items()),
            alarms=alarms or {},
            commands=self.control.take(),
            trouble=tuple(trouble),
        )

    def act(self, action: Action) -> None:
        """Do one thing. Raises OperatingError."""
        ports = self.ports
        match action:
            case CreateEnvironment(slot):
                ports.environments.create(slot)
            case SetCapacity(slot, instances):
                ports.environments.resize(slot, instances)
            case HoldScaleIn(slot, held):
                ports.environments.hold_scale_in(slot, held)
            case SetWeights(weights):
                ports.traffic.set(weights)
            case RemoveRecord(slot):
                ports.traffic.remove(slot)
            case RemoveEnvironment(slot):
                ports.environments.remove(slot)

    def _act_on(self, decision: Decision) -> timedelta:
        """Do the actions in order, up to the first that fails. Returns how long to sleep: the decision's wait, or
        less when something has to be tried again."""
        for action in decision.actions:
            try:
                self.act(action)
            except OperatingError as error:
                trouble = Trouble(action.kind, str(error), lasting=error.lasting)
                self.journal.append(Failed(self.clock.now(), action, trouble))
                self._failed = (trouble,)
                self._retries += 1
                return min(decision.wait, LAST_RETRY, FIRST_RETRY * (1 << min(self._retries - 1, 10)))
        self._retries = 0
        return decision.wait
