"""The ports: all that the engine knows of the outside. AWS, the simulated world and test fakes stand behind them.

Every method may raise `OperatingError`; nothing else counts as trouble of the outside world. Every method that
changes something is safe to repeat: asking again for what already is, is not an error and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bluegreen.checks.base import Check
from bluegreen.journal.entries import Entry
from bluegreen.model import (
    AlarmView,
    CheckView,
    Command,
    DataView,
    DrillView,
    EnvironmentView,
    FallbackView,
    Notice,
    Query,
    ReservationView,
    Series,
    Slot,
    TrafficView,
    Trouble,
)
from bluegreen.outside.nothing import NoChecks, NoData, NoDrills, NoFallback, NoNotices, NoPrewarm


class Clock(Protocol):
    """Time. The engine has no other."""

    def now(self) -> datetime:
        """The time as an aware UTC datetime."""
        ...

    def sleep(self, length: timedelta) -> None:
        """Return after `length`; at once when it is zero or less."""
        ...


class Traffic(Protocol):
    """The weighted records of the service."""

    def read(self) -> TrafficView:
        """The weights as they stand now, never from memory."""
        ...

    def set(self, weights: Mapping[Slot, int]) -> None:
        """Set both weights in one atomic change. All weights zero is a programmer's error. Setting what already
        stands is how an engine without a memory learns whether it is in sync."""
        ...

    def remove(self, slot: Slot) -> None:
        """Remove the slot's record. The other slot's record must stay."""
        ...


class Environments(Protocol):
    """The two places that can serve."""

    def look(self, slot: Slot) -> EnvironmentView:
        """The slot's environment as it is now."""
        ...

    def create(self, slot: Slot) -> None:
        """Begin, or go on with, making the slot's environment."""
        ...

    def resize(self, slot: Slot, instances: int) -> None:
        """Ask for at least `instances`, raising the group's maximum when it is lower, and its floor when it is held."""
        ...

    def hold_scale_in(self, slot: Slot, held: bool) -> None:
        """Keep the slot's group from shrinking by itself, or give that back."""
        ...

    def built(self, slot: Slot) -> Mapping[str, str]:
        """How the slot is configured, by names like `instance type`, `image` or `parameter DbName`. Empty while there
        is nothing of it."""
        ...

    def remove(self, slot: Slot) -> None:
        """Begin, or go on with, removing the slot's environment: what the rollout made, or, for the slot that was
        live, what the plan names."""
        ...


class Metrics(Protocol):
    """CloudWatch, as far as a rollout needs it."""

    def read(self, queries: Sequence[Query], since: datetime, until: datetime) -> Mapping[Query, Series]:
        """One-minute points in [since, until). Periods without data have no point."""
        ...

    def alarms(self, names: Sequence[str]) -> Mapping[str, str]:
        """The state of each alarm (OK, ALARM, INSUFFICIENT_DATA); an alarm that does not exist is missing."""
        ...

    def set_up(self, names: Sequence[str], at: datetime) -> Sequence[AlarmView]:
        """How each alarm is set up, in the order of the names, and whether its metrics had points before `at`; an
        alarm that does not exist is missing."""
        ...


class Drills(Protocol):
    """Alarms set by hand, to see that they can reach ALARM."""

    def look(self, names: Sequence[str], since: datetime) -> Sequence[DrillView]:
        """What a drill of each alarm would fire, and whether it was drilled after `since`; alarms that do not exist
        are missing."""
        ...

    def drill(self, name: str) -> None:
        """Set the alarm to ALARM, see it there, and set it back: CloudWatch judges it anew within a minute."""
        ...


class Fallback(Protocol):
    """The page for when neither slot can serve. Route 53 alone goes there and comes back."""

    def look(self) -> FallbackView:
        """What stands, what it answers, and what Route 53 would answer for each state of health."""
        ...

    def prepare(self) -> None:
        """Make what is lacking, the records last. Preparing what already stands is how an engine without a memory
        learns whether it is in sync."""
        ...

    def idle(self) -> tuple[str, ...]:
        """What rollouts of this service made for records of slots, and no record names (any more)."""
        ...

    def tidy(self) -> None:
        """Remove what is idle."""
        ...


class Checks(Protocol):
    """Checks and hooks that run outside: beside the engine, which looks at them now and then. They die with it."""

    def begin(self, run: str, check: Check, facts: Mapping[str, str]) -> None:
        """Begin a run, and return at once. One of that name that exists is not begun again. `facts`: what the plan and
        the rollout say, by names like BLUEGREEN_PHASE."""
        ...

    def look(self, run: str) -> CheckView:
        """How far it is: `absent` when nobody knows of it."""
        ...

    def stop(self, run: str) -> None:
        """End it, with all that it started. Nothing when it is over or unknown."""
        ...


class Notices(Protocol):
    """The way to people's pagers and chats."""

    def send(self, notice: Notice) -> None:
        """Hand it on and return at once: nobody waits for it to arrive. Raises nothing."""
        ...

    def failures(self) -> tuple[tuple[Notice, Trouble], ...]:
        """Those that did not arrive, each told once."""
        ...


class Prewarm(Protocol):
    """Capacity reserved for balancers."""

    def look(self, slot: Slot) -> ReservationView:
        """How the reservation of the slot's balancer stands."""
        ...

    def reserve(self, slot: Slot, units: int) -> None:
        """Ask for so many units; 0 gives the reservation up. Nothing when as many are asked for and did not fail.
        Raises Busy while another request is under way."""
        ...


class Data(Protocol):
    """The copy of the data that the plan names, or where the slots say which database they use."""

    def look(self) -> DataView:
        """How it stands now."""
        ...

    def prepare(self) -> None:
        """Begin making the copy. Nothing when it is there, or being made."""
        ...

    def move(self) -> None:
        """Begin what makes the copy a database of its own. Nothing when that is under way or over."""
        ...


class Control(Protocol):
    """What operators asked for and no journal entry holds yet: what was taken and not written down is given again."""

    def take(self) -> tuple[Command, ...]: ...


class Lease(Protocol):
    """The right to act for a service, which one engine at a time has."""

    def renew(self) -> None:
        """Make sure that the right is still ours, and let others see it. Asked before every look and every action.
        Raises LeaseLost when another engine has it, OperatingError when nobody can tell: then nothing may be done."""
        ...


class Journal(Protocol):
    """The append-only record of one rollout."""

    def append(self, entry: Entry) -> None:
        """Return only when the entry is safe on disk."""
        ...

    def entries(self) -> tuple[Entry, ...]:
        """All entries, oldest first. A torn last line is left out."""
        ...


@dataclass(frozen=True, slots=True)
class Ports:
    """AWS, as one engine sees it."""

    traffic: Traffic
    environments: Environments
    metrics: Metrics
    checks: Checks = field(default_factory=NoChecks)
    notices: Notices = field(default_factory=NoNotices)
    fallback: Fallback = field(default_factory=NoFallback)
    prewarm: Prewarm = field(default_factory=NoPrewarm)
    drills: Drills = field(default_factory=NoDrills)
    data: Data = field(default_factory=NoData)
