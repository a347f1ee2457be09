"""Once set, weights are taken for granted: a change by hand goes unseen.

terraform#45678 and others: the controller and people write the same weights.
"""

from dataclasses import replace

from bluegreen.decide import capacity, hold
from bluegreen.model import TrafficView
from power.bug import Bug


def wrong(right, plan, rollout, seen, *rest):
    share = plan.steps[rollout.step].share
    wish = capacity.weights_for(rollout.live, share, plan.traffic.finest)
    return right(plan, rollout, replace(seen, traffic=TrafficView(wish, in_sync=True)), *rest)


BUG = Bug(hold, "_not_yet", wrong)
