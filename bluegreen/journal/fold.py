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
        match entry:
            case Started():
                rollout = entry.rollout
            case Decided():
                rollout = entry.decision.rollout
            case Resumed(rollout=Rollout() as anew):
                rollout = anew
            case _:
                pass
    if rollout is None:
        raise UserError("the journal is empty: there is no rollout to go on with")
    return rollout
