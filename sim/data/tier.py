"""The data tier of one world: the databases behind both slots, what a team's commands do to them, and what that makes
of requests.

Built only for plans with `data`. Requests feel it as errors: old code that misses what was contracted, new code that
misses what was not expanded, writes at a fence, a database that reboots, a table that a migration has locked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import simpy

from bluegreen.data.rds_blue_green import RdsBlueGreen
from bluegreen.data.replica import Replica as ReplicaPlan
from bluegreen.data.schema import Schema as SchemaPlan
from bluegreen.data.sync import Sync as SyncPlan
from bluegreen.model import End, Rollout, Slot
from sim.clock import now_ms
from sim.data.books import Books, Where
from sim.data.hazards import Hazards
from sim.data.history import History
from sim.data.migrating import Migrating
from sim.data.rds import CALM, Rds
from sim.data.spec import DataSpec
from sim.data.together import Together
from sim.data.told import history_of
from sim.effects import DataChanged, Effect

if TYPE_CHECKING:
    from numpy.random import Generator

    from bluegreen.plan import Plan
    from sim.place import Place, Served


class DataTier:
    """`places` feel it; `usual`: requests/s on average. `hazards` are for faults to turn."""

    def __init__(
        self,
        spec: DataSpec,
        plan: Plan,
        hazards: Hazards,
        *,
        env: simpy.Environment,
        places: Mapping[Slot, Place],
        rng: Generator,
        sample: Generator,
        settle: Callable[[], None],
        record: Callable[[Effect], None],
        usual: float,
    ) -> None:
        self.spec, self.plan, self.hazards = spec, plan, hazards
        self._env, self._places, self._record, self._settle = env, places, record, settle
        self._usual = usual
        self.live, self.candidate = plan.live.slot, plan.live.slot.other
        self.fenced: set[Slot] = set()
        self.books = Books(rng, spec.keys, min(1.0, spec.tracked / spec.keys))
        self.migrating = Migrating(plan.data, self._changed, env)
        self.rds = Rds(spec, plan, hazards, env=env, changed=self._changed, settle=settle)
        self._both = False
        """Both slots have been there at once."""
        stores = isinstance(plan.data, SyncPlan)
        self.together = Together(spec, hazards, rng, sample, live=self.live, env=env, settle=settle) if stores else None
        """Two stores, where the plan has a sync; nothing is ever promoted then."""
        self.felt()

    # -- what requests feel

    def uses(self, slot: Slot) -> Where:
        """Which database a slot's code reaches."""
        own = isinstance(self.plan.data, ReplicaPlan | SyncPlan) and slot is self.candidate
        return "copy" if own or self.rds.switched else "source"

    def writable(self, slot: Slot) -> bool:
        """Whether a slot's writes are taken."""
        if slot in self.fenced and not self.hazards.leaky:
            return False
        if isinstance(self.plan.data, ReplicaPlan) and slot is self.candidate:
            return self.rds.promoted
        return self.rds.writable

    def errors(self, slot: Slot) -> float:
        """The share of a slot's requests that fail because of the data."""
        fails = [self.migrating.errors(new=slot is self.candidate)]
        fails.append(0.0 if self.writable(slot) else self.spec.writes)
        if self.migrating.running:
            fails.append(self.hazards.locked)
        if self.uses(slot) == "copy" and not self.rds.available:
            fails.append(1.0)
        good = 1.0
        for share in fails:
            good *= 1 - share
        return 1 - good

    def felt(self) -> None:
        """Something has changed: requests feel it from now on."""
        self.rds.felt()
        if self.together is not None:
            self.together.felt()
        if self.rds.switched and self.books.position is None:  # nobody could write meanwhile: nothing is missing
            self.books.promote(now_ms(self._env), now_ms(self._env))
        self.hazards.leaked |= self.hazards.leaky and bool(self.fenced)
        for slot, place in self._places.items():
            place.release.data_errors = self.errors(slot)

    # -- time passes

    def pass_time(self, start: int, end: int, served: Mapping[Slot, Served]) -> None:
        """What was answered over a stretch: some of it wrote."""
        if self.together is not None:
            self._write_both(self.together, start, end, served)
            return
        for slot, done in served.items():
            if not done.answered:
                continue
            where = self.uses(slot)
            writable = self.writable(slot)
            count = int(self.books.rng.binomial(done.answered, self.spec.writes)) if writable else 0
            if self.books.position is not None and where == "source":
                self.books.stale_reads += done.answered - count
            self.books.write(where, start, end, count)
        answered = sum(done.answered for done in served.values())
        self.rds.follow(1000 * answered / (end - start) / self._usual)
        if self.books.position is None:
            replica = self.rds.replica
            self.books.followed(replica.position if replica is not None else end)

    def minute(self) -> None:
        """A minute is over."""
        self.rds.measure()
        if self.together is not None:
            self.together.measure()
            there = [slot for slot, place in self._places.items() if place.fleet.exists]
            self._both |= len(there) > 1
            self.together.tracked.alone = there[0] if self._both and len(there) == 1 else None

    # -- what is done to it

    def left(self, run: str, takes: int) -> int:
        """Of what a command of the team's takes (ms), what is still to be done."""
        return self.migrating.left(_named(run), takes)

    def command(self, run: str, until: int, *, passes: bool) -> None:
        """A command of the team's was begun; it ends at that moment (ms), if nothing kills it."""
        name = _named(run)
        self._settle()
        self.migrating.begin(name, until, passes=passes, does=lambda: self._does(name))
        if name == "contract":
            self._record(DataChanged("contract"))
        self.felt()

    def stop(self, run: str) -> None:
        """Nobody waits for a command any more: it is ended."""
        self._settle()
        self.migrating.stop(_named(run))
        self.felt()

    def killed(self) -> None:
        """The engine died, and with it all that it had begun."""
        self._settle()
        self.migrating.kill()
        self.felt()

    def said(self, run: str) -> str:
        """What a command writes last."""
        if not run.startswith("data/lost"):
            return ""
        there = self.books.only_copy if self.together is None else self.together.missing(self.candidate)
        return f"{there} writes"

    def lost(self, truth: Where) -> int:
        """Acknowledged writes that the database which everybody uses in the end does not have."""
        if self.together is None:
            return self.books.lost(truth)
        return self.together.apart[self.candidate if truth == "source" else self.live]

    @property
    def conflicts(self) -> int:
        """Writes to what the other side had written and nobody here had heard of."""
        return self.books.conflicts() if self.together is None else self.together.conflicts

    @property
    def stale_reads(self) -> int:
        """Answers that may have lacked what the other database had taken."""
        return self.books.stale_reads if self.together is None else self.together.stale_reads

    @property
    def unordered(self) -> bool:
        """Something was overwritten that nobody had compared."""
        return self.together is not None and self.together.tracked.unordered

    def history(self, truth: Slot, *, confirmed: bool = False) -> History:
        """The tracked keys, when `truth` is the slot that everybody uses. `confirmed`: somebody took upon himself what
        only the other one has."""
        now = now_ms(self._env)
        if self.together is not None:
            return self.together.tracked.history(truth, at=now, confirmed=confirmed)
        return history_of(self.books, self.uses(truth), at=now, confirmed=confirmed)

    def promote(self, by: str = "engine") -> None:
        """PromoteReadReplica. Raises AwsError."""
        self._settle()
        lag, fenced = self.rds.lag, self.live in self.fenced
        position = self.rds.promote()
        self.books.promote(position, now_ms(self._env))
        self._record(DataChanged("promotion", lag=lag, fenced=fenced, missed=self.books.missed, by=by))
        self.felt()

    def switch(self) -> None:
        """SwitchoverBlueGreenDeployment. Raises AwsError."""
        self._settle()
        self.rds.switch()
        self._record(DataChanged("switchover", lag=self.rds.lag, fenced=True))
        self.felt()

    def contract_by_hand(self) -> None:
        """Somebody did."""
        self._settle()
        self.migrating.done("contract")
        self._record(DataChanged("contract", by="operator"))
        self.felt()

    def _write_both(self, together: Together, start: int, end: int, served: Mapping[Slot, Served]) -> None:
        """Each slot writes to its own store."""
        writes = {slot: int(self.books.rng.binomial(done.answered, self.spec.writes)) for slot, done in served.items()}
        reads = {slot: done.answered - writes[slot] for slot, done in served.items()}
        self.books.acknowledged += sum(writes.values())
        load = 1000 * sum(done.answered for done in served.values()) / (end - start) / self._usual
        together.loaded(load if load > CALM else 1.0)
        together.pass_time(start, end, writes, reads)

    def _changed(self) -> None:
        self._settle()
        self.felt()

    def _does(self, name: str) -> None:
        """A command has passed."""
        self._settle()
        match name:
            case "fence":
                self.fenced.add(self.live)
            case "fence-back":
                self.fenced.add(self.candidate)
            case "unfence":
                self.fenced.discard(self.live)
            case "back-sync":
                self.books.bring_back(now_ms(self._env))
            case "expand" | "contract":
                self.migrating.done(name)
        self.felt()


def used_in_the_end(rollout: Rollout | None) -> Slot | None:
    """Whom everybody uses after one of the good ends."""
    if rollout is None or rollout.end not in (End.SUCCEEDED, End.ROLLED_BACK, End.ABORTED):
        return None
    return rollout.candidate if rollout.end is End.SUCCEEDED else rollout.live


def _named(run: str) -> str:
    """A command by what it is for."""
    return run.removeprefix("data/").partition("#")[0]


def has_tier(plan: Plan) -> bool:
    """Whether a plan's data are a part of the world."""
    return isinstance(plan.data, SchemaPlan | ReplicaPlan | RdsBlueGreen | SyncPlan)
