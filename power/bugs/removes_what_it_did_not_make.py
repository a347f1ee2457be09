"""`retire: keep` is forgotten: the old slot goes all the same.

CodeDeploy's termination of the original instances is on by default; an attached database dies with its environment.
"""

from bluegreen.decide import retire
from power.bug import Bug


def wrong(right, plan, rollout, seen):
    return right(plan.model_copy(update={"retire": "remove"}), rollout, seen)


BUG = Bug(retire, "retire", wrong)
