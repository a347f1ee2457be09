"""Every way in which one call can be interrupted, tried one at a time: does the rollout still end as it would have?

Before and after each call the engine dies; each call is throttled, times out, or takes effect while its reply is lost.
A rollout survives an interruption when it reaches the same named end as without it, and no invariant breaks: nothing is
left over, nobody is sent where nobody serves. All of them are branches of one run (`sim/branches.py`).

The calls of the preflight are not among them: before the engine begins nothing has been changed, and whoever is
interrupted there begins again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from bluegreen.model import End
from sim.branches import branches
from sim.faults.api_once import ApiOnce
from sim.faults.base import Fault
from sim.faults.engine_crash import EngineCrash
from sim.material import Material, broken_in
from sim.run import Rehearsing, Run

KINDS: dict[str, Callable[[int], Fault]] = {
    "crash before": lambda call: EngineCrash(before_call=call),
    "crash after": lambda call: EngineCrash(after_call=call),
    "throttle": lambda call: ApiOnce(call=call, trouble="throttle"),
    "timeout": lambda call: ApiOnce(call=call, trouble="timeout"),
    "lost reply": lambda call: ApiOnce(call=call, trouble="lost reply"),
}

Wanted = tuple[int, str]
"""The number of a call, from 1, and the kind of interruption."""


@dataclass(frozen=True, slots=True)
class Fatal:
    """An interruption that the rollout did not survive."""

    call: int
    operation: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Tried:
    """How many of the interruptions were tried so far."""

    tried: int
    of: int

    def __str__(self) -> str:
        return f"{self.tried:,} of {self.of:,} interruptions tried ({self.tried / self.of:.0%})"


@dataclass(frozen=True, slots=True)
class Survival:
    """The count."""

    end: End
    calls: int
    tried: int
    fatal: tuple[Fatal, ...]

    def __str__(self) -> str:
        return f"survived {self.tried - len(self.fatal)} of {self.tried} interruptions"


Choose = Callable[[Sequence[str]], list[Wanted]]
"""Given the names of the calls: what to try."""


def every_way(log: Sequence[str], every: int = 1) -> list[Wanted]:
    """All interruptions of every `every`-th call."""
    return [(call, kind) for call in range(1, len(log) + 1, every) for kind in KINDS]


def survive(material: Material, choose: Choose = every_way, *, jobs: int = 1) -> Iterator[Tried | Survival]:
    """Try the interruptions that `choose` wants, so many at a time. Yields after each how far it is, and the count at
    last. Without interruption the rollout must end, and break no invariant."""
    end, log, preflight = _uninterrupted(material)
    wanted = [(call, kind) for call, kind in choose(log) if call > preflight]
    wishes = defaultdict(list)
    for call, kind in wanted:
        wishes[call].append((kind, KINDS[kind](call)))
    fatal: list[Fatal] = []
    for tried, (call, kind, why) in enumerate(branches(material, wishes, partial(_why, end=end), jobs=jobs), start=1):
        if why:
            fatal.append(Fatal(call, log[call - 1], kind, why))
        yield Tried(tried, len(wanted))
    order = list(KINDS)
    fatal.sort(key=lambda each: (each.call, order.index(each.kind)))
    yield Survival(end, len(log) - preflight, len(wanted), tuple(fatal))


def _uninterrupted(material: Material) -> tuple[End, Sequence[str], int]:
    """How it ends by itself, the names of all calls, and how many of them were the preflight's."""
    rehearsing = Rehearsing(material.scenario, material.plan, material.seed)
    api = rehearsing.world.api
    preflight: list[int] = []
    with material.plant():
        done = rehearsing.run(material.tier, lambda: preflight.append(api.calls))
    assert done.rollout.end is not None, "the rollout does not end by itself"
    assert not done.broken, broken_in(done)
    return done.rollout.end, tuple(api.log), preflight[0]


def _why(done: Run, end: End) -> str:
    """Why this interruption was not survived, or nothing."""
    if done.broken:
        return broken_in(done)
    found = done.rollout.end
    return "" if found is end else f"it ended {found or 'not at all'}, and without interruption {end}"
