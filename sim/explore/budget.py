"""How much is spent on an exploration."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Budget:
    """It ends when so many `runs` were tried, `time` has passed, or so many different `failures` were found; what is
    None has no limit. The same runs give the same findings everywhere, the same time does not."""

    runs: int | None = None
    time: timedelta | None = None
    failures: int | None = None
