"""The lease of a service as an item of a shared table, for engines on several machines.

The item holds who has it, the fence (a number that grows with every change of hands), and the mark (a number that grows
with every renewal). Everything the holder writes is written together with a check of the fence, so that an engine that
lost the lease can write nothing (Kleppmann, How to do distributed locking, 2016). What it does to AWS cannot be checked
so: it renews before each action, and acts only when that went through quickly.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bluegreen.errors import LeaseLost, OperatingError, Unreachable
from bluegreen.lease.holder import Holder, in_use, lost
from bluegreen.lease.store import ABSENT, Conflict, Item, Key, Store, Write
from bluegreen.lease.watched import Watched
from bluegreen.ports import Clock

TRIES = 3


def lease_key(service: str) -> Key:
    """Where a service's lease is."""
    return Key(f"service#{service}", "lease")


@dataclass(slots=True)
class SharedLease:
    """`bluegreen.ports.Lease` on a table. `me` must have a token that nobody else has: with it, a lease that was got by
    a call whose answer was lost is known as ours."""

    store: Store
    service: str
    holder: Holder
    token: str
    length: timedelta
    clock: Clock
    _mark: int = 0
    seen: Holder | None = None
    """Who had it when it was last asked for."""
    _watched: Watched | None = field(default=None, init=False)

    @property
    def key(self) -> Key:
        return lease_key(self.service)

    @property
    def check(self) -> Write:
        """To be written together with whatever only the holder may write."""
        return Write(self.key, None, self._ours)

    @property
    def _ours(self) -> Item:
        return {"token": self.token, "fence": self.holder.fence}

    def acquire(self) -> bool:
        """True: it is ours. False: somebody has it who may be gone; ask again in a while, for the lease's length.
        Raises InUse when that somebody is alive, OperatingError when nobody can tell: ask again."""
        there = self.store.get(self.key)
        self.seen = holder_of(there) if there else None
        if there is not None and there["token"] == self.token and not there["free"]:
            self._taken(there)  # the answer to an earlier call was lost
            return True
        if there is not None and not there["free"] and not self._gone(there):
            return False
        return self._take(there)

    def _gone(self, there: Item) -> bool:
        mark = (there["fence"], there["mark"])
        if self._watched is None:
            self._watched = Watched(timedelta(seconds=int(there["length"])))
        if self._watched.moved(mark):
            raise in_use(self.service, holder_of(there), ", whose engine is alive: it renewed its lease just now")
        return self._watched.see(mark, self.clock.now())

    def _take(self, there: Item | None) -> bool:
        fence = int(there["fence"]) + 1 if there else 1
        self.holder = replace(self.holder, fence=fence)
        expected = ABSENT if there is None else {name: there[name] for name in ("fence", "mark", "token")}
        try:
            self.store.write(Write(self.key, self._item(0), expected))
        except Conflict:
            now = self.store.get(self.key)
            if now is not None and now["token"] == self.token:
                return True
            raise in_use(self.service, holder_of(now) if now else None) from None
        self._mark = 0
        return True

    def renew(self) -> None:
        """One write, and another one when the first took so long that it says little about now."""
        for _ in range(TRIES):
            sent = self.clock.now()
            self._renew()
            if self.clock.now() - sent < self.length / 4:
                return
        raise Unreachable(f"the lease of {self.service} cannot be renewed in a quarter of its length")

    def _renew(self) -> None:
        self._mark += 1  # also when the answer is lost: others must see a change
        try:
            self.store.write(Write(self.key, self._item(self._mark), self._ours))
        except Conflict as error:
            raise self.lost() from error

    def lost(self) -> LeaseLost:
        """Says who has it now, as far as the table can be asked."""
        try:
            now = self.store.get(self.key)
        except OperatingError:
            now = None
        return lost(self.service, self.holder, holder_of(now) if now else None)

    def release(self) -> None:
        """Let the next engine have it at once. When this cannot be written the next one has to wait, that is all."""
        try:
            self.store.write(Write(self.key, self._item(self._mark + 1, free=True), self._ours))
        except OperatingError:
            return

    def _taken(self, there: Item) -> None:
        self.holder = replace(self.holder, fence=int(there["fence"]))
        self._mark = int(there["mark"])

    def _item(self, mark: int, *, free: bool = False) -> Item:
        me = self.holder
        return {
            "fence": me.fence,
            "token": self.token,
            "mark": mark,
            "free": free,
            "length": int(self.length.total_seconds()),
            "who": me.who,
            "host": me.host,
            "pid": me.pid,
            "rollout": me.rollout,
            "since": me.since.isoformat(),
            "renewed": self.clock.now().isoformat(),  # for people; no machine compares it
        }


def holder_of(item: Item) -> Holder:
    """Who is named in a lease."""
    return Holder(
        who=str(item["who"]),
        host=str(item["host"]),
        pid=int(item["pid"]),
        rollout=str(item["rollout"]),
        since=datetime.fromisoformat(str(item["since"])),
        fence=int(item["fence"]),
    )
