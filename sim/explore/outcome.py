"""What came of one case: a value small enough to travel between machines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from traceback import extract_tb
from types import TracebackType

from bluegreen.errors import UserError
from bluegreen.model import End, Rollout
from sim.escape import Escaped
from sim.explore.case import Case
from sim.material import Material
from sim.reached import reached
from sim.run import OnStep, Run
from sim.tiers import Tier

MOST_LOOKS = 20_000
"""A day at one look each five seconds, and some: who looks more often goes round in a circle."""
OURS = ("bluegreen", "sim")


@dataclass(frozen=True, slots=True)
class Failure:
    """What must not be. `what` is an invariant's name, `no end`, `another end`, or an error and the file it came from;
    `phase` is where the rollout was."""

    what: str
    why: str
    phase: str = ""

    @property
    def signature(self) -> str:
        """The same for failures that look alike: what, and why without its numbers and names."""
        return self.what + ": " + re.sub(r"\b(blue|green)\b|[\d.,%]+|-\w*\d\w*", "~", self.why)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run went. `reached`: the situations it came by, sorted."""

    end: End | None
    failure: Failure | None
    reached: tuple[str, ...] = ()


class Endless(Exception):
    """The engine looks and looks."""


def outcome_of(material: Material, case: Case, tier: Tier | None = None) -> Outcome:
    """Run it. Whatever the engine or the world raises is what is looked for here. Raises UserError."""
    at: list[str] = [""]
    with Surprise() as surprise:
        done = material.run_with(case.faults, seed=case.seed, tier=tier, on_step=_counting(at))
    if surprise.error is not None:
        return Outcome(None, Failure(surprise.what, str(surprise.error) or "no words", at[0]))
    return Outcome(done.rollout.end, failure_of(done, case), reached(done))


def failure_of(done: Run, case: Case) -> Failure | None:
    """What went wrong in a run, if anything did: the first invariant that broke, or a missed end."""
    phase = str(done.rollout.phase)
    if done.broken:
        first = done.broken[0]
        return Failure(first.invariant, first.why, phase)
    if done.rollout.end is None:
        return Failure("no end", "the faults were over, and no end was reached", phase)
    if case.demands is not None and done.rollout.end is not case.demands:
        return Failure("another end", f"it ended {done.rollout.end}, and without interruption {case.demands}", phase)
    return None


class Surprise:
    """Whatever is raised inside is kept in `error`; people's mistakes and interruptions pass. An engine that may be
    broken in any way is on trial here, so that any error is a result and not the end of the trial."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.what = ""

    def __enter__(self) -> Surprise:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, Exception | Escaped) or isinstance(error, UserError):
            return False
        self.error, self.what = error, f"{type(error).__name__} in {_origin(trace)}"
        return True


def _origin(trace: TracebackType | None) -> str:
    """The innermost function of ours, like `bluegreen/decide/drain.py drain`."""
    for frame in reversed(extract_tb(trace)):
        parts = Path(frame.filename).parts
        for top in OURS:
            if top in parts:
                return "/".join(parts[len(parts) - 1 - parts[::-1].index(top) :]) + f" {frame.name}"
    return "somewhere"


def _counting(at: list[str]) -> OnStep:
    looks = 0

    def step(now: datetime, rollout: Rollout) -> None:
        nonlocal looks
        looks += 1
        at[0] = str(rollout.phase)
        if looks > MOST_LOOKS:
            raise Endless(f"{looks:,} looks and no end")

    return step
