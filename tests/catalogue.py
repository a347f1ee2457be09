"""The whole catalogue rehearsed once on the memory tier, for all tests that only read what came of it.

Done by one process of its own, under a hash seed of its own and in an order of its own, whichever of the workers asks
first; the others wait for it.
"""

import fcntl
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from bluegreen.decide.transitions import where
from bluegreen.journal.entries import Decided, Resumed, Started
from sim.rehearsal import rehearse
from sim.scenario import built_in
from sim.tiers import Tier

ROOT = Path(__file__).resolve().parents[1]
SEED = 1
LIMIT = 600
"""Seconds: a busy machine is no failure."""


def facts_of(name):
    """What tests want to know of a run. JSON-ready."""
    done = rehearse(built_in()[name], None, SEED, tier=Tier.MEMORY)
    entries = done.run.entries
    decided = [entry for entry in entries if isinstance(entry, Decided)]
    return {
        "bytes": f"{len(done.trace)} {hashlib.sha256(done.trace).hexdigest()}",
        "calls": done.run.world.api.calls,
        "end": done.run.rollout.end,
        "minutes": (decided[-1].at - decided[0].at).total_seconds() / 60,
        "ways": sorted(set(ways(entries))),
    }


def ways(entries):
    """From where to where the rollout went."""
    before = None
    for entry in entries:
        match entry:
            case Started() | Resumed():
                after = entry.rollout or before
            case Decided():
                after = entry.decision.rollout
            case _:
                continue
        if before is not None and where(before) != where(after):
            yield where(before), where(after)
        before = after


def catalogue(shared):
    """By scenario, what `facts_of` tells. `shared`: a folder that all workers of this session have."""
    found = shared / "catalogue.json"
    with (shared / "catalogue.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not found.is_file():
            draft = found.with_suffix(".draft")
            command = [sys.executable, "-m", "tests.catalogue", draft]
            env = os.environ | {"PYTHONHASHSEED": "4711"}
            subprocess.run(command, cwd=ROOT, env=env, check=True, timeout=LIMIT)
            draft.rename(found)
    return json.loads(found.read_text())


if __name__ == "__main__":
    backwards = sorted(built_in(), reverse=True)
    Path(sys.argv[1]).write_text(json.dumps({name: facts_of(name) for name in backwards}))
