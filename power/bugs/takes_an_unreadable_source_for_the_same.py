"""When nobody can tell which database a slot uses, it counts as the same.

A staging database behind a production slot: the variable was in a secret that the check could not read.
"""

from dataclasses import replace

from bluegreen.data.same import Same
from power.bug import Bug


def wrong(right, data, task, case):
    said = right(data, task, case)
    return replace(said, state="passed") if said.state == "unknown" else said


BUG = Bug(Same, "judge", wrong)
