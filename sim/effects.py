"""What was really done to the control plane, as the world saw it: invariants judge these, not intentions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bluegreen.model import Slot


@dataclass(frozen=True, slots=True)
class WeightsChanged:
    """A change of the service's records took effect in the control plane. A missing slot has no record."""

    before: Mapping[Slot, int]
    after: Mapping[Slot, int]
    by: str = "engine"


@dataclass(frozen=True, slots=True)
class CapacityChanged:
    """A group's desired capacity was set."""

    slot: Slot
    before: int
    after: int
    by: str = "engine"


@dataclass(frozen=True, slots=True)
class Created:
    """A resource came to be. `name` is unique within a run, like `group/shop-green-1a2b3`."""

    slot: Slot
    name: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A resource was removed."""

    slot: Slot
    name: str
    by: str = "engine"


@dataclass(frozen=True, slots=True)
class LeaseTaken:
    """An engine has the lease now. `silent`: how long the one before it had said nothing; None: it was dead, or there
    was none."""

    who: str
    silent: timedelta | None
    by: str = "another engine"


@dataclass(frozen=True, slots=True)
class DataChanged:
    """Something was begun with the data that cannot be taken back. `lag`: seconds that the copy was behind then (-1: it
    did not follow); `fenced`: nobody was to write to the source; `missed`: acknowledged writes that the copy
    never got."""

    what: Literal["promotion", "switchover", "contract"]
    lag: float = 0.0
    fenced: bool = True
    missed: int = 0
    by: str = "engine"


Effect = WeightsChanged | CapacityChanged | Created | Removed | LeaseTaken | DataChanged
