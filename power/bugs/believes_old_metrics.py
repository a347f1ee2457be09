"""The newest minute counts, however old it is: metrics that stop look good for ever.

flagger#1011, metrics of the canary that end in the middle of a step.
"""

from bluegreen.gates.series import SeriesGate
from power.bug import Bug


def wrong(right, gate, evidence, newest):
    return ""


BUG = Bug(SeriesGate, "stale", wrong)
