"""What must hold in every run, whatever the world does. They judge what the engine *does*.

An invariant is a small named function: it gets what just happened and answers why it is broken, or nothing.
"""

from sim.invariants import decisions, effects, ends
from sim.invariants.base import Broken, Record
from sim.invariants.watchman import Watchman, names

__all__ = ["Broken", "Record", "Watchman", "decisions", "effects", "ends", "names"]
