"""The loop: look, decide, write down, act, sleep. The only place that does all of them, and the only sleep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from bluegreen.decide import decide, shown, wants
from bluegreen.decide.checking import GRACE, check_of, running
from bluegreen.decide.prewarm import look_at
from bluegreen.decide.wants import Wants
from bluegreen.errors import OperatingError
from bluegreen.journal.entries import Decided, Failed, Resumed, Started
from bluegreen.journal.fold import fold
from bluegreen.model import (
    Action,
    CreateEnvironment,
    Decision,
    DrillAlarm,
    HoldScaleIn,
    MoveData,
    Notify,
    Observation,
    Phase,
    PrepareData,
    PrepareFallback,
    Query,
    Reading,
    RemoveEnvironment,
    RemoveRecord,
    Reserve,
    Rollout,
    RunCheck,
    Series,
    SetCapacity,
    SetWeights,
    Slot,
    StopCheck,
    TidyFallback,
    Trouble,
)
from bluegreen.plan import Plan
from bluegreen.ports import Clock, Control, Journal, Lease, Ports
from bluegreen.units import show_about

Result = TypeVar("Result")

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(seconds=60)
LINGER = timedelta(seconds=15)
"""How often the last hooks are looked at, after the end."""
LOOK_AT = tuple((slot, f"look at {slot}") for slot in Slot)
STOOD_STILL = timedelta(seconds=30)
"""What takes a moment took longer than this: the process was frozen, starved, or moved to another machine."""


class _Reader:
    """Asks, and remembers what could not be answered."""

    def __init__(self, trouble: list[Trouble]) -> None:
        self.trouble = trouble

    def __call__(self, what: str, ask: Callable[..., Result], *of: Any) -> Result | None:
        try:
            return ask(*of)
        except OperatingError as error:
            self.trouble.append(Trouble(what, str(error), lasting=error.lasting))
            return None


class Alone:
    """`bluegreen.ports.Lease` of an engine that nobody can take over from."""

    def renew(self) -> None:
        """It is ours."""


class Engine:
    """Performs one rollout. What must survive a crash is in the journal; what is kept here may be lost. Raises
    LeaseLost from wherever it learns that another engine has taken over. `by`: whose engine it is, for the journal."""

    def __init__(
        self,
        plan: Plan,
        ports: Ports,
        control: Control,
        clock: Clock,
        journal: Journal,
        *,
        lease: Lease | None = None,
        by: str = "",
    ) -> None:
        self.plan = plan
        self.ports = ports
        self.control = control
        self.clock = clock
        self.journal = journal
        self.lease = lease or Alone()
        self.by = by
        self._unsure = False  # an entry could not be written, or nobody knows whether it was
        self._anew = ""  # ... and it was to say why the rollout is taken up anew
        self._failed: tuple[Trouble, ...] = ()  # what went wrong when acting, for the next look
        self._retries = 0
        self._series: Mapping[Query, Series] = {}  # as last read, and what they are in an observation
        self._readings: tuple[Reading, ...] = ()

    def start(self, rollout_id: str) -> Rollout:
        """Begin a rollout: its first journal entry."""
        now = self.clock.now()
        rollout = Rollout(rollout_id, self.plan.live.slot, Phase.PROVISION, started=now, since=now)
        self.journal.append(Started(now, self.plan.hash, rollout, by=self.by))
        return rollout

    def resume(self, why: str) -> Rollout:
        """Take up a rollout where its journal ends; the next look shows what became of the last actions."""
        now = self.clock.now()
        rollout = replace(fold(self.journal.entries()), since=now, healthy_since=None)
        if rollout.data is not None:
            rollout = replace(rollout, data=replace(rollout.data, begun={}))
        self.journal.append(Resumed(now, why, rollout, by=self.by))
        for notice in rollout.notices:  # nobody knows whether it was sent
            self.ports.notices.send(notice)
        return rollout

    def run(self, rollout: Rollout, go_on: Callable[[Rollout], bool] = lambda rollout: True) -> Rollout:
        """Step until the rollout has ended. `go_on` is asked before each step, and may stop it."""
        while (not rollout.finished or self._lingers(rollout)) and go_on(rollout):
            rollout, wait = self.step(rollout)
            slept = self.clock.now()
            self.clock.sleep(wait)
            rollout = self._awake(rollout, slept + wait) or rollout
        return rollout

    def step(self, rollout: Rollout) -> tuple[Rollout, timedelta]:
        """One look, what is decided on it, its actions. Returns the rollout after it and how long to sleep. What cannot
        be written down is not done."""
        try:
            rollout = self._as_written(rollout)
            return (rollout, LINGER) if rollout.finished else self._step(rollout)
        except OperatingError as error:
            return rollout, self._not_written(error)

    def _step(self, rollout: Rollout) -> tuple[Rollout, timedelta]:
        for notice, trouble in self.ports.notices.failures():
            self.journal.append(Failed(self.clock.now(), Notify(notice), trouble))
        seen = self.look(rollout)
        looked, at, been = self.clock.now(), rollout, {rollout.phase}
        while True:
            decision = decide(self.plan, at, seen)
            try:
                self.journal.append(Decided(seen.at, seen, decision))  # intent first
            except OperatingError as error:
                return at, self._not_written(error)
            at = decision.rollout
            if (anew := self._awake(at, looked)) is not None:
                return anew, timedelta(0)  # what was seen is too old to act on
            if at.phase in been or not shown(self.plan, rollout, seen, decision):
                return at, self._act_on(decision)
            been.add(at.phase)

    def _lingers(self, rollout: Rollout) -> bool:
        """Whether hooks that the end has begun are still running; what became of the others is written down once."""
        busy = False
        for run in running(rollout):
            view = self.ports.checks.look(run)
            late = self.clock.now() - rollout.runs[run].began > check_of(self.plan, run).timeout + GRACE
            if view.state == "running" and not late:
                busy = True
            elif view.state not in ("passed", "absent"):
                self.ports.checks.stop(run)
                with suppress(OperatingError):
                    self.journal.append(Failed(self.clock.now(), RunCheck(run), Trouble(run, view.detail)))
        return busy

    def look(self, rollout: Rollout) -> Observation:
        """Read everything the next decision needs. What cannot be read is missing, and named."""
        read = _Reader(list(self._failed))
        self._failed = ()
        at = self.clock.now()
        wanted = wants(self.plan, rollout)
        ports = self.ports
        read("renew the lease", self.lease.renew)
        traffic = read("read the weights", ports.traffic.read)
        environments = {slot: read(what, ports.environments.look, slot) for slot, what in LOOK_AT}
        series = None
        if wanted.queries:
            series = read("read metrics", ports.metrics.read, wanted.queries, wanted.begin(at), at)
        alarms = read("read alarms", ports.metrics.alarms, wanted.alarms) if wanted.alarms else None
        further = self._look_further(at, rollout, wanted, read) if wanted.more else {}
        commands = read("take commands", self.control.take) or ()
        return Observation(
            at=at,
            traffic=traffic,
            environments=environments,
            readings=None if series is None else self._readings_of(series),
            alarms=alarms or {},
            commands=commands,
            trouble=tuple(read.trouble),
            **further,
        )

    def _readings_of(self, series: Mapping[Query, Series]) -> tuple[Reading, ...]:
        """The same object as long as there is nothing new."""
        if series is not self._series:
            self._series, self._readings = series, tuple([Reading(query, points) for query, points in series.items()])
        return self._readings

    def _look_further(self, at: datetime, rollout: Rollout, wanted: Wants, read: _Reader) -> dict[str, Any]:
        """What only some phases of some plans want: fields of the observation."""
        ports, candidate, started = self.ports, rollout.candidate, rollout.started
        set_up = read("read alarms", ports.metrics.set_up, wanted.set_up, at) if wanted.set_up else None
        checks = [(run, read(f"look at {run}", ports.checks.look, run)) for run in wanted.checks]
        reserved = [(slot, read(look_at(slot), ports.prewarm.look, slot)) for slot in wanted.reserved]
        built = read("read the configuration", ports.environments.built, candidate) if wanted.built else None
        fallback = read("look at the fallback", ports.fallback.look) if wanted.fallback else None
        drills = read("look at drills", ports.drills.look, wanted.drills, started) if wanted.drills else None
        idle = read("look for health checks left over", ports.fallback.idle) if wanted.idle else None
        data = read("look at the data", ports.data.look) if wanted.data else None
        return {
            "checks": {run: view for run, view in checks if view is not None},
            "reserved": {slot: view for slot, view in reserved if view is not None},
            "set_up": tuple(set_up) if set_up is not None else None,
            "built": built,
            "fallback": fallback,
            "drills": tuple(drills) if drills is not None else None,
            "idle": idle,
            "data": data,
        }

    def _awake(self, rollout: Rollout, due: datetime) -> Rollout | None:
        """What should have happened at `due` happened only now. When that is so late that this process must have stood
        still, the rollout is taken up as after a crash: time in which nobody looked does not count to a deadline."""
        late = self.clock.now() - due
        if late <= STOOD_STILL or rollout.finished:
            return None
        self._anew = f"the engine had stood still for {show_about(late)}"
        try:
            return self._take_up()
        except OperatingError as error:
            self._not_written(error)
            return rollout

    def _take_up(self) -> Rollout:
        anew = self.resume(self._anew)
        self._anew = ""
        return anew

    def _not_written(self, error: OperatingError) -> timedelta:
        """An entry may be in the journal, or not. Returns how long to wait before it is asked."""
        self._unsure = True
        self._failed = (Trouble("write the journal", str(error)),)
        return self._next_retry()

    def _as_written(self, rollout: Rollout) -> Rollout:
        """Where the rollout is: as its journal says, when an entry's writing is in doubt. Else a command in such an
        entry would be lost."""
        if self._unsure:
            rollout = self._take_up() if self._anew else fold(self.journal.entries())
            self._unsure = False
        return rollout

    def _next_retry(self) -> timedelta:
        self._retries += 1
        return min(LAST_RETRY, FIRST_RETRY * (1 << min(self._retries - 1, 10)))

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
            case RunCheck(run, facts):
                ports.checks.begin(run, check_of(self.plan, run), facts)
            case StopCheck(run):
                ports.checks.stop(run)
            case Reserve(slot, units):
                ports.prewarm.reserve(slot, units)
            case Notify(notice):
                ports.notices.send(notice)
            case DrillAlarm(alarm):
                ports.drills.drill(alarm)
            case _:
                self._plain(action)()

    def _plain(self, action: PrepareFallback | TidyFallback | PrepareData | MoveData) -> Callable[[], None]:
        """What an action without anything to say does."""
        fallback, data = self.ports.fallback, self.ports.data
        match action:
            case PrepareFallback():
                return fallback.prepare
            case TidyFallback():
                return fallback.tidy
            case PrepareData():
                return data.prepare
            case MoveData():
                return data.move

    def _act_on(self, decision: Decision) -> timedelta:
        """Do the actions in order, up to the first that fails. Returns how long to sleep: the decision's wait, or
        less when something has to be tried again."""
        for action in decision.actions:
            try:
                self.lease.renew()
                self.act(action)
            except OperatingError as error:
                trouble = Trouble(action.kind, str(error), lasting=error.lasting)
                self._failed = (trouble,)  # the next decision's entry tells it in any case
                with suppress(OperatingError):
                    self.journal.append(Failed(self.clock.now(), action, trouble))
                return min(decision.wait, self._next_retry())
        self._retries = 0
        return decision.wait
