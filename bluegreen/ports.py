"""The ports: all that the engine knows of the outside. AWS, the simulated world and test fakes stand behind them.

Every method may raise `OperatingError`; nothing else counts as trouble of the outside world. Every method that
changes something is safe to repeat: asking again for what already is, is not an error and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bluegreen.journal.entries import Entry
from bluegreen.model import Command, EnvironmentView, Query, Series, Slot, TrafficView


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
        """Ask for `instances`, raising the group's maximum when it is lower."""
        ...

    def hold_scale_in(self, slot: Slot, held: bool) -> None:
        """Keep the slot's group from shrinking by itself, or give that back."""
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


class Control(Protocol):
    """What operators asked for since the last look."""

    def take(self) -> tuple[Command, ...]: ...


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
