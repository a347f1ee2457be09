"""How many whole rollouts a second the memory tier rehearses on one core, and how near that is to a bare SimPy loop.

A rollout: two simulated hours, three million clients, all of the world's models, every invariant watched. Its events
are what happens one by one: SimPy's own, the stretches of constant state for which the flow of requests is worked out,
the calls that the engine makes, and what it writes down. The bare loop is as many SimPy timeouts that do nothing.

How many functions of Python are called is the same on each machine, however busy: by it versions are compared.
"""

import statistics
import sys
from collections.abc import Iterator
from time import process_time  # bound here, and other people's work on the machine left out

import simpy

from benchmarks.figure import Figure
from bluegreen.journal.entries import Decided
from sim.clock import EPOCH, Environment
from sim.run import Run, run
from sim.scenario import built_in, load_scenario, plan_of
from sim.tiers import Tier

ROUNDS, SEEDS = 5, 20


def figures() -> Iterator[Figure]:
    path = built_in()["all-well"]
    scenario = load_scenario(path)
    plan = plan_of(scenario, path, None)
    for seed in range(3):
        run(scenario, plan, seed, tier=Tier.MEMORY)
    spent = []
    for _ in range(ROUNDS):
        began = process_time()
        runs = [run(scenario, plan, seed, tier=Tier.MEMORY) for seed in range(SEEDS)]
        spent.append((process_time() - began) / SEEDS)
    typical = statistics.median(spent)
    simulated = statistics.mean((done.world.clock.now() - EPOCH).total_seconds() for done in runs)
    kinds = events(scenario, plan)
    floor = statistics.median(bare(sum(kinds.values())) for _ in range(ROUNDS))
    yield Figure("rollout, memory tier: whole rollouts", 1 / typical, "/s on one core", "at least 200 /s")
    yield Figure("rollout, memory tier: one", 1000 * typical, "ms")
    yield Figure("rollout, memory tier: simulated hours", simulated / 3600, "h")
    yield Figure("rollout, memory tier: looks", looks(runs[0]), "")
    yield Figure("rollout, memory tier: functions of Python called", called(scenario, plan), "")
    for kind, count in kinds.items():
        yield Figure(f"rollout, memory tier: {kind}", count, "")
    yield Figure(
        "rollout, memory tier: against a bare SimPy loop of as many events", typical / floor, "times", "under 3"
    )


def events(scenario, plan) -> dict[str, int]:
    """What happened in one run, by kind."""
    steps, step = 0, Environment.step

    def counted(env):
        nonlocal steps
        steps += 1
        step(env)

    Environment.step = counted
    try:
        done: Run = run(scenario, plan, 0, tier=Tier.MEMORY)
    finally:
        Environment.step = step
    world = done.world
    return {
        "SimPy events": steps,
        "stretches": world.stretches,
        "calls": world.api.calls,
        "journal entries": len(done.entries),
    }


def looks(done: Run) -> int:
    """How often the engine looked; it may decide several times on one look."""
    return len({id(entry.seen) for entry in done.entries if isinstance(entry, Decided)})


def called(scenario, plan) -> int:
    """Functions written in Python that one run calls. Those of C are left out."""
    count = 0

    def counting(frame, event, arg):
        nonlocal count
        count += event == "call"

    sys.setprofile(counting)
    try:
        run(scenario, plan, 0, tier=Tier.MEMORY)
    finally:
        sys.setprofile(None)
    return count


def bare(events: int) -> float:
    """Seconds for as many timeouts."""
    env = simpy.Environment()

    def ticks():
        for _ in range(events):
            yield env.timeout(1)

    env.process(ticks())
    began = process_time()
    env.run()
    return process_time() - began
