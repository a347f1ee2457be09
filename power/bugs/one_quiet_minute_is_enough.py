"""A drain ends with the first quiet minute.

Argo's scaleDownDelaySeconds is 30 by default, and nobody looks at the requests.
"""

from bluegreen.decide import drain
from power.bug import Bug


def wrong(right, newest, quiet):
    return right(newest, quiet)[-1:]


BUG = Bug(drain, "_window", wrong)
