"""Dangerous situations that a rehearsal should reach now and then: "sometimes" marks, one small pure function each.

An exploration that never came by `rollback during propagation` has said nothing about it. Each mark looks at what a run
left behind; `reached` says which of them it came by.
"""

from sim.reached import calls, evidence, going_back, machines, moving, people, process
from sim.reached.base import MARKS, Left, mark
from sim.reached.found import marks, reached

__all__ = ["MARKS", "Left", "mark", "marks", "reached"]
