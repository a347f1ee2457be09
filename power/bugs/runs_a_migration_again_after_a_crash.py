"""The engine that takes over does not know which migrations have passed, and runs them once more.

Jobs as Helm hooks: `helm upgrade` after a failed one runs pre-upgrade hooks again; backfills add up twice.
"""

from dataclasses import replace

from bluegreen.engine import Engine
from bluegreen.journal.entries import Resumed
from power.bug import Bug


def wrong(right, engine, why):
    rollout = right(engine, why)
    others = {name: run for name, run in rollout.runs.items() if not name.startswith("data/")}
    rollout = replace(rollout, runs=others)
    engine.journal.append(Resumed(engine.clock.now(), why, rollout, by=engine.by))
    return rollout


BUG = Bug(Engine, "resume", wrong)
