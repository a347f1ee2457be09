"""Missing evidence counts as good evidence.

Argo Rollouts: an analysis that is ended before its first measurement is successful (analysis/analysis.go).
"""

from bluegreen.decide.watch import Watch
from power.bug import Bug


def wrong(right, watch):
    return ""


BUG = Bug(Watch, "unknown", wrong)
