"""What a journal is made of: one JSON line each, told apart by `kind`. Old journals stay readable: fields are
only ever added, with a default.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bluegreen.model import Action, Decision, Observation, Rollout, Trouble


@dataclass(frozen=True, slots=True)
class Started:
    """The first entry: which plan, and from where."""

    at: datetime
    plan_hash: str
    rollout: Rollout
    version: int = 1
    by: str = ""  # whose engine
    kind: Literal["started"] = "started"


@dataclass(frozen=True, slots=True)
class Decided:
    """What was seen and what was decided on it, written before anything is done."""

    at: datetime
    seen: Observation
    decision: Decision
    kind: Literal["decided"] = "decided"


@dataclass(frozen=True, slots=True)
class Failed:
    """An action that did not succeed, or not for certain."""

    at: datetime
    action: Action
    trouble: Trouble
    kind: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True)
class Resumed:
    """An engine took up the work again after another one had stopped. Deadlines count an engine's working time, so
    the phase begins anew; so does everything that had to be watched without a break."""

    at: datetime
    why: str
    rollout: Rollout | None = None
    by: str = ""  # whose engine
    kind: Literal["resumed"] = "resumed"


@dataclass(frozen=True, slots=True)
class Left:
    """The engine was told to stop and leave everything as it is."""

    at: datetime
    why: str
    kind: Literal["left"] = "left"


Entry = Started | Decided | Failed | Resumed | Left

ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])
