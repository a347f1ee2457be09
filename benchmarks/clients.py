"""The cost of a rollout does not depend on how many clients there are: 3 thousand, 3 million, 3 billion.

Interleaved rounds, so that a noisy machine disturbs all three alike. The demand is the same: the same users' requests,
counted over more or fewer of them. Chance makes the three rollouts differ in length (three thousand clients drain in
steps of one), so what is compared is the time for a simulated hour.
"""

import statistics
import time
from collections.abc import Iterator
from datetime import timedelta

from benchmarks.figure import Figure
from sim.clock import EPOCH
from sim.run import run
from sim.scenario import built_in, load_scenario, plan_of

COUNTS = (3_000, 3_000_000, 3_000_000_000)
ROUNDS = 9


def figures() -> Iterator[Figure]:
    path = built_in()["all-well"]
    scenario = load_scenario(path)
    plan = plan_of(scenario, path, None)
    scenarios = {count: _with_clients(scenario, count) for count in COUNTS}
    times: dict[int, list[float]] = {count: [] for count in COUNTS}
    for round_ in range(ROUNDS + 1):
        for count, world in scenarios.items():
            began = time.perf_counter()
            done = run(world, plan, seed=1)
            taken = time.perf_counter() - began
            if round_:  # the first one warms up
                times[count].append(taken / ((done.world.clock.now() - EPOCH) / timedelta(hours=1)))
    typical = {count: statistics.median(taken) for count, taken in times.items()}
    for count, seconds in typical.items():
        yield Figure(f"rollout with {count:,} clients", seconds, "s for a simulated hour")
    spread = max(typical.values()) / min(typical.values()) - 1
    yield Figure("rollouts with 3 thousand, 3 million, 3 billion clients: spread", 100 * spread, "%", "within 10 %")


def _with_clients(scenario, count):
    clients = scenario.world.clients.model_copy(update={"count": count})
    return scenario.model_copy(update={"world": scenario.world.model_copy(update={"clients": clients})})
