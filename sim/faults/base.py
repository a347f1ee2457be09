"""What every fault answers: when it strikes, what it does to the world, and how it heals."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from bluegreen.model import Phase, Slot
from bluegreen.plan import Plan
from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, Share
from sim.faults.chance import SLOTS, Chance
from sim.faults.knobs import Turn
from sim.place import Place
from sim.scene import Scene


class Fault(Spec):
    """The base of all faults. It strikes at a time since the start, or at the engine's first look that sees the
    candidate at a share, or as soon as the rollout is in a phase; the default is at once; `after` comes on top of any
    of them. It heals after `lasts`, or never."""

    of_data: ClassVar[bool] = False
    """It matters only to plans with `data`: explorations of others leave it out."""
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

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        """Some fault of this kind. `sim.faults.drawing` says when it strikes, unless the kind is particular."""
        raise NotImplementedError

    def turns(self, scene: Scene) -> Iterable[Turn]:
        """The knobs that it holds while it lasts."""
        return ()

    def strike(self, scene: Scene) -> None:
        """Do it to the world. The flow of requests is settled up to now."""
        for turn in self.turns(scene):
            scene.knobs.hold(turn, by=self)

    def heal(self, scene: Scene) -> None:
        """Undo it. Healing is exact, whatever else has struck or healed meanwhile: the world's knobs are as if it had
        never been."""
        for turn in self.turns(scene):
            scene.knobs.let_go(turn, by=self)


class Deed(Fault):
    """A fault that is over as soon as it has struck: what is done stays done, and there is nothing to heal."""

    @model_validator(mode="after")
    def _over_at_once(self) -> Self:
        if self.lasts is not None:
            raise ValueError("it is over as soon as it has struck, and nobody takes it back: leave out lasts")
        return self

    def heal(self, scene: Scene) -> None:
        """Nobody takes it back."""


class OnSlot(Fault):
    """A fault of one slot: the candidate, unless the file says which."""

    slot: Slot | None = None

    @property
    def whom(self) -> str:
        """The slot in words."""
        return str(self.slot or "the new version")

    def where(self, plan: Plan) -> Slot:
        return self.slot or plan.live.slot.other

    def place(self, scene: Scene) -> Place:
        return scene.world.places[self.where(scene.plan)]


class OnSlots(Fault):
    """A fault of both slots, unless the file says which."""

    slot: Slot | None = None

    @property
    def whom(self) -> str:
        return str(self.slot or "both slots")

    @property
    def slots(self) -> tuple[Slot, ...]:
        return (self.slot,) if self.slot else tuple(Slot)


def some_slot(chance: Chance) -> Slot | None:
    """The kind's own choice, or one of the two."""
    return chance.pick(SLOTS)
