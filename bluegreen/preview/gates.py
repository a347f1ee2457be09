"""What can be told about gates without knowing their kinds."""

from __future__ import annotations

from datetime import timedelta

from bluegreen.gates.base import Gate
from bluegreen.preview.known import Known
from bluegreen.preview.trial import CANDIDATE, LIVE, try_ill, try_well

MEASURES = ("requests", "errors", "healthy_hosts", "latency")


def can_be_tried(gate: Gate) -> bool:
    """Whether it judges by alarms and known measures alone: of anything else nobody can say what it will see."""
    queries = gate.queries(LIVE, CANDIDATE)
    known = all(query.slot is not None and query.measure.startswith(MEASURES) for query in queries)
    return known and gate.check() is None and bool(queries or gate.alarms())


def soonest(gate: Gate, known: Known, share: float) -> timedelta | None:
    """How long into a step it passes a candidate that is well; None when it never does, or nobody can say."""
    return try_well(gate, known, share).passes if can_be_tried(gate) else None


def detects(gate: Gate, known: Known, share: float) -> timedelta | None:
    """How long until it fails a candidate at its worst; None when it never does."""
    return None if gate.dry_run else try_ill(gate, known, share).fails
