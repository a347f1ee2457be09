"""One rollout as it is kept, in a file or in a team's table, for whoever is not its engine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from bluegreen.control.inbox import Inbox
from bluegreen.control.local import inbox_beside
from bluegreen.control.shared import SharedInbox
from bluegreen.errors import UserError
from bluegreen.journal.entries import Decided, Entry
from bluegreen.journal.fold import by_whom, fold
from bluegreen.journal.local import read_entries
from bluegreen.journal.shared import shared_entries, started
from bluegreen.lease.local import holders_in, is_locked
from bluegreen.lease.shared import holder_of, lease_key
from bluegreen.lease.store import Store

JOURNALS = Path(".bluegreen")
SUFFIX = ".journal.jsonl"


@dataclass(frozen=True, slots=True)
class AtWork:
    """Whether an engine works on a rollout. `alive`: None when only time can tell; then `renewed` is when it last said
    that it is, by its own clock, or nothing when there is no engine to ask about."""

    alive: bool | None
    by: str = ""
    renewed: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One rollout in a list."""

    rollout: str
    by: str
    started: datetime
    end: str = ""
    ended: datetime | None = None


class Kept(Protocol):
    """One rollout. Methods raise UserError when it is damaged, OperatingError when it cannot be read now."""

    @property
    def where(self) -> str:
        """For people."""
        ...

    def entries(self) -> tuple[Entry, ...]: ...

    def inbox(self) -> Inbox: ...

    def at_work(self) -> AtWork: ...


@dataclass(frozen=True, slots=True)
class KeptHere:
    """A journal on this machine."""

    path: Path

    @property
    def where(self) -> str:
        return str(self.path)

    def entries(self) -> tuple[Entry, ...]:
        return read_entries(self.path)

    def inbox(self) -> Inbox:
        return inbox_beside(self.path)

    def at_work(self) -> AtWork:
        return AtWork(is_locked(self.path), by_whom(self.entries()))


@dataclass(frozen=True, slots=True)
class KeptShared:
    """A journal in a team's table."""

    store: Store
    service: str
    rollout: str

    @property
    def where(self) -> str:
        return f"{self.rollout} in the team's table"

    def entries(self) -> tuple[Entry, ...]:
        return shared_entries(self.store, self.rollout)

    def inbox(self) -> Inbox:
        return SharedInbox(self.store, self.rollout)

    def at_work(self) -> AtWork:
        lease = self.store.get(lease_key(self.service))
        if lease is None or lease["free"] or lease["rollout"] != self.rollout:
            return AtWork(alive=False, by=by_whom(self.entries()))
        return AtWork(None, str(holder_of(lease)), datetime.fromisoformat(str(lease["renewed"])))


def line_of(entries: tuple[Entry, ...]) -> Line:
    """A journal's line in a list. Raises UserError when it is empty."""
    begin, rollout = started(entries), fold(entries)
    last = entries[-1] if isinstance(entries[-1], Decided) or not rollout.finished else begin
    ended = last.at if rollout.finished else None
    return Line(rollout.id, begin.by, begin.at, str(rollout.end or ""), ended)


def listed(folder: Path, service: str = "") -> list[Line]:
    """The rollouts in a folder, oldest first. One that cannot be read is in the list, and says so; one that died before
    its first entry was no rollout."""
    return lines_of(here(folder, service))


def lines_of(found: Iterable[KeptHere]) -> list[Line]:
    """Their lines in a list, as `listed`."""
    return [line for kept in found if (line := line_in(kept)) is not None]


def line_in(kept: KeptHere) -> Line | None:
    """None for one that died before its first entry."""
    try:
        entries = kept.entries()
    except UserError:
        return Line(kept.path.name.removesuffix(SUFFIX), "", _began(kept.path), "cannot be read")
    return line_of(entries) if entries else None


def here(folder: Path, service: str = "") -> list[KeptHere]:
    """The journals in a folder, oldest first, as far as they are journals."""
    found = [path for path in folder.glob(f"{service}-*{SUFFIX}" if service else f"*{SUFFIX}") if _of(path, service)]
    return in_order(map(KeptHere, found))


def signed(locks: Iterable[Path]) -> list[KeptHere]:
    """The journals that locks tell of and that are still there, oldest first."""
    paths = {Path(holder.journal) for lock in locks for holder in holders_in(lock) if holder.journal}
    return in_order(KeptHere(path) for path in paths if path.is_file())


def in_order(found: Iterable[KeptHere]) -> list[KeptHere]:
    """Oldest first."""
    return sorted(found, key=lambda kept: (_began(kept.path), kept.path.name))


def shared(store: Store, service: str) -> list[Line]:
    """A service's rollouts in a team's table, oldest first."""
    lines = []
    for key, item in store.range(f"service#{service}", "rollout#"):
        began, ended = str(item["started"]), str(item["ended"])
        rollout = key.sort.partition("#")[2]
        when = datetime.fromisoformat(ended) if ended else None
        lines.append(Line(rollout, str(item["by"]), datetime.fromisoformat(began), str(item["end"]), when))
    return sorted(lines, key=lambda line: (line.started, line.rollout))


def _of(path: Path, service: str) -> bool:
    """`shop-` is also how journals of `shop-admin` begin: the rest must be a time."""
    return not service or len(path.name) == len(f"{service}-20300101-000000{SUFFIX}")


def _began(path: Path) -> datetime:
    try:
        return started(read_entries(path)).at
    except UserError:
        return datetime.fromtimestamp(path.stat().st_mtime).astimezone()
