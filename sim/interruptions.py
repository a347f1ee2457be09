"""Every way in which one call can be interrupted, tried one at a time: does the rollout still end as it would have?

Before and after each call the engine dies; each call is throttled, times out, or takes effect while its reply is lost.
A rollout survives an interruption when it reaches the same named end as without it, and no invariant breaks: nothing is
left over, nobody is sent where nobody serves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from bluegreen.model import End
from sim.faults.api_once import ApiOnce
from sim.faults.base import Fault
from sim.faults.engine_crash import EngineCrash
from sim.material import Material
from sim.workers import Here, Processes, Workers

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
class Survival:
    """The count."""

    end: End
    calls: int
    tried: int
    fatal: tuple[Fatal, ...]

    def __str__(self) -> str:
        return f"survived {self.tried - len(self.fatal)} of {self.tried} interruptions"


def every_way(log: Sequence[str], every: int = 1) -> list[Wanted]:
    """All interruptions of every `every`-th call."""
    return [(call, kind) for call in range(1, len(log) + 1, every) for kind in KINDS]


def survive(
    material: Material, choose: Callable[[Sequence[str]], list[Wanted]] = every_way, *, jobs: int = 1
) -> Iterator[int | Survival]:
    """Try the interruptions that `choose` wants, given the names of the calls, in so many processes. Yields how many
    were tried so far, and the count at last. Without interruption the rollout must end, and break no invariant."""
    end, broken, log = material.end_with()
    assert end is not None, "the rollout does not end by itself"
    assert not broken, broken
    wanted = choose(log)
    fatal: list[Fatal] = []
    for tried, why in enumerate(_tried(material, end, wanted, jobs), start=1):
        if why:
            call, kind = wanted[tried - 1]
            fatal.append(Fatal(call, log[call - 1], kind, why))
        if tried % 100 == 0:
            yield tried
    yield Survival(end, len(log), len(wanted), tuple(fatal))


def _tried(material: Material, end: End, wanted: list[Wanted], jobs: int) -> Iterator[str]:
    """Why each is not survived, in their order."""
    workers: Workers = Here() if jobs == 1 else Processes(jobs)
    return workers.results(partial(_why, end=end), material, wanted)


def _why(material: Material, wanted: Wanted, end: End) -> str:
    """Why this interruption is not survived, or nothing."""
    call, kind = wanted
    found, broken, _ = material.end_with(KINDS[kind](call))
    if broken:
        return broken
    return "" if found is end else f"it ended {found or 'not at all'}, and without interruption {end}"
