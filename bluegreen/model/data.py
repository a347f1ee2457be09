"""What is seen of a rollout's data, and what a rollout remembers of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bluegreen.model.names import Slot
from bluegreen.model.point import Point

DataStage = Literal["absent", "making", "following", "moving", "moved", "refused", "failed"]
"""How far the copy of the data is. following: it has all but the newest writes. moved: it takes writes of its own.
refused: moving was tried, and all is as before. failed: it will not come to be by itself."""


@dataclass(frozen=True, slots=True)
class DataView:
    """The data as they were just seen."""

    stage: DataStage = "absent"
    detail: str = ""
    lag: float | None = None
    """Seconds that the copy is behind, in the newest minute that is known; -1: it does not follow at all."""
    lag_at: datetime | None = None
    """When that minute began."""
    named: Mapping[Slot, Mapping[str, bool]] = field(default_factory=dict)
    """Where each slot says which database it uses, and whether that is the plan's."""

    told: Mapping[str, Point] = field(default_factory=dict)
    """The newest minute of what a sync tells: lag (seconds), divergent (items), conflicts."""


@dataclass(frozen=True, slots=True)
class DataState:
    """What must survive a crash beside the runs of the team's commands."""

    begun: Mapping[str, datetime] = field(default_factory=dict)  # since when a task has been waited for
    done: tuple[str, ...] = ()  # tasks of the engine's own that are over
    moved: datetime | None = None  # when it was asked for that the copy takes writes of its own
    back: str = ""  # why it goes back, while the data are made ready for that, or a person is asked
    confirmed: str = ""  # who takes what is lost by going back, and why
