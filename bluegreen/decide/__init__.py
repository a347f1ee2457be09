"""decide(plan, rollout, observation) -> decision. Pure: no clock, no chance, no outside.

The global rules come first, then one function per phase, each in its own file.
"""

from bluegreen.decide.onward import shown
from bluegreen.decide.rules import decide
from bluegreen.decide.wants import Wants, wants

__all__ = ["Wants", "decide", "shown", "wants"]
