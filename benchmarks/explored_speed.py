"""What a rollout costs that is small enough to be explored, and where its time goes. `explored/small.rollout.yaml` has
every phase, two steps and two gates: about 50 looks and 40 simulated minutes, on the memory tier.

Each run has another seed, as an explorer's have. The ratio to a bare SimPy loop of as many events as things happen (see
`memory_speed`) is measured in the same process, so the machine's own speed drops out.
"""

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time  # bound here, and other people's work on the machine left out

from benchmarks.figure import Figure
from benchmarks.memory_speed import bare, called, events, looks
from bluegreen import engine
from bluegreen.engine import Engine
from bluegreen.journal.heard import Heard
from sim.clock import EPOCH, SimClock
from sim.run import run
from sim.scenario import load_scenario, plan_of
from sim.tiers import Tier
from sim.world import World

PATH = Path(__file__).parent / "explored" / "small.scenario.yaml"
ROUNDS, SEEDS = 5, 40
PARTS = {
    "set-up of the world": (World, "__init__"),
    "looks": (Engine, "look"),
    "decisions": (engine, "decide"),
    "journal and invariants": (Heard, "append"),
    "actions": (Engine, "_act_on"),
    "the world going on": (SimClock, "sleep"),
}


def figures() -> Iterator[Figure]:
    scenario = load_scenario(PATH)
    plan = plan_of(scenario, PATH, None)

    def rehearse(seed):
        return run(scenario, plan, seed, tier=Tier.MEMORY)

    done = rehearse(0)
    assert done.rollout.end == scenario.expect.end, f"the small rollout ends {done.rollout.end}"
    spent = statistics.median(_each(rehearse) for _ in range(ROUNDS))
    kinds = events(scenario, plan)
    floor = statistics.median(bare(sum(kinds.values())) for _ in range(ROUNDS))
    minutes = (done.world.clock.now() - EPOCH).total_seconds() / 60
    yield Figure("explored rollout, memory tier: whole rollouts", 1 / spent, "/s on one core", "at least 200 /s")
    yield Figure("explored rollout, memory tier: one", 1000 * spent, "ms")
    yield Figure("explored rollout, memory tier: simulated minutes", minutes, "min")
    yield Figure("explored rollout, memory tier: looks", looks(done), "")
    yield Figure("explored rollout, memory tier: functions of Python called", called(scenario, plan), "")
    for kind, count in kinds.items():
        yield Figure(f"explored rollout, memory tier: {kind}", count, "")
    yield Figure(
        "explored rollout, memory tier: against a bare SimPy loop of as many events", spent / floor, "times", "under 3"
    )
    for part, seconds in _parts(rehearse).items():
        yield Figure(f"explored rollout, memory tier: {part}", 1000 * seconds, "ms")


def _each(rehearse) -> float:
    """Seconds of this process for one."""
    began = process_time()
    for seed in range(SEEDS):
        rehearse(seed)
    return (process_time() - began) / SEEDS


def _parts(rehearse) -> dict[str, float]:
    """Seconds of one run, by part; the clock costs some of it. `all else`: mostly Python's collector, after runs."""
    spent = dict.fromkeys(PARTS, 0.0)
    with _timed(spent):
        whole = _each(rehearse)
    found = {part: seconds / SEEDS for part, seconds in spent.items()}
    return {**found, "all else": whole - sum(found.values())}


@contextmanager
def _timed(spent):
    before = {part: getattr(owner, name) for part, (owner, name) in PARTS.items()}
    try:
        for part, (owner, name) in PARTS.items():
            setattr(owner, name, _counted(before[part], part, spent))
        yield
    finally:
        for part, (owner, name) in PARTS.items():
            setattr(owner, name, before[part])


def _counted(function, part, spent):
    def timed(*args, **kwargs):
        began = process_time()
        try:
            return function(*args, **kwargs)
        finally:
            spent[part] += process_time() - began

    return timed
