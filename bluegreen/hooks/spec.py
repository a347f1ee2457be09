"""`hooks:` of the rollout file: at which stage, which check, and what its answer may change.

Stages are named after the phases:

before-provision   before anything is made
before-verify      the candidate is there, nobody looked at it yet
before-shift       once, before the first user is sent to it
before-step        before each step's weight is raised (the first one's too)
after-step         each time a step has been held and its gates have passed
before-bake        all traffic is on the candidate
before-retire      before the slot that was live goes: from then on there is no cheap way back
rolling-back       traffic goes back; runs beside, and delays only the removal of the candidate
ended              the end is known; runs before the engine leaves
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from bluegreen.checks.base import Check
from bluegreen.registry import Spec, one_of

if TYPE_CHECKING:
    AnyCheck = Check
else:
    AnyCheck = one_of("bluegreen.checks", Check)

Stage = Literal[
    "before-provision",
    "before-verify",
    "before-shift",
    "before-step",
    "after-step",
    "before-bake",
    "before-retire",
    "rolling-back",
    "ended",
]
EACH_STEP: tuple[Stage, ...] = ("before-step", "after-step")
BESIDE: tuple[Stage, ...] = ("rolling-back", "ended")
"""Nothing can be decided there any more: these hooks have no say."""


class Hook(Spec):
    """One hook."""

    at: Stage
    check: AnyCheck
    say: Literal["rollback", "stop", "ignore"] | None = None
    """What follows when it does not pass: go back, leave everything as it is and ask, or go on. Default: rollback;
    where nothing can be decided any more, ignore."""
    irreversible: bool = False
    """Once it has begun, going back may do more harm than good (a migration): the engine does not go back by itself
    any more but stops and asks. An operator's abort still goes back."""

    @model_validator(mode="after")
    def _can_say(self) -> Self:
        if self.at in BESIDE and self.say not in (None, "ignore"):
            raise ValueError(f"a hook at {self.at} cannot {self.say}: nothing can be decided there any more")
        if self.at in BESIDE and self.irreversible:
            raise ValueError(f"a hook at {self.at} cannot be irreversible: there is no way back left to close")
        if self.at in BESIDE and type(self.check).judge is not Check.judge:
            raise ValueError(f"{self.check.name} makes no sense at {self.at}: nobody waits for its answer")
        if self.at == "ended" and self.check.retries:
            raise ValueError("a hook at ended is run once: leave out retries")
        return self

    @property
    def says(self) -> str:
        """What follows when it does not pass."""
        return self.say or ("ignore" if self.at in BESIDE else "rollback")


def hooks_at(hooks: tuple[Hook, ...], stage: Stage) -> tuple[Hook, ...]:
    """The stage's hooks, in the file's order."""
    return tuple(hook for hook in hooks if hook.at == stage)


def each_hook(hooks: tuple[Hook, ...], steps: int) -> Iterator[tuple[Stage, int | None, Hook]]:
    """Each hook with each step (from 0) at which it runs; None for those that run once."""
    for hook in hooks:
        for step in range(steps) if hook.at in EACH_STEP else (None,):
            yield hook.at, step, hook


def same_names(hooks: tuple[Hook, ...]) -> str:
    """The complaint when two hooks of one stage have one name, or nothing."""
    names = [f"{hook.at}: {hook.check.name}" for hook in hooks]
    twice = sorted({name for name in names if names.count(name) > 1})
    return f"two hooks have one name ({', '.join(twice)}); give each check its own `name`" if twice else ""
