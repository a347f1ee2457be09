"""What the cost of a rehearsed hour grows with: events, and not clients; no worse than linearly with simulated time,
instances and resolvers. Each curve is the time relative to its first point, on the world alone."""

import time
from collections.abc import Iterator
from datetime import timedelta

from benchmarks.figure import Figure
from bluegreen.model import Slot
from sim.scenario import built_in, load_scenario, plan_of
from sim.world import World
from sim.worldspec import WorldSpec

ROUNDS = 5
FIXED = {"autoscaling": False}


def figures() -> Iterator[Figure]:
    # Fleets of one size: else blue shrinks in the first hour, and its overload makes more events of the later ones.
    yield from _curve("simulated hours", (1, 4, 16), lambda n: ({"live": FIXED, "candidate": FIXED}, n))
    yield from _curve("instances", (10, 100, 1000), lambda n: ({"live": _fleet(n), "candidate": _fleet(n)}, 1))
    yield from _curve("large resolvers", (20, 200, 2000), lambda n: ({"clients": {"resolvers": n}}, 1))
    yield from _curve("clients", (3 * 10**3, 3 * 10**6, 3 * 10**9), lambda n: ({"clients": {"count": n}}, 1))


def _fleet(instances: int) -> dict:
    return {"instances": instances, "maximum": 4 * instances, "capacity": 2000 / instances}


def _curve(name, sizes, made) -> Iterator[Figure]:
    """Time at each size, as a multiple of the first, beside the size as a multiple of the first."""
    times = [min(_hours(*made(size)) for _ in range(ROUNDS)) for size in sizes]
    for size, spent in zip(sizes, times, strict=True):
        goal = "the same" if name == "clients" else f"at most {size / sizes[0]:g}"
        yield Figure(f"world, {size:g} {name}: time", spent / times[0], f"times ({1000 * spent:.1f} ms)", goal)


def _hours(spec: dict, hours: int) -> float:
    """Seconds for a world in which users move to a second slot and back, ten times an hour."""
    path = built_in()["all-well"]
    plan = plan_of(load_scenario(path), path, None)
    world = World(WorldSpec.model_validate(spec), plan, 1)
    instances = world.spec.live.instances
    began = time.perf_counter()
    world.start()
    green = world.places[Slot.GREEN]
    green.balancer.create()
    green.fleet.create(instances, instances, 2 * instances)
    for turn in range(10 * hours):
        share = 10 * (turn % 10)
        world.dns.change({Slot.BLUE: 100 - share, Slot.GREEN: share})
        world.clock.sleep(timedelta(minutes=6))
    return time.perf_counter() - began
