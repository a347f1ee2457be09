"""What the search tries, the same and in the same order for every engine: it does not know what is broken.

Cheapest first, and what finds most for its cost: the catalogue with its expectations on the memory tier; some of it on
moto, where the real adapters are; each change of two short rollouts interrupted in every way; then runs with drawn
faults, without an end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from bluegreen.errors import UserError
from sim.explore.baseline import baseline
from sim.explore.case import Case
from sim.explore.modes import MODES, Space, all_kinds
from sim.explore.outcome import Failure, Surprise, outcome_of
from sim.interruptions import KINDS
from sim.material import Material, material
from sim.rehearsal import Rehearsal, rehearse
from sim.run import OnStep
from sim.scenario import built_in, merge, plan_of
from sim.tiers import Tier

ON_MOTO = (
    "errors-at-30",
    "replies-lost",
    "operator-aborts",
    "engine-dies",
    "target-groups-bad-release",
    "beanstalk-swap",
    "group-swap",
)
"""The catalogue runs on moto too slowly to be tried whole: each way to move traffic, and trouble with calls."""
EVERYWHERE = ("all-well", "errors-at-30")
"""Rollouts whose calls are interrupted and in which faults are drawn: one that goes on, one that goes back."""
SHORT = {"strategy": {"kind": "canary", "share": "50%", "hold": "5m"}, "bake": "2m", "drain": {"below": "2%"}}
SEEDS = range(2, 6)
"""Beside the first one."""
READ = re.compile(":(Describe|List|Get)")
BY_TURNS = 20
"""So many seeds are drawn for one rollout before the other has its turn."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One run to try. `name` says which; `run` gives what is wrong, or None. It tells `OnStep` of its steps when it is
    long, so that a search whose time is up can leave it."""

    name: str
    run: Callable[[OnStep], Failure | None]


def probes(seed: int = 1) -> Iterator[Probe]:
    """All of them. Reading where interruptions can strike is a run, too: it comes when its turn has come."""
    yield from catalogue(Tier.MEMORY, seed)
    yield from catalogue(Tier.MOTO, seed, ON_MOTO)
    yield from interruptions(seed)
    yield from drawn(seed)


def more_probes() -> Iterator[Probe]:
    """For an engine in which nothing should be found: also the other seeds for which the catalogue says how it ends."""
    for seed in SEEDS:
        yield from catalogue(Tier.MEMORY, seed)
    yield from probes()


def catalogue(tier: Tier, seed: int, names: tuple[str, ...] = ()) -> Iterator[Probe]:
    """Scenarios with their expectations, all of the catalogue unless named."""
    known = built_in()
    for name in names or known:
        yield Probe(f"{name}, {tier}", partial(rehearsed, known[name], seed, tier))


def rehearsed(path: Path, seed: int, tier: Tier, on_step: OnStep) -> Failure | None:
    """A scenario as `bluegreen rehearse` judges it."""
    with Surprise() as surprise:
        try:
            return _judged(rehearse(path, None, seed, on_step, tier=tier))
        except UserError as error:
            return Failure("refused", str(error))
    return Failure(surprise.what, str(surprise.error))


def _judged(done: Rehearsal) -> Failure | None:
    phase = str(done.run.rollout.phase)
    if done.run.broken:
        return Failure(done.run.broken[0].invariant, done.run.broken[0].why, phase)
    if done.run.rollout.end is None:
        return Failure("no end", "it came to no end", phase)
    if done.missed:
        missed = done.missed[0]
        return Failure(f"expected {missed.name}", f"{missed.wanted}, and it was {missed.got}", phase)
    return None


def interruptions(seed: int) -> Iterator[Probe]:
    """As `bluegreen survive`: each change of a short rollout, in every way; it must come to the same end."""
    for name in EVERYWHERE:
        brought = _material(name, seed, SHORT)
        yield Probe(f"{name} in short", partial(explored, brought, Case(seed)))
        base = baseline(brought)
        for call, operation in enumerate(base.calls, start=1):
            if READ.search(operation):
                continue
            for kind, fault in KINDS.items():
                case = Case(seed, (fault(call),), base.end)
                yield Probe(f"{name} in short, {kind}: call {call}, {operation}", partial(explored, brought, case))


def drawn(seed: int) -> Iterator[Probe]:
    """As `bluegreen explore`: seed after seed, one rollout and the other by turns."""
    streams = [(name, brought, _drawn(brought)) for name in EVERYWHERE for brought in [_material(name, seed, {})]]
    while True:
        for name, brought, cases in streams:
            for case in islice(cases, BY_TURNS):
                yield Probe(f"{name}, drawn faults, seed {case.seed}", partial(explored, brought, case))


def _drawn(brought: Material) -> Iterator[Case]:
    return MODES["random"](Space(brought, baseline(brought), all_kinds()))


def explored(brought: Material, case: Case, _: OnStep) -> Failure | None:
    """One case; only invariants and ends judge it. It is short."""
    return outcome_of(brought, case).failure


def _material(name: str, seed: int, change: Mapping[str, Any]) -> Material:
    """A scenario of the catalogue, its rollout file changed."""
    path = built_in()[name]
    base = material(path, None, seed)
    if not change:
        return base
    scenario = base.scenario.model_copy(update={"change": merge(base.scenario.change, change)})
    return replace(base, scenario=scenario, plan=plan_of(scenario, path, None))
