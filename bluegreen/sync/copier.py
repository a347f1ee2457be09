"""The copier: its directions in turns, as long as it has the lease. Trouble that passes is waited for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from bluegreen.errors import OperatingError
from bluegreen.lease.shared import SharedLease
from bluegreen.sync.counts import Count
from bluegreen.sync.direction import Direction
from bluegreen.sync.state import State

POLL = timedelta(seconds=1)
"""Between two looks at a stream that had nothing new."""
SHORTEST, LONGEST = timedelta(seconds=1), timedelta(seconds=30)
"""Waiting after trouble: twice as long each time."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a direction stands. `counts` since it was first begun; `lag`: how old the oldest change may be that was not
    carried over yet."""

    direction: str
    lag: timedelta
    baseline: bool
    counts: Mapping[str, int]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Where everything stands: the directions, and how many writes were overwritten, by kind of loss."""

    at: datetime
    directions: tuple[Standing, ...]
    losses: Mapping[str, int]
    quiet: bool
    """Nothing was new, and nothing failed, in the last round."""

    @property
    def stamped(self) -> int:
        """Writes without a version that grew, both ways, since it was begun."""
        return sum(one.counts.get(Count.STAMPED, 0) for one in self.directions)


@dataclass(slots=True)
class Copier:
    """Runs until told to stop. `told` hears a report after each round; what it raises is not caught."""

    directions: tuple[Direction, ...]
    state: State
    lease: SharedLease
    now: Callable[[], datetime]
    pause: Callable[[timedelta], None]
    told: Callable[[Report], None]
    _renewed: datetime | None = None
    _begun: set[str] = field(default_factory=set)
    _failures: int = 0
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        for direction in self.directions:
            direction.allowed = self.allowed

    def allowed(self) -> None:
        """Asked before each item, by any worker: the lease is renewed in time. Raises LeaseLost; OperatingError when
        nobody can tell."""
        with self._lock:
            self._renew()

    def run(self, go_on: Callable[[Report | None], bool]) -> Report:
        """Round after round, as long as `go_on` says so of the last report. Raises LeaseLost, Trimmed, and
        OperatingErrors that last."""
        report = None
        while go_on(report):
            report = self._round()
            self.told(report)
            self._rest(report)
        return report or self.report({}, quiet=False)

    def report(self, troubles: Mapping[str, str], *, quiet: bool) -> Report:
        """Where everything stands."""
        standings = tuple(
            Standing(one.name, one.lag, one.copied_whole, one.totals, troubles.get(one.name, ""))
            for one in self.directions
        )
        return Report(self.now(), standings, self.state.known_losses, quiet)

    def _round(self) -> Report:
        troubles, more = {}, False
        for direction in self.directions:
            try:
                self.allowed()
                if direction.name not in self._begun:
                    direction.begin()
                    self._begun.add(direction.name)
                more |= direction.round()
            except OperatingError as error:
                if error.lasting:
                    raise
                troubles[direction.name] = str(error)
        return self.report(troubles, quiet=not more and not troubles)

    def _renew(self) -> None:
        """In time: before a quarter of its length is over."""
        now = self.now()
        if self._renewed is not None and now - self._renewed < self.lease.length / 4:
            return
        self.lease.renew()
        self._renewed = now

    def _rest(self, report: Report) -> None:
        if any(standing.trouble for standing in report.directions):
            self._failures += 1
            self.pause(min(LONGEST, SHORTEST * 2 ** min(self._failures - 1, 10)))
            return
        self._failures = 0
        if report.quiet:
            self.pause(POLL)
