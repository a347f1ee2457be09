"""Users, or the apps in their hands, try again what failed: an overload feeds itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.units import PositiveDuration, Share, parse_duration, show_share
from sim.faults.base import OnSlots
from sim.faults.chance import Chance
from sim.faults.knobs import Turn
from sim.impatience import ImpatienceSpec, Retrying
from sim.scene import Scene


class RetryStorm(OnSlots):
    """`retries` of the failed requests are tried again after `backoff` on average, `attempts` times at most. Of
    several storms, and the world's own habit, the most eager one counts."""

    kind: Literal["retry_storm"] = "retry_storm"
    retries: Annotated[Share, Field(gt=0)] = 1.0
    attempts: Annotated[int, Field(ge=2, le=100)] = 5
    backoff: PositiveDuration = parse_duration("1s")

    @property
    def about(self) -> str:
        return f"{show_share(self.retries)} of failed requests are tried again, up to {self.attempts} times"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        return cls(retries=chance.pick((0.5, 1.0)), attempts=chance.pick((2, 3, 10)))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        habit = ImpatienceSpec(retries=self.retries, attempts=self.attempts, backoff=self.backoff)
        for slot in self.slots:
            yield Turn(scene.world.places[slot], "retrying", Retrying(habit), _most_eager)


def _most_eager(rest: Retrying | None, more: Sequence[Retrying]) -> Retrying:
    known = [*more] if rest is None else [rest, *more]
    return max(known, key=lambda habit: habit.share)
