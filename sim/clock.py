"""Virtual time. The SimPy environment counts whole milliseconds from EPOCH: float seconds drift.

The engine is synchronous and stands outside the environment; its sleep runs the world forward. At equal times
the engine looks before the world moves.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from operator import attrgetter

import simpy

EPOCH = datetime(2030, 1, 1, tzinfo=UTC)
"""Where every simulated run begins: a Tuesday, midnight."""

MILLISECOND = timedelta(milliseconds=1)
NO_TIME = timedelta(0)


def ms(length: timedelta) -> int:
    """A length of time as the environment counts it."""
    return round(length / MILLISECOND)


def now_ms(env: simpy.Environment) -> int:
    """The environment's time: its delays are whole milliseconds, so it is one too."""
    return int(env.now)


class Environment(simpy.Environment):
    """SimPy's own, with a way to let time pass that costs nothing when nothing happens."""

    now = property(attrgetter("_now"))
    """SimPy's own, asked more often than anything else: this way no Python is run for it."""

    def pass_by(self, length: int) -> None:
        """So many ms go by: everything due before their end happens; what is due at that very moment waits."""
        queue, at = self._queue, int(self._now) + length
        while queue and queue[0][0] < at:
            self.step()
        self._now = at


class SimClock:
    """`bluegreen.ports.Clock` on a SimPy environment."""

    def __init__(self, env: Environment) -> None:
        self.env = env
        self._at, self._now = 0, EPOCH  # as last asked: many ask at the same moment

    def now(self) -> datetime:
        at = int(self.env.now)
        if at != self._at:
            self._at, self._now = at, EPOCH + timedelta(milliseconds=at)
        return self._now

    def sleep(self, length: timedelta) -> None:
        # Nested runs break at the outer deadline: a process of the world must never wait through this clock.
        assert self.env.active_process is None, "a process of the world called the engine's clock"
        if length > NO_TIME:
            self.env.pass_by(max(1, ms(length)))
