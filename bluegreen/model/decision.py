"""What is judged, what is next, and what is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from bluegreen.model.names import Slot, Verdict
from bluegreen.model.people import Answer, Notice
from bluegreen.model.rollout import Rollout


@dataclass(frozen=True, slots=True)
class Judgement:
    """A gate's verdict and the sentence that explains it."""

    gate: str
    verdict: Verdict
    why: str
    decides: bool = True  # not: it is shown only (a dry run, or nothing to compare with)
    final: bool = False  # UNKNOWN: waiting longer is of no use


@dataclass(frozen=True, slots=True)
class CreateEnvironment:
    slot: Slot
    kind: Literal["create"] = "create"


@dataclass(frozen=True, slots=True)
class SetCapacity:
    """Ask a slot's group for `instances`. Only ever used to grow; shrinking is the group's own business."""

    slot: Slot
    instances: int
    kind: Literal["capacity"] = "capacity"


@dataclass(frozen=True, slots=True)
class HoldScaleIn:
    """Keep a slot's group from shrinking by itself (`held`), or give that back."""

    slot: Slot
    held: bool
    kind: Literal["hold scale-in"] = "hold scale-in"


@dataclass(frozen=True, slots=True)
class SetWeights:
    """One atomic change of both records."""

    weights: Mapping[Slot, int]
    kind: Literal["weights"] = "weights"


@dataclass(frozen=True, slots=True)
class RemoveRecord:
    """Remove a slot's record: left at weight 0 it would still be a live fallback."""

    slot: Slot
    kind: Literal["remove record"] = "remove record"


@dataclass(frozen=True, slots=True)
class RemoveEnvironment:
    slot: Slot
    kind: Literal["remove"] = "remove"


@dataclass(frozen=True, slots=True)
class RunCheck:
    """Begin a check, a hook or a gate's question: `run` names it (`verify/smoke`, `hook/before-step/2/crm`)."""

    run: str
    facts: Mapping[str, str] = field(default_factory=dict)
    kind: Literal["check"] = "check"


@dataclass(frozen=True, slots=True)
class StopCheck:
    """Nobody waits for it any more."""

    run: str
    kind: Literal["stop check"] = "stop check"


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell people. Fire and forget: it never stops or delays a rollout."""

    notice: Notice
    kind: Literal["notify"] = "notify"


@dataclass(frozen=True, slots=True)
class PrepareFallback:
    """Make what is not there yet of the page and of the records that lead to it when neither slot can serve."""

    kind: Literal["prepare fallback"] = "prepare fallback"


@dataclass(frozen=True, slots=True)
class DrillAlarm:
    """Set an alarm to ALARM, see it there, and set it back."""

    alarm: str
    kind: Literal["drill alarm"] = "drill alarm"


@dataclass(frozen=True, slots=True)
class TidyFallback:
    """Remove the health checks that rollouts made for records which are gone."""

    kind: Literal["tidy fallback"] = "tidy fallback"


@dataclass(frozen=True, slots=True)
class Reserve:
    """Have so many capacity units reserved for a slot's balancer; 0 gives them up."""

    slot: Slot
    units: int
    kind: Literal["reserve"] = "reserve"


@dataclass(frozen=True, slots=True)
class PrepareData:
    """Make the copy of the data that the plan names, or go on with it."""

    kind: Literal["prepare data"] = "prepare data"


@dataclass(frozen=True, slots=True)
class MoveData:
    """Let the copy take writes of its own from now on: there is no cheap way back from that."""

    kind: Literal["move data"] = "move data"


Action = (
    CreateEnvironment
    | SetCapacity
    | HoldScaleIn
    | SetWeights
    | RemoveRecord
    | RemoveEnvironment
    | RunCheck
    | StopCheck
    | Notify
    | PrepareFallback
    | TidyFallback
    | DrillAlarm
    | Reserve
    | PrepareData
    | MoveData
)


@dataclass(frozen=True, slots=True)
class Decision:
    """What is next: where the rollout stands then, what to do, how long to sleep, and why, in one sentence."""

    rollout: Rollout
    wait: timedelta
    why: str
    actions: tuple[Action, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    answers: tuple[Answer, ...] = ()
