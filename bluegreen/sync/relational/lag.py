"""How far logical replication is behind, asked of the side that publishes. Needs the role pg_monitor (PostgreSQL
documentation, pg_replication_slots and pg_stat_replication).

`replay_lag` is empty when a subscriber has had nothing to do for a while. So a subscriber that has confirmed all that
was sent lags 0 s; one that has not, and of which no time is known, is unknown.
"""

from __future__ import annotations

from bluegreen.sync.lag import ReplicationLag
from bluegreen.sync.relational.session import Row, Session

SLOTS = """
SELECT s.slot_name, s.active, r.state,
       pg_wal_lsn_diff(pg_current_wal_lsn(), s.confirmed_flush_lsn)::bigint,
       pg_wal_lsn_diff(r.sent_lsn, r.replay_lsn)::bigint,
       extract(epoch FROM r.replay_lag)::float8
FROM pg_replication_slots s LEFT JOIN pg_stat_replication r ON r.pid = s.active_pid
WHERE s.slot_type = 'logical' AND s.database = current_database() AND NOT s.temporary
ORDER BY s.slot_name
"""


def lags(session: Session, other: str) -> list[ReplicationLag]:
    """Of every subscription that this side feeds; none when nobody subscribes."""
    return [_lag(f"{session.side}>{other}", row) for row in session.ask(SLOTS)]


def _lag(direction: str, row: Row) -> ReplicationLag:
    slot, active, state, behind, unconfirmed, seconds = row
    if not active:
        return ReplicationLag(direction, slot, None, behind, "its subscriber is not connected")
    if state != "streaming":
        return ReplicationLag(direction, slot, None, behind, f"it is in state {state or 'unknown'}")
    if unconfirmed == 0:
        return ReplicationLag(direction, slot, 0.0, behind)
    if seconds is None:
        return ReplicationLag(direction, slot, None, behind, "its subscriber has not said how far it is")
    return ReplicationLag(direction, slot, seconds, behind)
