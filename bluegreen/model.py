"""The nouns of a rollout: small frozen values, shared by everything. Imports nothing of ours.

Colour and role never mix: a `Slot` is a physical place (blue, green); *live* and *candidate* are roles that a
rollout gives to the two slots. Times are aware UTC datetimes, lengths of time are timedeltas, shares are
fractions from 0 to 1, weights are Route 53's integers from 0 to 255.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal


class Slot(StrEnum):
    """A physical place that can serve."""

    BLUE = "blue"
    GREEN = "green"

    @property
    def other(self) -> Slot:
        return Slot.GREEN if self is Slot.BLUE else Slot.BLUE


class Phase(StrEnum):
    """Where a rollout is. The order is the order in which a good rollout walks."""

    PROVISION = "provision"  # the candidate environment is being made
    VERIFY = "verify"  # it must be found healthy, for some time, before any user sees it
    SCALE = "scale"  # capacity first: the candidate grows to what the next step needs
    SHIFT = "shift"  # the weights are set, read back, and known to all DNS servers
    HOLD = "hold"  # the step is watched by the gates
    BAKE = "bake"  # all traffic is on the candidate, the live slot still stands by
    ROLLBACK = "rollback"  # traffic is going back to the safe slot
    DRAIN = "drain"  # the slot that lost must lose its last clients
    RETIRE = "retire"  # it is removed
    DONE = "done"


class End(StrEnum):
    """The named ends of a rollout."""

    SUCCEEDED = "succeeded"
    ROLLED_BACK = "rolled back"
    ROLLBACK_FAILED = "rollback failed"
    ABORTED = "aborted"  # an operator asked for it, and traffic is back on the live slot
    NEEDS_OPERATOR = "needs operator"  # no safe step is left that a machine should take alone


class Verdict(StrEnum):
    """A gate's answer. UNKNOWN never promotes; no evidence is UNKNOWN."""

    PASS = "pass"
    FAIL = "fail"
    UNKNOWN = "unknown"


class Presence(StrEnum):
    """How far an environment is."""

    ABSENT = "absent"
    CREATING = "creating"
    READY = "ready"
    FAILED = "failed"
    REMOVING = "removing"


# -- what is seen ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EnvironmentView:
    """One slot's environment as it was just seen. All counts are instances."""

    presence: Presence
    desired: int = 0
    in_service: int = 0  # in service by the Auto Scaling group's own count
    healthy: int = 0  # healthy by the balancer's count: only these can serve
    registered: int = 0  # known to the balancer, healthy or not
    scale_in_held: bool = False
    detail: str = ""  # why it failed, or what it waits for


@dataclass(frozen=True, slots=True)
class TrafficView:
    """The weights as they stand in Route 53. A slot without a record is missing from `weights`."""

    weights: Mapping[Slot, int]
    in_sync: bool  # every Route 53 server answers with these weights

    def share(self, slot: Slot) -> float:
        """The share of answers that name `slot`, by weight. All weights zero means equal shares, as Route 53
        answers then (Route 53 Developer Guide, weighted routing)."""
        total = sum(self.weights.values())
        if slot not in self.weights:
            return 0.0
        return self.weights[slot] / total if total else 1 / len(self.weights)


@dataclass(frozen=True, slots=True)
class Query:
    """One series to read: a known measure of a slot (`requests`, `errors`, `latency_p99`, `healthy_hosts`), or
    any CloudWatch metric."""

    measure: str
    slot: Slot | None = None
    namespace: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    statistic: str = ""

    def __str__(self) -> str:
        return f"{self.slot} {self.measure}" if self.slot else f"{self.namespace} {self.measure}"


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a series: when it began, and the value. A period without data has no point."""

    at: datetime
    value: float


Series = tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read for one query, oldest point first."""

    query: Query
    points: Series


@dataclass(frozen=True, slots=True)
class Command:
    """What an operator asked of a running rollout."""

    verb: Literal["abort"]
    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that could not be read or done. `lasting` trouble will not go away by trying again."""

    what: str
    error: str
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Observation:
    """What one look saw, and what it could not see. `None` means: could not be read this time."""

    at: datetime
    traffic: TrafficView | None = None
    environments: Mapping[Slot, EnvironmentView | None] = field(default_factory=dict)
    readings: tuple[Reading, ...] | None = None
    alarms: Mapping[str, str] = field(default_factory=dict)  # name -> OK | ALARM | INSUFFICIENT_DATA
    commands: tuple[Command, ...] = ()
    trouble: tuple[Trouble, ...] = ()

    def environment(self, slot: Slot) -> EnvironmentView | None:
        return self.environments.get(slot)

    def points(self, query: Query) -> Series:
        """What was read for `query`; nothing at all when metrics could not be read."""
        return next((r.points for r in self.readings or () if r.query == query), ())


# -- what is judged -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Judgement:
    """A gate's verdict and the sentence that explains it."""

    gate: str
    verdict: Verdict
    why: str


# -- where we are, and what is next ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Rollout:
    """Where a rollout is. Everything that must survive a crash is here; the rest is seen afresh."""

    id: str
    live: Slot
    phase: Phase
    started: datetime
    since: datetime  # when this phase (for HOLD: this step's hold) began
    step: int = 0  # index of the step being worked on
    looks: int = 0
    live_capacity: int = 0  # healthy instances of the live slot before anything was touched
    healthy_since: datetime | None = None  # VERIFY: healthy without a break since then
    exposed: bool = False  # users may have been sent to the candidate
    in_place: datetime | None = None  # since when the present weights are known to all DNS servers
    cause: str = ""  # why it rolls back
    not_made: bool = False  # ... and that the candidate could not be made at all: the plan is wrong, or its template
    aborted: bool = False  # ... and that an operator asked for it
    leaving: Slot | None = None  # DRAIN, RETIRE: the slot that goes
    end: End | None = None

    @property
    def candidate(self) -> Slot:
        return self.live.other

    @property
    def finished(self) -> bool:
        return self.phase is Phase.DONE


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


Action = CreateEnvironment | SetCapacity | HoldScaleIn | SetWeights | RemoveRecord | RemoveEnvironment


@dataclass(frozen=True, slots=True)
class Decision:
    """What is next: where the rollout stands then, what to do, how long to sleep, and why, in one sentence."""

    rollout: Rollout
    wait: timedelta
    why: str
    actions: tuple[Action, ...] = ()
    judgements: tuple[Judgement, ...] = ()
