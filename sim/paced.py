"""A rehearsal at human speed: time passes some times as fast as for whoever watches, who may speak to the engine.

Nothing else differs: who says nothing gets the same trace, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from bluegreen.clock import SystemClock, stopwatch
from bluegreen.control.inbox import Taker, Waiting
from bluegreen.model import Command, Rollout
from sim.clock import EPOCH
from sim.escape import unwatched

if TYPE_CHECKING:
    from sim.run import Rehearsing


@dataclass
class Paced:
    """Keeps pace: `speed` virtual seconds in one. `tell` is told each line of the trace, `inbox` is where commands to
    the engine come from."""

    speed: float
    tell: Callable[[bytes], None]
    inbox: Waiting
    taken: list[Command] = field(default_factory=list)
    """What operators said, which no file of the rehearsal tells."""
    _told: int = 0
    _before: datetime = EPOCH

    def begin(self, rehearsing: Rehearsing) -> None:
        """Before the first step."""
        self._rehearsing, self._watch = rehearsing, stopwatch()
        self._taker = Taker(rehearsing.kept, self.inbox)

    def step(self, now: datetime, rollout: Rollout) -> None:
        """Before each step of the engine: tell, wait until it is time, and hand on what was said meanwhile."""
        news = self._rehearsing.trace.since(self._told)
        self._told += len(news)
        with unwatched():
            for line in news:
                self.tell(line)
            SystemClock().sleep((now - self._before) / self.speed - self._watch())
            self._before, self._watch = now, stopwatch()  # time that was lost is not made up for: nobody could follow
        desk = self._rehearsing.scene.desk
        for command in self._taker.take():
            if command not in desk.waiting:
                desk.waiting.append(command)
                self.taken.append(command)

    def notes(self) -> list[str]:
        """What the trace's header must say of it."""
        return [
            f"{command.who} said {command.verb} while it ran ({command.why}): the same command gives another run"
            for command in self.taken
        ]


def parse_speed(text: str) -> float:
    """`60x` or `60`. Raises ValueError."""
    speed = float(text.removesuffix("x"))
    if not 0 < speed < float("inf"):
        raise ValueError(text)
    return speed
