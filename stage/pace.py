"""The stage's time: the machine's own, or some times as fast from the moment the drill began.

CloudWatch counts balancers by the minute and the engine waits for whole minutes, so that no rollout ends in less than
a few of them. At pace 4 a minute of the stage is over in 15 s of the machine: the engine's process lives on a clock
that runs four times as fast, as under `faketime`, and every length of time on the stage (TTL, boot, health checks, the
work of a request, the gaps between requests) is a fourth of what the files say. What is measured is told in the stage's
time. At pace 1 no clock is touched.
"""

from __future__ import annotations

import select
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import time_machine

NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast time runs. `wall` and `tick` (Unix seconds, seconds of the monotonic clock, which all processes of a
    machine share) say when it began."""

    factor: float
    wall: float
    tick: float

    @classmethod
    def begin(cls, factor: float = 1.0) -> Pace:
        """From now on."""
        return cls(factor, time.time(), time.monotonic())

    @classmethod
    def parse(cls, text: str) -> Pace:
        """What `str` wrote."""
        factor, wall, tick = map(float, text.split(","))
        return cls(factor, wall, tick)

    def __str__(self) -> str:
        return f"{self.factor!r},{self.wall!r},{self.tick!r}"

    def seconds(self) -> float:
        """The stage's time as Unix seconds."""
        return self.wall + (time.monotonic() - self.tick) * self.factor

    def now(self) -> datetime:
        """The same as an aware UTC datetime."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def real(self, length: timedelta | float) -> float:
        """How many seconds of the machine a length of the stage's time (or its seconds) takes."""
        seconds = length.total_seconds() if isinstance(length, timedelta) else length
        return seconds / self.factor


def nap(seconds: float) -> None:
    """Sleep so many seconds of the machine."""
    _SLEEP(seconds)


_SLEEP, _SELECT = time.sleep, select.select


def _shorter(factor: float) -> Any:
    def wait(reads: Any, writes: Any, errors: Any, timeout: float | None = None) -> Any:
        return _SELECT(reads, writes, errors, None if timeout is None else timeout / factor)

    return wait


class _Fast(time_machine.Traveller):
    def __init__(self, pace: Pace) -> None:
        super().__init__(round(pace.wall * NS), None, False)
        self._pace = pace

    def time_ns(self) -> int:
        return round(self._pace.seconds() * NS)


@contextmanager
def living(pace: Pace) -> Iterator[None]:
    """Inside, the process lives in the stage's time: its wall clock shows it, and what it sleeps (sleep(3), select(2))
    is as much shorter. Time limits of sockets and child processes stay the machine's."""
    if pace.factor == 1:
        yield
        return
    travel = time_machine.travel(pace.now(), tick=False)
    travel.start()
    # The stack is not documented: time_machine is pinned, and a test watches over it.
    time_machine.traveller_stack[-1] = _Fast(pace)
    time.sleep = lambda seconds: _SLEEP(float(seconds) / pace.factor)
    select.select = _shorter(pace.factor)
    try:
        yield
    finally:
        time.sleep, select.select = _SLEEP, _SELECT
        travel.stop()
