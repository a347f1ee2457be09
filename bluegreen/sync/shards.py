"""Which shards are read next, and whether the stream still has all that was not read. Pure.

A shard is read when its parent has been read to its end (Amazon DynamoDB Developer Guide, DynamoDB Streams, reading and
processing a stream). A stream keeps records for 24 hours, and drops shards whose records are all gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bluegreen.sync.ports import Listing, Trimmed

RETENTION = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a shard has been read: up to the record `sequence` (empty: none yet), and with it everything that
    happened in it before `fresh`."""

    sequence: str
    fresh: datetime
    done: bool = False


Positions = Mapping[str, Position]


def joined(positions: Positions, listing: Listing, looked: datetime) -> dict[str, Position]:
    """The positions after a look at what shards there are. One that was not there when we `looked` before has nothing
    older than that. One that is gone while it was not read to its end has nothing that we lack, or `check` fails."""
    there = {shard.id for shard in listing.shards}
    kept = {name: at if name in there else replace(at, done=True) for name, at in positions.items()}
    return {**{shard.id: Position("", looked) for shard in listing.shards if shard.id not in positions}, **kept}


def pruned(positions: Positions, listing: Listing) -> dict[str, Position]:
    """Without shards that are read to their end and listed no more."""
    there = {shard.id for shard in listing.shards}
    return {name: at for name, at in positions.items() if not at.done or name in there}


def ready(positions: Positions, listing: Listing) -> tuple[str, ...]:
    """The shards to read now: not at their end, and no parent that is not."""
    waiting = {name for name, at in positions.items() if not at.done}
    return tuple(shard.id for shard in listing.shards if shard.id in waiting and shard.parent not in waiting)


def check(positions: Positions, looked: datetime, now: datetime, table: str) -> None:
    """Raises Trimmed when a change may be gone that was not read."""
    oldest = min([looked, *(at.fresh for at in positions.values() if not at.done)])
    if now - oldest >= RETENTION:
        raise Trimmed(
            f"{table}: changes since {oldest:%Y-%m-%d %H:%M:%S} UTC were not read, and a stream keeps them for 24 hours"
            " only, so some may be gone. Begin anew with --anew: the baseline is copied again, from a point before it"
        )


def lag(positions: Positions, now: datetime) -> timedelta:
    """How old the oldest change may be that was not carried over."""
    oldest = min((at.fresh for at in positions.values() if not at.done), default=now)
    return max(timedelta(0), now - oldest)
