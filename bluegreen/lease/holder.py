"""Who has a lease: what a refused engine is told."""

from __future__ import annotations

import getpass
import os
import socket
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter

from bluegreen.errors import InUse, LeaseLost


@dataclass(frozen=True, slots=True)
class Holder:
    """An engine that has, or had, the lease of a service. `fence` grows with every change of hands. `journal`: where it
    keeps its journal, when that is a file."""

    who: str
    host: str
    pid: int
    rollout: str
    since: datetime
    fence: int = 0
    journal: str = ""

    def __str__(self) -> str:
        since = f"{self.since:%Y-%m-%d %H:%M:%S} UTC"
        return f"{self.who} on {self.host} (pid {self.pid}), working on {self.rollout} since {since}"

    @property
    def name(self) -> str:
        """Short: whose engine."""
        return f"{self.who} on {self.host} (pid {self.pid})"


HOLDER: TypeAdapter[Holder] = TypeAdapter(Holder)


def this_process(rollout: str, since: datetime, who: str = "", journal: str = "") -> Holder:
    """We ourselves. `who` is the name of the operating system's user, unless given."""
    return Holder(who or os_user(), socket.gethostname(), os.getpid(), rollout, since, journal=journal)


def os_user() -> str:
    """The user's name, or its number where it has no name (a container)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"


def in_use(service: str, holder: Holder | None, how: str = "") -> InUse:
    """Why an engine may not begin, and what can be done."""
    by = str(holder) if holder else "another engine that has only just begun"
    named = f" {holder.journal}" if holder and holder.journal else ""
    return InUse(
        f"{service} is being rolled out by {by}{how}. Nothing was done. See it with `bluegreen status{named}`; wait"
        f" until it has ended, or ask it to stop with `bluegreen abort{named}`"
    )


def lost(service: str, ours: Holder, now: Holder | None) -> LeaseLost:
    """What the engine that lost the lease says before it stops."""
    by = f"{now} has it now (fence {now.fence}, ours was {ours.fence})" if now else "the lease is gone"
    return LeaseLost(
        f"this engine no longer has the lease of {service}: {by}. It stopped before its next action and wrote nothing"
        " more"
    )
