"""A metric that cannot be read, or has no points, counts as a failed check.

Flagger: a failed query, "no values found" and a bad value are the same event (scheduler_metrics.go).
"""

from bluegreen.gates.series import MinuteGate
from bluegreen.model import Verdict
from power.bug import Bug


def wrong(right, gate, evidence):
    said = right(gate, evidence)
    return gate.says(Verdict.FAIL, f"no values found: {said.why}") if said.verdict is Verdict.UNKNOWN else said


BUG = Bug(MinuteGate, "verdict", wrong)
