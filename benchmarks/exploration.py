"""How many rollouts a second are explored, how that grows with a second process, and how long shrinking takes.

Rates are of the time in which all workers are at work. Who hands out the work has a share of one core that does not
grow with the workers: its milliseconds a run, beside those of a run, say how many workers it can feed.

The rollout: the catalogue's shop in two steps. The failing timeline: ten faults, for an engine that takes UNKNOWN for
an answer, of which one is enough.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from benchmarks.figure import Figure
from bluegreen.decide.watch import Watch
from sim.draws import generator
from sim.explore import Budget, Case, Findings, Here, Processes, explore
from sim.explore.outcome import outcome_of
from sim.explore.shrink import shrunk
from sim.faults.chance import Seeded
from sim.faults.drawing import draw_faults
from sim.material import Material
from sim.scenario import Scenario, built_in, plan_of
from sim.workers import Workers
from sim.workers.dask import Dask

RUNS, WARM = 300, 60
"""Until so many results have come some workers may still be starting."""
SHORT = {"strategy": {"kind": "canary", "share": "50%", "hold": "5m"}, "bake": "2m", "drain": {"below": "2%"}}
MILD = ("slow_boot", "slow_dns", "api_slow", "demand_spike", "flapping_checks", "metric_delay", "hidden_user")


def figures() -> Iterator[Figure]:
    shop = short()
    alone, each = _speed(shop, Here())
    yield Figure("exploration: rollouts, this process", alone, "/s", "at least 200 /s a core")
    yield Figure("exploration: a rollout, processor time", 1000 * each, "ms")
    one, hands = _speed(shop, Processes(1))
    yield Figure("exploration: rollouts, one process", one, "/s")
    yield Figure("exploration: handing one to a process, processor time", 1000 * hands, "ms")
    two, _ = _speed(shop, Processes(2))
    yield Figure("exploration: rollouts, two processes", two, "/s")
    yield Figure(
        "exploration: two processes against one", two / one, "times", "1.8 times, with two cores to themselves"
    )
    for count in (1, 2):
        rate, hands = _speed(shop, Dask(count=count))
        yield Figure(f"exploration: rollouts, Dask with {count} worker{'s' * (count > 1)}", rate, "/s")
    yield Figure("exploration: handing one to Dask, processor time", 1000 * hands, "ms")
    faults, spent, left = shrinking(replace(shop, plant=credulous))
    yield Figure("exploration: faults of a failing timeline before", faults, "")
    yield Figure("exploration: faults of a failing timeline, shrunk", left, "")
    yield Figure("exploration: shrinking it", spent, "s", "under 30 s")


def short() -> Material:
    scenario = Scenario.model_validate({"about": "the shop in two steps", "change": SHORT})
    return Material(scenario, plan_of(scenario, built_in()["all-well"], None))


def _speed(material: Material, workers: Workers) -> tuple[float, float]:
    """Runs a second, and this process's own processor time for one, in seconds."""
    at: list[tuple[float, float]] = []

    def told(so_far: Findings) -> None:
        at.append((time.perf_counter(), time.process_time()))

    explore(material, Budget(runs=RUNS), workers=workers, on_progress=told)
    (began, spent), (ended, all_spent) = at[WARM], at[-1]
    count = len(at) - 1 - WARM
    return count / (ended - began), (all_spent - spent) / count


def shrinking(material: Material) -> tuple[int, float, int]:
    """Faults before, seconds, and faults after."""
    case = next(case for case in _timelines(material) if outcome_of(material, case).failure)
    wrong = outcome_of(material, case).failure
    began = time.perf_counter()
    least = shrunk(case, lambda one: getattr(outcome_of(material, one).failure, "what", "") == wrong.what)
    return len(case.faults), time.perf_counter() - began, len(least.faults)


def _timelines(material: Material) -> Iterator[Case]:
    """Timelines of ten faults, seed by seed."""
    for seed in range(1, 200):
        yield Case(seed, draw_faults(Seeded(generator(seed, "ten")), 10, timedelta(minutes=60), MILD))


@contextmanager
def credulous():
    """An engine for which UNKNOWN is no obstacle."""
    kept = Watch.unknown
    Watch.unknown = ""
    try:
        yield
    finally:
        Watch.unknown = kept
