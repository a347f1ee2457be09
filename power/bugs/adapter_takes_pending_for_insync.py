"""The adapter never asks Route 53 what became of its change.

The same as `takes-pending-for-insync`, in the only place where moto's tier can see it: the adapter.
"""

from bluegreen.aws.traffic.route53 import Route53
from power.bug import Bug


def wrong(right, route53, weights):
    return True


BUG = Bug(Route53, "_in_sync", wrong)
