"""The rollout without anything on top: how long it takes, through which phases and shares, with which calls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bluegreen.journal.entries import Decided
from bluegreen.model import End, Phase
from sim.clock import EPOCH
from sim.material import Material

LATER = timedelta(seconds=90)
"""Each moment comes twice: as it begins, and this much later, when calls are done and effects are on their way."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What one undisturbed run showed. `moments` are triggers of faults: phases, shares and what comes after them."""

    end: End
    lasted: timedelta
    calls: tuple[str, ...]
    moments: tuple[dict[str, Any], ...]


def baseline(material: Material) -> Baseline:
    """Run it once more; that it goes well was seen."""
    done = material.run_with(())
    assert done.rollout.end is not None, "the same run went well before"
    decided = [entry for entry in done.entries if isinstance(entry, Decided)]
    lasted = decided[-1].at - EPOCH
    return Baseline(done.rollout.end, lasted, tuple(done.world.api.log), tuple(_moments(decided)))


def _moments(decided: list[Decided]) -> Iterator[dict[str, Any]]:
    phases = list(dict.fromkeys(entry.decision.rollout.phase for entry in decided))
    seen = [entry.seen.traffic for entry in decided if entry.seen.traffic]
    shares = sorted({traffic.share(decided[0].decision.rollout.candidate) for traffic in seen} - {0.0})
    for after in (timedelta(0), LATER):
        yield from ({"phase": phase, "after": after} for phase in phases if phase is not Phase.DONE)
        yield from ({"share": share, "after": after} for share in shares)
