"""The system clock: the only file that imports `time`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

Now = Callable[[], datetime]
"""Tells the time as an aware UTC datetime."""


def stopwatch() -> Callable[[], timedelta]:
    """Started now; asked, it says how long ago that was, whatever happened to the wall clock meanwhile."""
    began = time.monotonic()
    return lambda: timedelta(seconds=time.monotonic() - began)


class SystemClock:
    """`bluegreen.ports.Clock` as the machine has it."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, length: timedelta) -> None:
        time.sleep(max(0.0, length.total_seconds()))


def ticks(every: timedelta) -> Iterator[datetime]:
    """Now, and again whenever `every` has passed, as long as somebody asks: for whoever only watches."""
    while True:
        yield datetime.now(UTC)
        time.sleep(every.total_seconds())
