"""How balancers count health: `sim.fleets.checks`, through a whole fleet, against the documented counts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import simpy

from bluegreen.model import Slot
from sim.draws import generator
from sim.fleet import Fleet
from sim.fleets.spec import FleetSpec
from sim.instance import Health, State
from validation.page import Section, Table
from validation.plots import FAULT, INK, Axis, Plot, Series, percent

MACHINES = 400
INTERVAL, FAILS, PASSES = 30, 2, 5
"""An application balancer's defaults (ALB guide, target group health checks)."""


def section() -> Section:
    fleet, env = _fleet()
    fell = _count(env, fleet, 75, lambda: fleet.failing(1.0))
    env.run(until=env.now + 300_000)
    rose = _count(env, fleet, 165, lambda: fleet.failing(0.0))
    first = _first_pass()
    rows = [
        _row("fails all its checks, until unhealthy", _moments(fell, falling=True), FAILS - 1),
        _row("passes them again, until healthy", _moments(rose, falling=False), PASSES - 1),
        _row("new, answers, until healthy", first, 0),
    ]
    worst = max(float(row[-1]) for row in rows)
    columns = (
        "a target that",
        "earliest (s)",
        "latest",
        "mean",
        "documented",
        "mean of even moments",
        "error of the mean",
    )
    return Section(
        "How balancers count health",
        "Each target is checked at its own moments, every 30 s; 2 failed checks in a row make it unhealthy, 5 passed "
        "ones healthy again, and a new target needs one (Application Load Balancer guide, target group health checks; "
        f"golden case C-6). {MACHINES} machines of one fleet fail and recover together, or are new.",
        (Table(columns, rows),),
        f"{worst:.1f} s of a mean; all moments lie within the documented bounds.",
        "Exact for checks that fail or pass at once. A check that times out fails 5 s later. Each node of a real "
        "balancer checks on its own and may differ from the others for an interval; here the balancer has one mind.",
        (_plot(fell, rose),),
    )  # fmt: skip


def _fleet(**spec: object) -> tuple[Fleet, simpy.Environment]:
    env = simpy.Environment()
    settings = {"instances": MACHINES, "minimum": 0, "maximum": 2 * MACHINES, "health_check": "EC2",
                "autoscaling": False, **spec}  # fmt: skip
    fleet = Fleet(Slot.BLUE, FleetSpec.model_validate(settings), env=env, rng=generator(1, "targets"), zones_down=set())
    fleet.serve_already()
    env.run(until=60_000)
    return fleet, env


def _count(env: simpy.Environment, fleet: Fleet, seconds: int, change: Callable[[], None]) -> list[int]:
    """Healthy targets, second by second after the change."""
    change()
    begin = int(env.now)
    counts = [fleet.healthy]
    for second in range(1, seconds + 1):
        env.run(until=begin + 1000 * second)
        counts.append(fleet.healthy)
    return counts


def _moments(counts: list[int], *, falling: bool) -> list[float]:
    """When each of the targets changed, to the second."""
    found: list[float] = []
    for second, (before, after) in enumerate(pairwise(counts), start=1):
        found += [second - 0.5] * (before - after if falling else after - before)
    return found


def _first_pass() -> list[float]:
    """From the moment that a new machine answers until the balancer calls it healthy."""
    fleet, env = _fleet(instances=1)
    fleet.want(MACHINES)
    waited: dict[str, float] = {}
    for second in range(900):
        env.run(until=60_000 + 1000 * (second + 1))
        for machine in fleet.instances:
            if machine.state is State.SERVING and machine.health is Health.HEALTHY and machine.id not in waited:
                waited[machine.id] = (env.now - machine.serving_since) / 1000 - 0.5
    return list(waited.values())[1:]  # the first one was there


def _row(what: str, found: list[float], whole: int) -> tuple[str, ...]:
    least, most = INTERVAL * whole, INTERVAL * (whole + 1)
    assert all(least - 1 <= moment <= most + 1 for moment in found), f"{what}: outside of {least} to {most} s"
    mean, even = sum(found) / len(found), (least + most) / 2
    bounds = f"{least} to {most} s"
    return (
        what,
        f"{min(found):.0f}",
        f"{max(found):.0f}",
        f"{mean:.1f}",
        bounds,
        f"{even:g}",
        f"{abs(mean - even):.1f}",
    )


def _plot(fell: list[int], rose: list[int]) -> Plot:
    down = [(0, 1), (INTERVAL * (FAILS - 1), 1), (INTERVAL * FAILS, 0), (165, 0)]
    up = [(0, 0), (INTERVAL * (PASSES - 1), 0), (INTERVAL * PASSES, 1), (165, 1)]
    return Plot(
        "targets",
        f"Healthy targets of {MACHINES}",
        "when all fail they are found unhealthy from 30 to 60 s on; when all are well again, healthy from 120 to 150 s",
        Axis("seconds since all failed, or were well again", 0, 165, ticks=(0, 30, 60, 90, 120, 150)),
        percent("targets that are called healthy"),
        [
            Series("documented counts: failing", down),
            Series("documented counts: well again", up, dash=(7, 3)),
            Series("ours: failing", [(t, n / MACHINES) for t, n in enumerate(fell)][::4], "marks", FAULT,
                   shape="square", filled=False),
            Series("ours: well again", [(t, n / MACHINES) for t, n in enumerate(rose)][::6], "marks", INK,
                   filled=False),
        ],
    )  # fmt: skip
