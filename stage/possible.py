"""What a stage cannot do is said before it starts: all of it, one line each, with what else is possible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bluegreen.checks.locust import Locust
from bluegreen.errors import UserError
from bluegreen.registry import kind_of
from sim.data.tier import has_tier
from stage.knobs import POSSIBLE

if TYPE_CHECKING:
    from pathlib import Path

    from bluegreen.plan import Plan
    from sim.scenario import Scenario

MOST_MACHINES = 12
"""Of one slot: each is a process of its own."""
MOST_REQUESTS = 400.0
"""A second of the machine: more would measure the machine that runs the stage."""
FASTEST = 20.0
REHEARSE = "`bluegreen rehearse` knows"


def check(scenario: Scenario, plan: Plan, pace: float, file: Path) -> None:
    """Raises UserError."""
    if problems := [*_of_plan(plan, file), *_of_scenario(scenario, pace)]:
        raise UserError("\n".join(problems))


def _of_plan(plan: Plan, file: Path) -> Iterator[str]:
    if not plan.traffic.by_dns:
        yield f"{file}: traffic: the stage moves traffic by weighted records only; {REHEARSE} the others"
    if plan.candidate.clone is None:
        yield f"{file}: candidate: the stage makes candidates by `clone` only; {REHEARSE} the others"
    if plan.live.environment is not None:
        yield f"{file}: live.environment: the stage has no Elastic Beanstalk; {REHEARSE} it"
    if plan.fallback is not None:
        yield f"{file}: fallback: the stage has no S3 website; {REHEARSE} it"
    if plan.team is not None:
        yield f"{file}: team: the journal of a drill is a file; leave team out"
    if plan.prewarm is not None:
        yield f"{file}: prewarm: balancers of the stage need no time to grow; {REHEARSE} it"
    if has_tier(plan):
        yield f"{file}: data: the stage has no databases; {REHEARSE} them"
    checks = (*plan.verify.checks, *(hook.check for hook in plan.hooks))
    if asking := sorted({check.name for check in checks if check.asks_candidate and not isinstance(check, Locust)}):
        yield (
            f"{file}: {', '.join(asking)}: the names of the stage's balancers are known to the stage's DNS alone, so"
            " these checks would not find the candidate, only locust checks do; leave them out, or give them a command"
        )


def _of_scenario(scenario: Scenario, pace: float) -> Iterator[str]:
    world, name = scenario.world, f"scenario {scenario.name}"
    if not 1 <= pace <= FASTEST:
        yield f"--pace {pace:g}: from 1 (real time) to {FASTEST:g} (twenty minutes in one)"
    kinds = sorted({kind_of(fault) for fault in scenario.faults} - set(POSSIBLE))
    if kinds:
        yield (
            f"{name}: faults: {', '.join(kinds)} cannot be done on the stage; {REHEARSE} them. Possible here:"
            + f" {', '.join(POSSIBLE)}"
        )
    expect = scenario.expect
    if expect.page_left or expect.page_above is not None:
        yield f"{name}: expect: the stage has no page of a fallback, so nothing can be expected of it"
    data = (
        *(expect.lost_writes_below, expect.lost_writes_above, expect.conflicts_above),
        *(expect.stale_reads_below, expect.stale_reads_above, expect.history_shows or None),
    )
    if any(limit is not None for limit in data):
        yield f"{name}: expect: the stage has no databases, so nothing can be expected of them"
    if scenario.checks or scenario.notices != "arrive":
        yield f"{name}: checks, notices: on the stage they are really run and sent, so how they fare cannot be set"
    if world.live.instances > MOST_MACHINES:
        yield f"{name}: world.live.instances: at most {MOST_MACHINES} machines on the stage, not {world.live.instances}"
    real = world.demand.rate * pace
    if real > MOST_REQUESTS:
        yield (
            f"{name}: world.demand.rate: {world.demand.rate:g} requests/s at pace {pace:g} are {real:g}"
            f" of this machine's; the stage serves up to {MOST_REQUESTS:g}"
        )
    if world.demand.recorded or world.demand.spikes or world.demand.ramps:
        yield f"{name}: world.demand: on the stage demand is flat: rate alone; {REHEARSE} the others"
    if scenario.cloud.balancer != "application" or scenario.cloud.record not in {"weighted", "simple"}:
        yield f"{name}: cloud: the stage has application balancers, and weighted or simple records"
    if alarms := [alarm.name for alarm in scenario.cloud.alarms if alarm.rule or alarm.metrics or alarm.dimensions]:
        yield f"{name}: cloud.alarms: {', '.join(alarms)}: the stage's alarms watch one slot's measures"
