"""Steps are taken whatever the lag, the differences and the conflicts of the two stores are.

DynamoDB global tables and dual writes by habit: nobody compares.
"""

from bluegreen.data.base import Said
from bluegreen.data.sync import Sync
from power.bug import Bug


def wrong(right, data, task, case):
    return Said("passed", "both stores are kept together")


BUG = Bug(Sync, "judge", wrong)
