"""After a crash the hooks that have passed are run once more.

flagger-loadtester keeps gates in memory; they are closed again after a restart.
"""

from dataclasses import replace

from bluegreen.engine import Engine
from bluegreen.journal.entries import Resumed
from power.bug import Bug


def wrong(right, engine, why):
    rollout = replace(right(engine, why), runs={})
    engine.journal.append(Resumed(engine.clock.now(), why, rollout, by=engine.by))
    return rollout


BUG = Bug(Engine, "resume", wrong)
