"""An alarm that the broken live version has set off stops the fix.

serverless-application-model#716: an alarm that fires already blocks the deployment that would silence it.
"""

from bluegreen.gates.alarm import Alarm
from power.bug import Bug


def wrong(right, gate, evidence):
    return False


BUG = Bug(Alarm, "_fired_before", wrong)
