"""On the way back the candidate gets weight 0 before the live slot is raised from 0: for a moment all weights are 0.

Route 53 then answers with every record alike, so that half of the users are sent to the broken slot.
"""

from bluegreen.engine import Engine
from bluegreen.model import SetWeights
from power.bug import Bug


def wrong(right, engine, action):
    if isinstance(action, SetWeights) and not action.weights.get(engine.plan.live.slot.other):
        now = engine.ports.traffic.read().weights
        engine.ports.traffic.set({**now, engine.plan.live.slot.other: 0})
    right(engine, action)


BUG = Bug(Engine, "act", wrong)
