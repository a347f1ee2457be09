"""The rollout is the fold of its journal."""

from __future__ import annotations

from collections.abc import Iterable

from bluegreen.errors import UserError
from bluegreen.journal.entries import Decided, Entry, Resumed, Started
from bluegreen.model import Rollout


def fold(entries: Iterable[Entry]) -> Rollout:
    """Where the rollout stands after these entries. Raises UserError when they do not begin with a start."""
    rollout: Rollout | None = None
    for entry in entries:
        rollout = after(rollout, entry)
    if rollout is None:
        raise UserError("the journal is empty: there is no rollout to go on with")
    return rollout


def after(rollout: Rollout | None, entry: Entry) -> Rollout | None:
    """Where the rollout stands after one more entry."""
    match entry:
        case Decided():
            return entry.decision.rollout
        case Started():
            return entry.rollout
        case Resumed(rollout=Rollout() as anew):
            return anew
        case _:
            return rollout


def by_whom(entries: Iterable[Entry]) -> str:
    """Whose engine wrote last, or nothing when that is not known."""
    return next((entry.by for entry in reversed(tuple(entries)) if isinstance(entry, Started | Resumed)), "")
