"""Everything an engine must have alone before it begins: the service's lease and the rollout's journal."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from bluegreen.clock import SystemClock, ticks
from bluegreen.control.inbox import Inbox
from bluegreen.control.kept import JOURNALS, SUFFIX, Line
from bluegreen.control.local import inbox_beside
from bluegreen.control.shared import SharedInbox
from bluegreen.errors import InUse, OperatingError
from bluegreen.journal.local import FileJournal
from bluegreen.journal.shared import SharedJournal
from bluegreen.lease.holder import Holder, this_process
from bluegreen.lease.local import FileLease
from bluegreen.lease.shared import SharedLease
from bluegreen.ports import Journal
from bluegreen.units import show_duration

if TYPE_CHECKING:
    from bluegreen.lease.store import Store
    from bluegreen.plan import Plan

LOOKS = 20
"""How often the lease is looked at in its own length, while its holder may be gone."""


class Lease(Protocol):
    """A lease that is ours."""

    @property
    def holder(self) -> Holder: ...

    def renew(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """What an engine works with. `option` names this journal to `bluegreen resume`; `folder` is where the journal is,
    or what is kept on this machine when it is in a team's table."""

    lease: Lease
    journal: Journal
    inbox: Inbox
    where: str
    report: Path
    option: str
    folder: Path = JOURNALS

    def resume(self, file: Path) -> str:
        """The command that goes on with it."""
        return f"bluegreen resume {file}{self.option}"


@contextmanager
def opened_here(lock: Path, rollout_id: str, path: Path) -> Iterator[Opened]:
    """On this machine, where the service's `lock` is. Raises InUse when another engine has it or this journal."""
    me = this_process(rollout_id, SystemClock().now(), journal=str(path.resolve()))
    with FileLease(lock, me) as lease, FileJournal(path) as journal:
        report = path.parent / (path.name.removesuffix(SUFFIX) + ".html")
        yield Opened(lease, journal, inbox_beside(path), str(path), report, f" --journal {path}", path.parent)


@contextmanager
def opened_shared(plan: Plan, rollout_id: str, store: Store, who: str) -> Iterator[Opened]:
    """In the team's table. Raises InUse when another engine has the service."""
    assert plan.team is not None, "asked only for plans with a team"
    clock = SystemClock()
    me = this_process(rollout_id, clock.now(), who)
    lease = SharedLease(store, plan.service.name, me, uuid.uuid4().hex, plan.team.lease, clock)
    _obtain(lease)
    try:
        journal = SharedJournal(store, lease, rollout_id)
        where = f"{rollout_id} in the table {plan.team.table}"
        option = f" --rollout {rollout_id}"
        yield Opened(lease, journal, SharedInbox(store, rollout_id), where, JOURNALS / f"{rollout_id}.html", option)
    finally:
        lease.release()


def _obtain(lease: SharedLease) -> None:
    """Watch as long as it takes to know whether whoever has it is alive. Raises InUse when so."""
    told = ""
    for _ in ticks(max(lease.length / LOOKS, timedelta(seconds=1))):
        try:
            if lease.acquire():
                return
            news = f"{lease.seen} has the lease; watching for up to {show_duration(lease.length)} whether it is alive"
        except OperatingError as error:
            news = f"the lease cannot be asked for: {error}"
        if news != told:
            click.echo(news)
        told = news


def none_unfinished(lines: list[Line], file: Path) -> None:
    """A service's next rollout begins when the one before has ended. Raises InUse."""
    if lines and not lines[-1].end:
        raise InUse(
            f"{lines[-1].rollout} has not ended. Go on with it by `bluegreen resume {file}`, or give it up by"
            f" `bluegreen abort {file} --why ...` and then `bluegreen resume {file}`"
        )
