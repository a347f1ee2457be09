"""The search for one bug: probe after probe until one shows something wrong, or the time is up."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from bluegreen.model import Rollout
from power.bug import bug
from power.probes import Probe, probes
from sim.explore.outcome import Failure

BUDGET = 60.0
"""Seconds of one core, for one bug."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave: `failure` is None when nothing was wrong in `seconds` of processor time."""

    seconds: float
    tried: int
    probe: str = ""
    failure: Failure | None = None


class Spent(BaseException):
    """The budget is, in the midst of a run. Not an error of the engine: those are what is looked for."""


def search(planted: AbstractContextManager[object], among: Iterable[Probe], budget: float = BUDGET) -> Found:
    """Look until something is wrong, or `budget` seconds of this process's own processor time are over: what other
    processes do does not count. `planted` breaks the engine meanwhile."""
    began, tried = time.process_time(), 0

    def seconds() -> float:
        return time.process_time() - began

    def on_step(now: datetime, rollout: Rollout) -> None:
        if seconds() > budget:
            raise Spent

    with planted:
        try:
            for probe in among:
                tried += 1
                if (failure := probe.run(on_step)) is not None:
                    return Found(seconds(), tried, probe.name, failure)
                if seconds() > budget:
                    break
        except Spent:
            pass
    return Found(seconds(), tried)


def look(name: str) -> Found:
    """Plant one bug and look for it."""
    return search(bug(name).planted(), probes())
