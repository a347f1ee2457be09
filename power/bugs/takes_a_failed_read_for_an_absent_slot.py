"""A look that was throttled shows an environment that is not there.

Flagger: a query error and a bad answer are one and the same event.
"""

from dataclasses import replace

from bluegreen.engine import Engine
from bluegreen.model import EnvironmentView, Presence
from power.bug import Bug


def wrong(right, engine, rollout):
    seen = right(engine, rollout)
    gone = EnvironmentView(Presence.ABSENT)
    return replace(seen, environments={slot: view or gone for slot, view in seen.environments.items()})


BUG = Bug(Engine, "look", wrong)
