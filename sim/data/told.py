"""The tracked keys of a world as a history that can be judged (`history.py`): who wrote what where, what was copied,
and whose answers count."""

from __future__ import annotations

from math import floor

from sim.data.books import Books, Where, Write
from sim.data.history import Applied, Event, History, Promoted, Wrote


def history_of(books: Books, truth: Where, *, at: int, confirmed: bool = False) -> History:
    """Up to now (`at`, in ms), when `truth` is what everybody uses. `confirmed`: somebody took upon himself what only
    the copy has."""
    events: list[tuple[float, Event]] = []
    ordered_writes = sorted(books.history, key=lambda write: write.at)
    for version, write in enumerate(ordered_writes, start=1):
        events += [(write.at, event) for event in _written(write, version)]
        if write.where == "source" and (books.position is None or write.at <= books.position):
            events.append((write.at, _applied(write, "copy")))
        if write.where == "copy" and books.back_at is not None and write.at <= books.back_at:
            events.append((books.back_at, _applied(write, "source")))
    if books.position is not None and books.promoted_at is not None:
        events.append((books.promoted_at, Promoted("copy", floor(books.promoted_at))))
        if truth == "source":
            events.append((at, Promoted("source", at)))
    ordered = [event for _, event in sorted(events, key=lambda pair: pair[0])]
    final: dict[str, dict[str, tuple[str, ...]]] = {}
    for event in ordered:
        if isinstance(event, Applied):
            final.setdefault(event.side, {})[event.key] = (event.id,)
    given = {_id(write) for write in books.history if confirmed and write.where == "copy"}
    return History("source", ordered, final, given)


def _written(write: Write, version: int) -> tuple[Wrote, Applied]:
    at = floor(write.at)
    return Wrote(str(write.key), _id(write), version, write.where, at, at), _applied(write, write.where)


def _applied(write: Write, side: Where) -> Applied:
    return Applied(str(write.key), _id(write), side, floor(write.at))


def _id(write: Write) -> str:
    return f"w{write.number}"
