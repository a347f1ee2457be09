"""An alarm in INSUFFICIENT_DATA, or one that is not there, passes.

CloudWatch's `treatMissingData: notBreaching` by habit; serverless-application-model#518, a typo in a dimension.
"""

from bluegreen.gates.alarm import Alarm
from bluegreen.model import Verdict
from power.bug import Bug


def wrong(right, gate, evidence):
    said = right(gate, evidence)
    return gate.says(Verdict.PASS, "it is not in ALARM") if said.verdict is Verdict.UNKNOWN and said.decides else said


BUG = Bug(Alarm, "verdict", wrong)
