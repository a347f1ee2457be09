"""What a slot's software does to its machines. Neutral by default: faults turn these knobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(slots=True)
class Release:
    """The software of one slot."""

    error_rate: float = 0.0
    """Share of the served requests answered with HTTP 500."""
    data_errors: float = 0.0
    """Share of them that fails because of the data: a form that is missing, a fence, a lock."""
    latency_factor: float = 1.0
    """Each request holds its worker this many times as long: slower, and less capacity."""
    leak_per_hour: float = 0.0
    """Share of its capacity that the slot loses per hour, from when the leak begins; restarts do not give it back."""
    crash_every: timedelta | None = None
    """Mean time until a serving machine's process dies and boots again. None: never."""
    collapse_above: float | None = None
    """Share of the machines' capacity above which most requests fail. None: never."""
    collapse_at: float | None = None
    """Requests per second of the whole slot above which most requests fail, however many machines it has: a
    shared bottleneck. None: never."""

    @property
    def fails(self) -> float:
        """The share of the served requests that are answered with HTTP 500."""
        if not self.data_errors:
            return self.error_rate
        return 1 - (1 - self.error_rate) * (1 - self.data_errors)

    def collapses(self, load: float, utilisation: float) -> bool:
        """Whether `load` (requests/s of the slot) at `utilisation` (share of capacity) is too much for it."""
        too_much = self.collapse_at is not None and load > self.collapse_at
        return too_much or (self.collapse_above is not None and utilisation > self.collapse_above)
