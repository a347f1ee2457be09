"""What invariants are given, and the five occasions on which they are asked.

`on_effect`: the control plane was changed. `on_decision`: the engine wrote down what it will do. `on_passage`: it did,
and the rollout stands elsewhere from then on. `on_step`: it has made a step and stands somewhere. `at_end`: the run is
over and the world had time to settle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter

from bluegreen.decide.watch import watch
from bluegreen.journal.entries import Decided
from bluegreen.model import Judgement, Observation, Rollout, Slot
from bluegreen.plan import Plan
from sim.effects import Effect
from sim.world import World

SETTLE = timedelta(minutes=10)
"""How long the world goes on after the end, before the last invariants are asked. They ask for no health that a fault
took, and gave back less than this ago."""


@dataclass(frozen=True, slots=True)
class Broken:
    """An invariant that did not hold, when, and how."""

    at: datetime
    invariant: str
    why: str


@dataclass(slots=True)
class Record:
    """What the invariants know about the run so far."""

    plan: Plan
    world: World
    rollout: Rollout | None = None
    """The rollout as the engine's newest decision has it."""
    last: Decided | None = None
    """The newest decision in the journal."""
    drained: Decided | None = None
    """The one that found the leaving slot unused and went on to RETIRE: what it saw is what could be known."""
    healthy: dict[Slot, int] = field(default_factory=dict)
    """Healthy instances, in truth, when that decision was made."""
    earlier: dict[Slot, int] = field(default_factory=dict)
    """... and when the one before it was: the newest look began after that."""
    folded: Rollout | None = None
    """The fold of the journal."""
    holder: str = ""
    """Whose the lease is, in a team."""
    writer: str = ""
    """Who has begun, or taken up, the rollout last."""
    intended: set[str] = field(default_factory=set)
    """Kinds of all actions that the journal tells of."""
    floors: dict[Slot, int] = field(default_factory=dict)
    """Each group's MinSize when it was first seen, before anything was held."""
    created: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    shrunk_by_hand: dict[Slot, int] = field(default_factory=dict)
    """How small people made a slot: what they took away is not the engine's fault."""
    shrunk_late: set[Slot] = field(default_factory=set)
    """Slots that people made smaller when no way could lead back any more: nobody holds their capacity then."""
    at_work: int = 0
    """Faults that will heal, and have not yet."""
    healed: datetime | None = None
    """When a fault last healed."""


def judged(plan: Plan, rollout: Rollout, seen: Observation) -> list[Judgement]:
    """What the gates say to what was seen, whatever the engine made of it."""
    return [judgement for judgement in watch(plan, rollout, seen).judged if judgement.decides]


OnEffect = Callable[[Record, Effect], str]
OnDecision = Callable[[Record, Decided, Decided | None], str]
OnStep = Callable[[Record, Rollout], str]
AtEnd = Callable[[Record], str]

ON_EFFECT: dict[str, OnEffect] = {}
ON_DECISION: dict[str, OnDecision] = {}
ON_PASSAGE: dict[str, OnDecision] = {}
ON_STEP: dict[str, OnStep] = {}
AT_END: dict[str, AtEnd] = {}


def on_effect(check: OnEffect) -> OnEffect:
    ON_EFFECT[_name(check)] = check
    return check


def on_decision(check: OnDecision) -> OnDecision:
    ON_DECISION[_name(check)] = check
    return check


PLACE = attrgetter("phase", "step", "leaving", "end", "in_place", "moved")
"""Of a rollout: a decision that changes one of these is a passage."""


def on_passage(check: OnDecision) -> OnDecision:
    """For what is about the way from one place to the next: most decisions only stay."""
    ON_PASSAGE[_name(check)] = check
    return check


def on_step(check: OnStep) -> OnStep:
    ON_STEP[_name(check)] = check
    return check


def at_end(check: AtEnd) -> AtEnd:
    AT_END[_name(check)] = check
    return check


def _name(check: Callable[..., str]) -> str:
    return check.__name__.replace("_", " ")
