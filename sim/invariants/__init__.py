"""What must hold in every run, whatever the world does. They judge what the engine *does*.

An invariant is a small named function: it gets what just happened and answers why it is broken, or nothing.
"""

from sim.invariants import data, decisions, effects, ends, stores, watches
from sim.invariants.base import SETTLE, Broken, Record
from sim.invariants.watchman import Watchman, names

__all__ = [
    "SETTLE",
    "Broken",
    "Record",
    "Watchman",
    "data",
    "decisions",
    "effects",
    "ends",
    "names",
    "stores",
    "watches",
]
