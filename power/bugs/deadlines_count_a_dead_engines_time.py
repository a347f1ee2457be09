"""After a crash, the time in which nobody looked counts to the phase's deadline.

Argo Rollouts: progressDeadlineSeconds goes on while the controller is away.
"""

from dataclasses import replace

from bluegreen.engine import Engine
from bluegreen.journal.entries import Resumed
from bluegreen.journal.fold import fold
from power.bug import Bug


def wrong(right, engine, why):
    rollout = fold(engine.journal.entries())
    engine.journal.append(Resumed(engine.clock.now(), why, replace(rollout, healthy_since=None), by=engine.by))
    return replace(rollout, healthy_since=None)


BUG = Bug(Engine, "resume", wrong)
