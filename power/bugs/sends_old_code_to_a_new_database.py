"""After a switchover users go back as if the database had gone back, too.

Amazon RDS User Guide: after a switchover the old database is read-only, and the names stay with the new one.
"""

from bluegreen.data.base import Back
from bluegreen.data.rds_blue_green import RdsBlueGreen
from power.bug import Bug


def wrong(right, data, rollout, seen):
    return Back()


BUG = Bug(RdsBlueGreen, "way_back", wrong)
