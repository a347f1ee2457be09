"""At the end the winner is still kept from shrinking.

AWS's blue/green guide has people suspend processes by hand; who resumes them is left to memory.
"""

from dataclasses import replace

from bluegreen.decide import retire
from power.bug import Bug


def wrong(right, plan, rollout, seen):
    views = {
        slot: view and replace(view, scale_in_held=False, hold_left=False) for slot, view in seen.environments.items()
    }
    return right(plan, rollout, replace(seen, environments=views))


BUG = Bug(retire, "retire", wrong)
