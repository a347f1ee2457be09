"""A database replica that follows its source asynchronously (Amazon RDS User Guide, working with read replicas).

Replication is a position: every write that the source committed up to that moment is on the replica, no later one is.
The position stays `delay` behind the clock; when it has fallen further back it catches up at `speed`. Between changes
of speed that is a closed form, so it costs nothing to let an hour pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf

import simpy
from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, parse_duration
from sim.clock import ms, now_ms

STOPPED = -1
"""The metric ReplicaLag while replication is not running."""


class ReplicaSpec(Spec):
    """How a replica follows. AWS publishes none of these numbers."""

    delay: Duration = parse_duration("200ms")
    """How far a healthy replica is behind. Assumed: well under a second within a region."""
    speed: float = Field(4.0, gt=0)
    """Seconds of the source's writes that are applied in one second when behind. Assumed. At 1 and below, a replica
    that has fallen back stays back."""
    promotion: PositiveDuration = parse_duration("5m")
    """From promoting to available. Assumed: the replica reboots, which takes "minutes or more"."""


class Replica:
    """One replica. Moments are milliseconds of the environment."""

    def __init__(self, spec: ReplicaSpec, env: simpy.Environment, settle: Callable[[], None]) -> None:
        self._env, self._settle = env, settle
        self._delay, self._promotion, self._speed = ms(spec.delay), ms(spec.promotion), spec.speed
        self._position, self._since = float(now_ms(env) - self._delay), now_ms(env)
        self.replicating = True
        self.promoted_at: int | None = None

    @property
    def position(self) -> float:
        """The source's writes up to this moment are here, later ones are not."""
        return self.position_at(now_ms(self._env))

    def position_at(self, moment: float) -> float:
        """... as it is at a moment (ms) since the last change of speed, if none comes between."""
        if not self.replicating:
            return self._position
        return min(self._position + self._speed * (moment - self._since), moment - self._delay)

    def arrives(self, committed_at: float) -> float:
        """When a write of that moment (ms) is here, if no change of speed comes between; never: infinite."""
        behind = committed_at - self._position
        if behind <= 0:
            return committed_at + self._delay
        if not self.replicating or not self._speed:
            return inf
        return max(committed_at + self._delay, self._since + behind / self._speed)

    @property
    def lag(self) -> int:
        """The metric ReplicaLag: whole seconds, 0 = caught up, -1 = replication is not running."""
        return int((now_ms(self._env) - self.position) / 1000) if self.replicating else STOPPED

    @property
    def available(self) -> bool:
        """Whether it answers: not while it reboots for its promotion."""
        return self.promoted_at is None or now_ms(self._env) >= self.promoted_at + self._promotion

    def catch_up_s(self) -> float:
        """How long until nothing is missing, in seconds, if the source took no write from now on; else never."""
        if not self.replicating or self._speed == 0:
            return inf
        return max(self._delay, (now_ms(self._env) - self.position) / self._speed) / 1000

    def run_at(self, speed: float) -> None:
        """Apply writes at this speed from now on. Below 1 the lag grows: a long query, a lock, a small machine."""
        self._pin()
        self._speed = speed

    def stop(self) -> None:
        """Replication breaks: an error, or DDL that the replica cannot follow."""
        self._pin()
        self.replicating = False

    def resume(self) -> None:
        """Replication goes on where it stopped. Raises ValueError after a promotion, which is one-way."""
        if self.promoted_at is not None:
            raise ValueError("a promoted replica does not follow its old source any more")
        self._pin()
        self.replicating = True

    def promote(self, *, backing_up: bool = False) -> None:
        """Become a database of its own: what the source committed after `position` is lost to it. Raises ValueError
        when it was promoted before, or during a backup (RDS API reference, PromoteReadReplica)."""
        if self.promoted_at is not None:
            raise ValueError("the replica was promoted before")
        if backing_up:
            raise ValueError("a replica cannot be promoted while it is backing up")
        self._settle()
        self.stop()
        self.promoted_at = now_ms(self._env)

    def has(self, committed_at: float) -> bool:
        """Whether a write that the source committed at that moment is here."""
        return committed_at <= self.position

    def _pin(self) -> None:
        """From here on another closed form holds."""
        self._position, self._since = self.position, now_ms(self._env)


def caught_up(lags: Sequence[float], below: float = 5) -> bool:
    """Whether the newest point of a ReplicaLag series (seconds) allows a promotion. -1 is below every limit and means
    that nothing is replicated at all; no point means that nobody knows."""
    return bool(lags) and 0 <= lags[-1] < below
