"""Actions come before the journal entry that tells of them: a crash between leaves work that nobody knows of.

argo-rollouts#2522 and #3316, "stuck until the controller is restarted".
"""

from bluegreen.decide import decide
from bluegreen.engine import Engine
from bluegreen.journal.entries import Decided
from power.bug import Bug


def wrong(right, engine, rollout):
    seen = engine.look(rollout)
    decision = decide(engine.plan, rollout, seen)
    wait = engine._act_on(decision)
    engine.journal.append(Decided(seen.at, seen, decision))
    return decision.rollout, wait


BUG = Bug(Engine, "_step", wrong)
