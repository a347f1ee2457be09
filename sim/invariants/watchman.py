"""Asks every invariant on its occasion and keeps what was broken."""

from __future__ import annotations

from collections.abc import Mapping

from bluegreen.journal.entries import Decided, Entry, Resumed, Started
from bluegreen.journal.fold import after
from bluegreen.model import Phase, Rollout
from bluegreen.plan import Plan
from sim.effects import CapacityChanged, Created, Effect, LeaseTaken, Removed
from sim.invariants.base import AT_END, ON_DECISION, ON_EFFECT, ON_PASSAGE, ON_STEP, PLACE, Broken, OnDecision, Record
from sim.world import World


def names() -> tuple[str, ...]:
    """Every invariant's name, sorted."""
    return tuple(sorted({*ON_EFFECT, *ON_DECISION, *ON_PASSAGE, *ON_STEP, *AT_END}))


class Watchman:
    """Stands beside one run."""

    def __init__(self, plan: Plan, world: World) -> None:
        self.record = Record(plan, world)
        self.broken: list[Broken] = []
        world.watchers.append(self.effect)

    def effect(self, effect: Effect) -> None:
        self._remember(effect)
        for name, check in ON_EFFECT.items():
            if why := check(self.record, effect):
                self._note(name, why)

    def entry(self, entry: Entry) -> None:
        record = self.record
        record.folded = after(record.folded, entry)
        if isinstance(entry, Started | Resumed):
            record.writer = entry.by
        if not isinstance(entry, Decided):
            return
        record.intended.update([action.kind for action in entry.decision.actions])
        before, record.last = record.last, entry
        record.rollout = entry.decision.rollout
        if record.rollout.phase is not Phase.RETIRE:
            record.drained = None
        elif record.drained is None:
            record.drained = entry
        for slot, place in record.world.places.items():
            if place.fleet.exists:
                record.floors.setdefault(slot, place.fleet.minimum)
        record.earlier = record.healthy
        record.healthy = {slot: place.fleet.healthy for slot, place in record.world.places.items()}
        self._ask(ON_DECISION, entry, before)
        if before is not None and PLACE(before.decision.rollout) != PLACE(record.rollout):
            self._ask(ON_PASSAGE, entry, before)

    def _ask(self, checks: Mapping[str, OnDecision], entry: Decided, before: Decided | None) -> None:
        for name, check in checks.items():
            if why := check(self.record, entry, before):
                self._note(name, why)

    def stepped(self, rollout: Rollout) -> None:
        """The engine stands at `rollout`, before its first step or after one."""
        for name, check in ON_STEP.items():
            if why := check(self.record, rollout):
                self._note(name, why)

    def fault(self, change: str, *, heals: bool) -> None:
        """A fault that `strikes`, `happens` or `heals`; `heals`: it is one that does, sooner or later."""
        self.record.at_work += {"strikes": 1, "heals": -1}.get(change, 0) if heals else 0
        if change == "heals":
            self.record.healed = self.record.world.clock.now()

    def end(self) -> None:
        for name, check in AT_END.items():
            if why := check(self.record):
                self._note(name, why)

    def _remember(self, effect: Effect) -> None:
        """What the invariants need to know of what went before."""
        match effect:
            case LeaseTaken():
                self.record.holder = effect.who
            case Created():
                self.record.created.add(effect.name)
            case Removed(by="engine"):
                self.record.removed.add(effect.name)
            case CapacityChanged(by="operator") if effect.after < effect.before:
                self.record.shrunk_by_hand[effect.slot] = effect.after
                if self.record.rollout is not None and self.record.rollout.phase in (Phase.RETIRE, Phase.DONE):
                    self.record.shrunk_late.add(effect.slot)
            case _:
                pass

    def _note(self, name: str, why: str) -> None:
        self.broken.append(Broken(self.record.world.clock.now(), name, why))
