"""The AWS API as a place where things go wrong: throttling, 5xx, timeouts, lost replies, slow answers, and the
moments at which the engine itself dies. The cloud (moto tier) asks here at every call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Literal

from numpy.random import Generator

TroubleKind = Literal["throttle", "error", "timeout", "lost reply"]
"""throttle, error (5xx), timeout: no effect. lost reply: the call took effect, and the caller never learns."""


class EngineKilled(BaseException):
    """The engine's process died here. No code of the engine may see it: only the runner catches it."""


@dataclass(frozen=True, slots=True)
class ApiTrouble:
    """What happens to calls whose name (`route53:ChangeResourceRecordSets`) fits one of the patterns."""

    kind: TroubleKind
    calls: tuple[str, ...] = ("*",)
    probability: float = 1.0


@dataclass(slots=True)
class Api:
    """The weather on the way to AWS. `latency` is one call's virtual time."""

    rng: Generator
    latency: timedelta = timedelta(milliseconds=120)
    troubles: list[ApiTrouble] = field(default_factory=list)
    at_call: dict[int, TroubleKind] = field(default_factory=dict)
    """What happens to the n-th call (from 1), and to no other."""
    log: list[str] = field(default_factory=list)
    """The name of every call that the engine made, oldest first."""
    kill_before: frozenset[int] = frozenset()
    """The engine dies just before its n-th call (from 1)."""
    kill_after: frozenset[int] = frozenset()
    kill_at_once: bool = False
    """The engine dies just before its next call."""
    at_each: Callable[[int], None] | None = None
    """Told the number of each call, before anything comes of it."""

    @property
    def calls(self) -> int:
        return len(self.log)

    def begin(self, call: str) -> TroubleKind | None:
        """The engine makes a call: count it, kill the engine if it is time, and say what goes wrong."""
        self.log.append(call)
        if self.at_each is not None:
            self.at_each(self.calls)
        if not (self.at_call or self.troubles or self.kill_before or self.kill_at_once):
            return None
        if self.kill_at_once or (self.kill_before and self.calls in self.kill_before):
            self.kill_at_once = False
            raise EngineKilled(f"before call {self.calls}, {call}")
        return self.at_call.get(self.calls) or self._draw(call)

    def finish(self, call: str) -> None:
        """The call has taken effect and its answer is on the way."""
        if self.kill_after and self.calls in self.kill_after:
            raise EngineKilled(f"after call {self.calls}, {call}")

    def _draw(self, call: str) -> TroubleKind | None:
        for trouble in self.troubles:
            fits = any(fnmatchcase(call, pattern) for pattern in trouble.calls)
            if fits and self.rng.random() < trouble.probability:
                return trouble.kind
        return None
