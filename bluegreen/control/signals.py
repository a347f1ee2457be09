"""SIGINT and SIGTERM, as the plan says: leave everything as it is and resume later, or roll back and then end.

The first signal never tears anything: the step that is under way is finished, and the sleep is cut short. A second one
means now: wherever the engine is, it stops there, as in a crash, and can be resumed.
"""

from __future__ import annotations

import os
import select
import signal
from datetime import datetime, timedelta
from types import FrameType
from typing import Literal, Self

from bluegreen.model import Command, Rollout
from bluegreen.ports import Clock

WATCHED = (signal.SIGINT, signal.SIGTERM)
OnSignal = Literal["leave", "rollback"]


class Signals:
    """While it is entered: what a signal asks, as a clock that wakes for it and a source of commands."""

    def __init__(self, on_signal: OnSignal, clock: Clock) -> None:
        self._on_signal, self._clock = on_signal, clock
        self.received: signal.Signals | None = None

    def __enter__(self) -> Self:
        self._awake, self._wake = os.pipe()
        self._before = {number: signal.signal(number, self._receive) for number in WATCHED}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._awake)
        os.close(self._wake)

    def go_on(self, rollout: Rollout) -> bool:
        """Asked by the engine before each step."""
        return self.received is None or self._on_signal == "rollback"

    def all(self) -> tuple[Command, ...]:
        """The abort that the plan makes of a signal."""
        if self.received is None or self._on_signal == "leave":
            return ()
        name = self.received.name
        return (Command("abort", "signal", f"the engine received {name}", id=f"signal-{name}-{os.getpid()}"),)

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, length: timedelta) -> None:
        """Until then, or until a signal comes."""
        if select.select([self._awake], [], [], max(0.0, length.total_seconds()))[0]:
            os.read(self._awake, 1)

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self.received is not None:
            raise KeyboardInterrupt
        self.received = signal.Signals(number)
        os.write(self._wake, b"!")
