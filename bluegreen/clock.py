"""The system clock: the only file that imports `time`."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


class SystemClock:
    """`bluegreen.ports.Clock` as the machine has it."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, length: timedelta) -> None:
        time.sleep(max(0.0, length.total_seconds()))
