"""A sync file of two PostgreSQL databases, watched once."""

from __future__ import annotations

from collections.abc import Sequence

from bluegreen.errors import UserError
from bluegreen.ports import Clock
from bluegreen.sync.compare import Comparison, compare
from bluegreen.sync.lag import ReplicationLag
from bluegreen.sync.relational.lag import lags
from bluegreen.sync.relational.samples import PostgresSamples, samples_of
from bluegreen.sync.relational.session import Session, session
from bluegreen.sync.spec import PostgresSync


def watched(spec: PostgresSync, sample: int, clock: Clock) -> tuple[Sequence[Comparison], Sequence[ReplicationLag]]:
    """Each table compared, and how far replication is behind. Raises UserError, OperatingError."""
    with session(spec.first) as first, session(spec.second) as second:
        seed = int(clock.now().timestamp()) % 2**31
        found = [
            compare(
                table,
                *_both(spec, table, first, second),
                sample=sample,
                seed=seed,
                patience=spec.compare.patience,
                pause=clock.sleep,
            )
            for table in spec.tables
        ]
        return found, [*lags(first, second.side), *lags(second, first.side)]


def _both(spec: PostgresSync, table: str, first: Session, second: Session) -> tuple[PostgresSamples, PostgresSamples]:
    ignore = spec.ignore.get(table, ())
    one, other = samples_of(first, table, ignore), samples_of(second, table, ignore)
    if one.keys != other.keys:
        keys = f"({', '.join(one.keys)}) and ({', '.join(other.keys)})"
        raise UserError(f"{table}: the primary keys differ: {keys}")
    return one, other
