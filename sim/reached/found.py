"""Which marks a run came by."""

from __future__ import annotations

from sim.reached.base import MARKS, left
from sim.run import Run


def marks() -> tuple[str, ...]:
    """Every mark's name, sorted."""
    return tuple(sorted(MARKS))


def reached(done: Run) -> tuple[str, ...]:
    """The names of the marks that this run came by, sorted."""
    behind = left(done)
    return tuple(name for name in marks() if MARKS[name](behind))
