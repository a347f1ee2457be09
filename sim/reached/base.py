"""What a run leaves behind, and the marks that look at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from bluegreen.journal.entries import Decided, Entry, Failed, Resumed
from bluegreen.model import Phase, Rollout, Slot
from sim.clock import EPOCH, ms
from sim.effects import Effect
from sim.run import Run, Struck
from sim.samples import Record as Sample


@dataclass(frozen=True, slots=True)
class Left:
    """A run that is over, as marks see it. `decided` are all decisions, oldest first; `steps` are those next to each
    other; `effects` what was really done to the control plane; `struck` when faults struck and healed."""

    entries: tuple[Entry, ...]
    decided: tuple[Decided, ...]
    failed: tuple[Failed, ...]
    resumed: tuple[Resumed, ...]
    effects: tuple[Effect, ...]
    struck: tuple[Struck, ...]
    samples: tuple[Sample, ...]
    live: Slot

    @property
    def steps(self) -> tuple[tuple[Decided, Decided], ...]:
        return tuple(pairwise(self.decided))

    @property
    def candidate(self) -> Slot:
        return self.live.other

    def during(self, *phases: Phase) -> tuple[Decided, ...]:
        """Decisions that were made when the rollout stood in one of these phases: of the one before them."""
        return tuple(after for before, after in self.steps if before.decision.rollout.phase in phases)

    def phase_at(self, at: datetime) -> Phase | None:
        """Where the rollout stood at that moment."""
        rollout = self.rollout_at(ms(at - EPOCH))
        return rollout.phase if rollout else None

    def rollout_at(self, at: int) -> Rollout | None:
        """... at that millisecond since the start."""
        here = bisect_right(self.decided, EPOCH + timedelta(milliseconds=at), key=lambda entry: entry.at)
        return self.decided[here - 1].decision.rollout if here else None

    def stale_at(self, at: datetime) -> float:
        """The share of users that had an old answer then, by the last sample."""
        here = bisect_right(self.samples, ms(at - EPOCH), key=lambda sample: sample.at)
        return self.samples[here - 1].stale if here else 0.0

    def phases(self) -> tuple[Phase, ...]:
        """Each phase that was entered, in order."""
        found: list[Phase] = []
        for entry in self.decided:
            phase = entry.decision.rollout.phase
            if not found or found[-1] is not phase:
                found.append(phase)
        return tuple(found)


def left(done: Run) -> Left:
    """What marks may see of a run."""
    entries = done.entries
    return Left(
        entries,
        tuple(entry for entry in entries if isinstance(entry, Decided)),
        tuple(entry for entry in entries if isinstance(entry, Failed)),
        tuple(entry for entry in entries if isinstance(entry, Resumed)),
        tuple(done.world.effects),
        done.struck,
        tuple(done.world.samples),
        done.rollout.live,
    )


Mark = Callable[[Left], bool]

MARKS: dict[str, Mark] = {}


def mark(check: Mark) -> Mark:
    """Register a mark under its own name, in words."""
    MARKS[check.__name__.replace("_", " ")] = check
    return check
