"""An engine that takes UNKNOWN for an answer, and one that raises an error."""

from collections.abc import Iterator
from contextlib import contextmanager

from bluegreen.decide import rules
from bluegreen.decide.watch import Watch
from bluegreen.model import Phase


@contextmanager
def credulous() -> Iterator[None]:
    """What the gates cannot tell is no obstacle."""
    kept = Watch.unknown
    Watch.unknown = ""
    try:
        yield
    finally:
        Watch.unknown = kept


@contextmanager
def dividing() -> Iterator[None]:
    """Raises an error whenever it bakes."""

    def bake(plan, rollout, seen):
        raise ZeroDivisionError("nobody there")

    kept = rules.PHASES[Phase.BAKE]
    rules.PHASES[Phase.BAKE] = bake
    try:
        yield
    finally:
        rules.PHASES[Phase.BAKE] = kept
