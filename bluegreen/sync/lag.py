"""How far replication is behind that somebody else runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReplicationLag:
    """One subscription. `seconds` None: it does not replicate, or nobody can tell. `bytes` of the log that the other
    side has not confirmed."""

    direction: str
    subscription: str
    seconds: float | None
    bytes: int | None
    why: str = ""
