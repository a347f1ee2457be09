"""Route 53 health checks: about sixteen checkers around the world that do not know of each other, and one verdict.

Each checker asks at its own moments, once per interval, and changes its mind after `threshold` answers in a row. The
endpoint is healthy while more than 18 % of them say so (Route 53 Developer Guide, how Route 53 determines whether an
endpoint is healthy). Taken here: answers come at once, checkers keep their rhythm, and all see the same endpoint.

Nothing is polled. While the endpoint's real state stands, every later probe is known, so the moment at which the
verdict turns is worked out when the state changes: one event, whatever the number of checkers and probes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Literal

import simpy
from numpy.random import Generator
from pydantic import Field, field_validator

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration
from sim.clock import ms, now_ms

PERCENT = 18
"""More than so many percent of the checkers must find the endpoint healthy."""
MAX_CHILDREN = 255
"""Of a calculated check: the quota page's figure (the API model says 256)."""


def enough(healthy: int, checkers: int) -> bool:
    """The 18 % rule; exactly 18 % is not enough."""
    return healthy * 100 > PERCENT * checkers


class Check(ABC):
    """Any kind of health check."""

    def __init__(self, *, inverted: bool = False, disabled: bool = False) -> None:
        """`inverted`: healthy counts as unhealthy and the reverse. `disabled`: nothing is looked at, and the check is
        healthy, before `inverted` turns that round."""
        self.inverted, self.disabled = inverted, disabled

    @property
    def healthy(self) -> bool:
        """What Route 53 goes by."""
        return (self.disabled or self._finds()) is not self.inverted

    @abstractmethod
    def _finds(self) -> bool:
        """Whether what it watches is healthy."""


class HealthCheckSpec(Spec):
    """How endpoints are checked."""

    interval: PositiveDuration = parse_duration("30s")
    """Between two probes of one checker: 30s or 10s."""
    threshold: int = Field(3, ge=1, le=10)
    """Answers in a row that change a checker's mind, in both directions."""
    checkers: int = Field(16, ge=3, le=256)
    """With 30 s the guide speaks of a probe about every 2 s, which makes 15 or 16; the number is unpublished."""
    inverted: bool = False
    """Healthy counts as unhealthy and the reverse."""
    disabled: bool = False
    """Nothing is probed, and the endpoint counts as healthy; `inverted` can turn that round."""

    @field_validator("interval")
    @classmethod
    def _one_of_two(cls, interval: timedelta) -> timedelta:
        if interval not in (timedelta(seconds=10), timedelta(seconds=30)):
            raise ValueError("Route 53 probes every 10s or every 30s")
        return interval


class EndpointCheck(Check):
    """One endpoint as Route 53 sees it. Whoever knows how it really is calls `told`."""

    def __init__(
        self,
        spec: HealthCheckSpec,
        *,
        env: simpy.Environment,
        rng: Generator,
        turning: Callable[[], None] = lambda: None,
    ) -> None:
        """A new check: healthy until the checkers know better. `turning` is called before the verdict turns."""
        super().__init__(inverted=spec.inverted, disabled=spec.disabled)
        self.spec = spec
        self._env, self._turning = env, turning
        self._interval = ms(spec.interval)
        now = now_ms(env)
        phases = rng.integers(0, self._interval, spec.checkers).tolist()
        self._checkers = [_Checker(now + phase) for phase in phases]
        self._up, self._since = True, now
        self._verdict = True
        self._due: int | None = None  # when the verdict will turn, as things stand

    @property
    def opinions(self) -> list[bool]:
        """What each checker thinks of the endpoint now."""
        now = now_ms(self._env)
        return [self._later(checker, now)[0] for checker in self._checkers]

    @property
    def told_so_far(self) -> list[tuple[int, bool]]:
        """The same of those who have asked the endpoint at all, by their number."""
        now = now_ms(self._env)
        minds = list(enumerate(self.opinions))
        return [(number, mind) for number, mind in minds if self._checkers[number].first <= now]

    def _finds(self) -> bool:
        return self._verdict

    def told(self, up: bool) -> None:
        """From now on the endpoint really answers well, or does not. Saying the same again changes nothing."""
        if up is self._up:
            return
        now = now_ms(self._env)
        if self._due == now:  # both at the same moment: the probes came first
            self._turned(now)
        for checker in self._checkers:
            checker.well, checker.against = self._later(checker, now)
        self._up, self._since = up, now
        self._due = due = self._next_turn()
        if due is not None:
            self._env.timeout(due - now).callbacks.append(lambda _: self._turned(due))

    def _later(self, checker: _Checker, at: int) -> tuple[bool, int]:
        """How the checker stands at `at`, the endpoint having been `_up` since `_since`: its mind, and how many
        answers in a row speak against it."""
        probes = checker.probes(self._since, at, self._interval)
        if checker.well is self._up or not probes:
            return checker.well, 0 if probes else checker.against
        if checker.against + probes >= self.spec.threshold:
            return self._up, 0
        return checker.well, checker.against + probes

    def _next_turn(self) -> int | None:
        """When the verdict turns if the endpoint stays as it is; None when it does not."""
        if self._verdict is self._up:
            return None
        threshold, interval = self.spec.threshold, self._interval
        turns = sorted(
            checker.next(self._since, interval) + (threshold - checker.against - 1) * interval
            for checker in self._checkers
            if checker.well is not self._up
        )
        count = len(self._checkers)
        stand = count - len(turns)  # those who think already what all will think
        for at in turns:
            stand += 1
            if enough(stand if self._up else count - stand, count) is self._up:
                return at
        raise AssertionError("when all checkers agree the verdict agrees with them")

    def _turned(self, due: int) -> None:
        """What was foreseen for `due`, unless the endpoint has changed since."""
        if self._due == due:
            self._turning()
            self._verdict, self._due = self._up, None


class _Checker:
    """One of them: its rhythm, what it thinks, and how many answers in a row spoke against that."""

    __slots__ = ("against", "first", "well")

    def __init__(self, first: int) -> None:
        self.first = first
        """Its first probe, ms."""
        self.well, self.against = True, 0

    def probes(self, after: int, until: int, interval: int) -> int:
        """How many probes it makes in (after, until]."""
        return self._made(until, interval) - self._made(after, interval)

    def next(self, after: int, interval: int) -> int:
        """Its first probe after `after`."""
        return self.first + self._made(after, interval) * interval

    def _made(self, until: int, interval: int) -> int:
        return max(0, (until - self.first) // interval + 1)


class CalculatedCheck(Check):
    """Healthy when at least `threshold` of its children are; 0 is always healthy, more than there are never."""

    def __init__(self, children: Mapping[str, Check], threshold: int, **switches: bool) -> None:
        """`children` by id; `switches` are `inverted` and `disabled`. Raises ValueError for more than 255 children,
        or when one is calculated itself."""
        super().__init__(**switches)
        nested = [name for name, child in children.items() if isinstance(child, CalculatedCheck)]
        if nested:
            raise ValueError(f"a calculated health check cannot watch calculated ones: {', '.join(nested)}")
        if len(children) > MAX_CHILDREN:
            raise ValueError(f"a calculated health check has {MAX_CHILDREN} children at most, not {len(children)}")
        self.children, self.threshold = dict(children), threshold

    def _finds(self) -> bool:
        """A disabled child counts as it says of itself: healthy."""
        return sum(child.healthy for child in self.children.values()) >= self.threshold


Insufficient = Literal["Healthy", "Unhealthy", "LastKnownStatus"]
AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]


class AlarmCheck(Check):
    """Follows the data that a CloudWatch alarm judges: OK is healthy, ALARM is not.

    Route 53 looks at the metric's data, not at the alarm's state: `state` must not know of states that somebody set
    by hand (SetAlarmState). It is asked whenever the check is, so it must be asked between any two changes.
    """

    def __init__(
        self, state: Callable[[], AlarmState], insufficient: Insufficient = "LastKnownStatus", **switches: bool
    ) -> None:
        """`switches` are `inverted` and `disabled`."""
        super().__init__(**switches)
        self.insufficient, self._state = insufficient, state
        self._last = True  # a new check with LastKnownStatus starts healthy

    def _finds(self) -> bool:
        state = self._state()
        if state != "INSUFFICIENT_DATA":
            self._last = state == "OK"
            return self._last
        return {"Healthy": True, "Unhealthy": False, "LastKnownStatus": self._last}[self.insufficient]
