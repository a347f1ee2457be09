"""What was held is let go, but the group's MinSize stays where the hold has put it.

Half of an undo in an adapter; the bill comes a month later.
"""

from dataclasses import replace

from bluegreen.aws.environments import groups
from power.bug import Bug


def wrong(right, api, name, hold):
    right(api, name, hold and replace(hold, before=hold.floor))


BUG = Bug(groups, "_release", wrong)
