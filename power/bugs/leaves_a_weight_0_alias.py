"""The slot that lost is removed, its record is left with weight 0.

Route 53 sends users there when no other record is healthy, to a balancer that is gone.
"""

from dataclasses import replace

from bluegreen.decide import retire
from bluegreen.model import RemoveRecord
from power.bug import Bug


def wrong(right, plan, rollout, seen):
    leaving = rollout.leaving or rollout.candidate
    weights = seen.traffic and {slot: weight for slot, weight in seen.traffic.weights.items() if slot is not leaving}
    decision = right(plan, rollout, replace(seen, traffic=seen.traffic and replace(seen.traffic, weights=weights)))
    assert not any(isinstance(action, RemoveRecord) for action in decision.actions)
    return decision


BUG = Bug(retire, "retire", wrong)
