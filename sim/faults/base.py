"""What every fault answers: when it strikes, what it does to the world, and how it heals."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from bluegreen.model import Phase, Slot
from bluegreen.plan import Plan
from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, Share
from sim.scene import Scene


class Fault(Spec):
    """The base of all faults. It strikes at a time since the start, or at the engine's first look that sees the
    candidate at a share, or as soon as the rollout is in a phase (plus `after`); the default is at once. It heals
    after `lasts`, or never."""

    at: Duration | None = None
    share: Annotated[Share, Field(gt=0)] | None = None
    phase: Phase | None = None
    after: Duration = timedelta(0)
    lasts: PositiveDuration | None = None

    @model_validator(mode="after")
    def _one_trigger(self) -> Self:
        triggers = [name for name in ("at", "share", "phase") if getattr(self, name) is not None]
        if len(triggers) > 1:
            raise ValueError(f"a fault strikes by one of at, share or phase; this one has {' and '.join(triggers)}")
        return self

    @property
    def about(self) -> str:
        """What it does, in a few words, for reports."""
        raise NotImplementedError

    def strike(self, scene: Scene) -> None:
        """Do it to the world."""
        raise NotImplementedError

    def heal(self, scene: Scene) -> None:
        """Undo it. Healing is exact: the world's knobs are as they were before."""
        raise NotImplementedError


class OnSlot(Fault):
    """A fault of one slot: the candidate, unless the file says which."""

    slot: Slot | None = None

    def where(self, plan: Plan) -> Slot:
        return self.slot or plan.live.slot.other
