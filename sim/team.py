"""The engines of a rehearsal whose plan has a team: each on a machine of its own, with the team's table between them.

One engine steps at a time. A second one (the fault `second_engine`) asks for the lease whenever the first has written
something; it is refused once it sees that the first is alive. When the first stands still, the second has it after the
lease's length, and the first learns that from its next call.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bluegreen.errors import InUse, OperatingError
from bluegreen.journal.shared import SharedJournal
from bluegreen.lease.holder import Holder
from bluegreen.lease.shared import SharedLease
from bluegreen.lease.store import Store
from sim.effects import LeaseTaken
from sim.scene import Rival

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from sim.world import World

AGAIN = timedelta(seconds=15)
"""How long an engine waits before it asks once more for a lease that may be somebody's."""


@dataclass
class Team:
    """Who has the lease, and who wants it. `tell` is told what becomes of a second engine."""

    world: World
    plan: Plan
    store: Store
    rollout_id: str
    tell: Callable[[str], None]
    _engines: int = 0
    _rival: SharedLease | None = field(default=None, init=False)
    _won: SharedLease | None = field(default=None, init=False)

    def lease(self) -> SharedLease:
        """The next engine's, which waits until it has it. Raises InUse when another engine is alive."""
        if self._won is not None:
            won, self._won = self._won, None
            return won
        wanted = self._next()
        while not _acquired(wanted):
            self.world.clock.sleep(AGAIN)
        self.world.record(LeaseTaken(wanted.holder.name, None))
        return wanted

    def journal(self, lease: SharedLease) -> SharedJournal:
        return SharedJournal(self.store, lease, self.rollout_id)

    def look(self, rival: Rival) -> bool:
        """A second engine asks for the lease; `frozen` means that the first stands still meanwhile. True when that has
        come to an end."""
        self._rival = wanted = self._rival or self._next()
        heard = self.world.clock.now()
        while True:
            try:
                if _acquired(wanted):
                    self.world.record(LeaseTaken(wanted.holder.name, self.world.clock.now() - heard))
                    self.tell(f"{wanted.holder.name} has the lease now (fence {wanted.holder.fence})")
                    self._won, self._rival = wanted, None
                    return True
            except InUse as refused:
                self.tell(f"{wanted.holder.name} was refused: {refused}")
                self._rival = None
                return True
            if not rival.frozen:
                return False
            self.world.clock.sleep(AGAIN)

    def _next(self) -> SharedLease:
        assert self.plan.team is not None, "the caller asks only for plans with a team"
        self._engines += 1
        clock, number = self.world.clock, self._engines
        me = Holder(f"engine {number}", f"machine-{number}", number, self.rollout_id, clock.now())
        return SharedLease(self.store, self.plan.service.name, me, f"token-{number}", self.plan.team.lease, clock)


def _acquired(lease: SharedLease) -> bool:
    try:
        return lease.acquire()
    except OperatingError:
        return False
