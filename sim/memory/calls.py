"""The way of every call that the engine would have made: counted, delayed, and met by the same weather as on the
moto tier (`sim/cloud/hooks.py` does the same to real boto3 calls)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from bluegreen.errors import OperatingError, Throttled, Unreachable
from sim.api import TroubleKind
from sim.clock import ms

if TYPE_CHECKING:
    from sim.world import World

T = TypeVar("T")
_BETWEEN = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?!s$)[a-z])")
"""Where one word of an operation's name ends and the next begins: Describe, DB, Instances; Environment, CNAMEs."""

READ_TIMEOUT = timedelta(seconds=20)
"""How long the engine's AWS clients wait for an answer (`bluegreen/aws/session.py`)."""


class Calls:
    """Calls of one world."""

    def __init__(self, world: World) -> None:
        self._api, self._env = world.api, world.env
        self._latency, self._known = ms(world.api.latency), world.api.latency

    def ask(self, call: str, answer: Callable[[], T]) -> T:
        """One call, named like `route53:GetChange`. `answer` reads or changes what it is about, at the moment when it
        takes effect. Raises OperatingError."""
        api = self._api
        trouble = api.begin(call)
        if trouble == "timeout":
            raise self._time_out(call)
        self._env.pass_by(self._latency if api.latency is self._known else self._takes())
        if trouble in ("throttle", "error"):
            api.finish(call)
            raise _refusal(trouble, call)
        try:
            result = answer()
        except OperatingError:
            self._finish(call, trouble)
            raise
        if trouble or api.kill_after:
            self._finish(call, trouble)
        return result

    def _finish(self, call: str, trouble: TroubleKind | None) -> None:
        if trouble == "lost reply":
            raise self._time_out(call)
        self._api.finish(call)

    def _takes(self) -> int:
        self._latency, self._known = ms(self._api.latency), self._api.latency
        return self._latency

    def _time_out(self, call: str) -> Unreachable:
        self._env.pass_by(ms(READ_TIMEOUT))
        self._api.finish(call)
        return Unreachable(f"{words(call)}: ReadTimeoutError: no answer from {call} (rehearsed)")


def words(call: str) -> str:
    """`route53:GetChange` as the engine's own errors name it: `route53 get_change`."""
    service, _, operation = call.partition(":")
    return f"{service} {_BETWEEN.sub('_', operation).lower()}"


def _refusal(trouble: str, call: str) -> OperatingError:
    if trouble == "throttle":
        return Throttled(f"{words(call)}: Throttling: Rate exceeded")
    return Unreachable(f"{words(call)}: ServiceUnavailable: The service is temporarily unavailable")
