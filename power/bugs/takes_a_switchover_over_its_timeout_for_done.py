"""A switchover that AWS has taken back counts as done.

Amazon RDS User Guide, switching a blue/green deployment: over its timeout all changes are taken back.
"""

from dataclasses import replace

from bluegreen.data.rds_blue_green import RdsBlueGreen
from power.bug import Bug


def wrong(right, data, task, case):
    said = right(data, task, case)
    return replace(said, state="passed") if task == "switchover" and said.state == "failed" else said


BUG = Bug(RdsBlueGreen, "judge", wrong)
