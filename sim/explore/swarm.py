"""A run from a seed: first which faults are possible in it and how strong, then the faults.

Runs that can meet everything meet the same mixture again and again; runs that can meet only a few things meet them in
every combination (Groce et al., Swarm Testing, ISSTA 2012). Everything that was broken heals again, and then the
rollout must come to an end.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from math import ceil
from typing import TypeVar

from sim.draws import generator
from sim.explore.case import Case
from sim.faults.bad_release import BadRelease
from sim.faults.base import Fault
from sim.faults.chance import Chance, Seeded
from sim.faults.drawing import draw_faults

T = TypeVar("T")

POSSIBLE = (2, 4, 8, 16)
"""So many kinds are possible in a run ..."""
STRENGTHS = (0.5, 1.0)
"""... and of a kind's choices the mildest half, or all of them."""
MOST = 6
"""Faults in a run at most."""
BAD = "bad_release"


def drawn(seed: int, kinds: Sequence[str], horizon: timedelta) -> Case:
    """The case of that seed, with faults within `horizon` after the start."""
    chance = Seeded(generator(seed, "explore"))
    possible = _some(chance, kinds, chance.pick(POSSIBLE))
    held = Held(chance, chance.pick(STRENGTHS))
    turned = _turned(chance) if BAD in kinds else ()
    return Case(seed, (*turned, *draw_faults(held, chance.whole(1, MOST), horizon, possible)))


def _turned(chance: Chance) -> tuple[Fault, ...]:
    """In a third of the runs the new version is bad for sure: half of an engine is the way back, and most faults alone
    give no reason to take it."""
    if chance.whole(0, 2):
        return ()
    return (BadRelease(share=chance.pick((0.01, 0.5, 1.0)), error_rate=0.3, lasts=timedelta(hours=1)),)


class Held:
    """Chance that is held back to the mildest part of all choices."""

    def __init__(self, chance: Chance, strength: float) -> None:
        self._chance = chance
        self._strength = strength

    def pick(self, options: Sequence[T]) -> T:
        """What has no order of strength is picked from in full."""
        numbers = all(isinstance(option, int | float) and not isinstance(option, bool) for option in options)
        return self._chance.pick(options[: ceil(len(options) * self._strength)] if numbers else options)

    def whole(self, low: int, high: int) -> int:
        return self._chance.whole(low, high)


def _some(chance: Chance, kinds: Sequence[str], count: int) -> tuple[str, ...]:
    """`count` of the kinds, in their order."""
    left = list(kinds)
    while len(left) > count:
        del left[chance.whole(0, len(left) - 1)]
    return tuple(left)
