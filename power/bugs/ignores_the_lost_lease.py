"""An engine that was taken over goes on: it checks nothing when it writes.

aws-samples/ecs-canary-blue-green-deployment: a known race on its trigger's key, without a conditional write.
"""

from bluegreen.lease.shared import SharedLease
from power.bug import Bug


def wrong(right, lease):
    return {}


BUG = Bug(SharedLease, "_ours", wrong)
