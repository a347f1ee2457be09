"""Where two runs first decide differently: the moment from which a failure took its own way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from bluegreen.journal.entries import Decided, Entry
from bluegreen.units import show_about
from sim.clock import EPOCH
from sim.explore.case import Case
from sim.explore.outcome import failure_of
from sim.material import Material


@dataclass(frozen=True, slots=True)
class Difference:
    """`look` counts decisions from 1, `at` is the time since the start. `without` says what the other run lacked."""

    look: int
    at: str
    failing: str
    passing: str
    without: str

    def __str__(self) -> str:
        return f"{self.at}, look {self.look}: {self.failing}. {self.without}: {self.passing}"


def difference_of(material: Material, case: Case) -> Difference | None:
    """Against the run with one fault less that stays together the longest and goes well. None: there is none."""
    failing = decisions(material.run_with(case.faults, seed=case.seed).entries)
    found: list[Difference] = []
    for at, fault in enumerate(case.faults):
        less = replace(case, faults=case.faults[:at] + case.faults[at + 1 :])
        done = material.run_with(less.faults, seed=case.seed)
        if failure_of(done, less) is None:
            found += _between(failing, decisions(done.entries), f"without “{fault.about}”")
    return max(found, key=lambda difference: difference.look, default=None)


def decisions(entries: Sequence[Entry]) -> list[Decided]:
    return [entry for entry in entries if isinstance(entry, Decided)]


def _between(failing: Sequence[Decided], passing: Sequence[Decided], without: str) -> list[Difference]:
    for look, (here, there) in enumerate(zip_longest(failing, passing), start=1):
        if _what(here) != _what(there):
            at = here or there
            assert at is not None
            return [Difference(look, show_about(at.at - EPOCH), _words(here), _words(there), without)]
    return []


def _what(entry: Decided | None) -> object:
    """What a decision does; when it was made and what it was sure of may differ."""
    if entry is None:
        return None
    rollout = entry.decision.rollout
    return rollout.phase, rollout.step, rollout.end, entry.decision.actions


def _words(entry: Decided | None) -> str:
    if entry is None:
        return "nothing more is decided"
    rollout, decision = entry.decision.rollout, entry.decision
    done = ", ".join(action.kind for action in decision.actions) or "wait"
    return f"{rollout.end or rollout.phase}, step {rollout.step + 1}: {done} ({decision.why})"
