"""A failing gate is shown and has no consequence.

AWS CodeDeploy: an alarm stops the deployment in place, half shifted, unless rollback was configured as well.
"""

from bluegreen.decide.watch import Watch
from power.bug import Bug


def wrong(right, watch):
    return ""


BUG = Bug(Watch, "failed", wrong)
