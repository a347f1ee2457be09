"""A whole rehearsal: files in, a run, its trace with header and end, and the report's place out."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bluegreen.plan import Plan
from bluegreen.report.summary import Summary, summarize
from bluegreen.report.trace import read_trace
from bluegreen.units import show_duration, show_share
from sim.data.tier import used_in_the_end
from sim.expect import Expectation, Outcome, judge, verdict
from sim.heading import heading
from sim.invariants import names
from sim.paced import Paced
from sim.run import OnStep, Rehearsing, Run
from sim.scenario import Expect, Scenario, built_in, load_scenario, plan_of
from sim.tiers import Tier
from sim.trace import as_line


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One rehearsal's result."""

    scenario: Scenario
    plan: Plan
    seed: int
    run: Run
    expectations: tuple[Expectation, ...]
    verdict: str
    trace: bytes

    @property
    def missed(self) -> tuple[Expectation, ...]:
        return tuple(expectation for expectation in self.expectations if not expectation.met)


def rehearse(
    scenario_path: Path,
    rollout: Path | None,
    seed: int | None = None,
    on_step: OnStep | None = None,
    *,
    tier: Tier = Tier.MOTO,
    paced: Paced | None = None,
) -> Rehearsal:
    """Rehearse a scenario file, with a rollout file of one's own or the scenario's. The seed is the scenario's, unless
    one is given. `paced`: at human speed. Raises UserError."""
    scenario = load_scenario(scenario_path)
    seed = scenario.seed if seed is None else seed
    plan = plan_of(scenario, scenario_path, rollout)
    rehearsing = Rehearsing(scenario, plan, seed, on_step)
    words = _replay(scenario_path, seed, rollout, tier)
    if paced is not None:
        paced.tell(as_line(_header(scenario, plan, seed, words, rehearsing.world.notes)))
        paced.begin(rehearsing)
    done = rehearsing.run(tier)
    expectations = judged(scenario.expect, done)
    said = verdict(expectations, bool(done.broken), done.rollout.end)
    notes = [*done.world.notes, *(paced.notes() if paced is not None else [])]
    head = _header(scenario, plan, seed, words, notes)
    whole = _lines([head], done.trace.lines, _end(done, expectations, said))
    return Rehearsal(scenario, plan, seed, done, expectations, said, whole)


def judged(expect: Expect, done: Run) -> tuple[Expectation, ...]:
    """What was expected of a run beside what it gave."""
    return judge(expect, Outcome(done.rollout, done.entries, lambda: summary_of(done), done.world))


def summary_of(done: Run) -> Summary:
    """What a run cost its users, and how long everything took."""
    trace = read_trace([line.decode() for line in done.trace.lines])
    return summarize(trace, trace.samples)


def _header(scenario: Scenario, plan: Plan, seed: int, replay: str, notes: list[str]) -> dict[str, Any]:
    return {
        **heading(scenario, plan, seed, replay),
        "assumptions": _assumptions(scenario, plan),
        "notes": list(dict.fromkeys(notes)),
        "invariants": list(names()),
    }


def _replay(scenario: Path, seed: int, rollout: Path | None, tier: Tier) -> str:
    """The command that gives the same trace again."""
    named = next((name for name, path in built_in().items() if path == scenario), str(scenario))
    words = ["bluegreen", "rehearse", *([str(rollout)] if rollout else []), "--scenario", named]
    words += ["--tier", str(tier)] if tier is not Tier.MOTO else []
    return shlex.join([*words, "--seed", str(seed)])


def _assumptions(scenario: Scenario, plan: Plan) -> list[str]:
    """What the world was taken to be, in sentences: a reader must be able to disagree."""
    world, clients = scenario.world, scenario.world.clients
    by_dns = [
        f"{clients.count:,} users make {world.demand.rate:g} requests/s (mean); answers live for "
        f"{show_duration(plan.answers_live_for)}.",
        f"{show_share(clients.large)} of the users sit behind {clients.resolvers} large resolvers; "
        f"{show_share(clients.clamping)} keep answers {show_duration(clients.clamp)} longer; "
        f"{show_share(clients.stretching)} ask again only every {show_duration(clients.stretch)} on average; "
        f"{show_share(clients.never)} never.",
    ]
    behind_one = [
        f"{clients.count:,} users make {world.demand.rate:g} requests/s (mean); both slots stand behind one balancer, "
        f"whose nodes go by a change after {show_duration(world.listener.delay)}: no cache stands in between.",
    ]
    return [
        *(by_dns if plan.traffic.by_dns else behind_one),
        f"A machine of the live slot serves {world.live.capacity:g} requests/s, "
        f"one of the candidate {world.candidate.capacity:g}.",
        f"CloudWatch publishes a minute {show_duration(world.metrics.delay)} after it ended; Route 53 needs "
        f"{show_duration(world.dns.propagation)} on average until all its servers know a change.",
        f"A balancer can grow by {show_share(world.balancer.growth)} in {show_duration(world.balancer.per)}.",
    ]


def _end(done: Run, expectations: tuple[Expectation, ...], said: str) -> list[dict[str, Any]]:
    broken = [{"kind": "broken", "at": b.at.isoformat(), "invariant": b.invariant, "why": b.why} for b in done.broken]
    tier, last = done.world.data, used_in_the_end(done.rollout)
    lost = 0 if tier is None or last is None else tier.lost(tier.uses(last))
    end = {
        "kind": "end",
        "at": done.world.clock.now().isoformat(),
        "end": done.rollout.end or "",
        "verdict": said,
        **({"lost_writes": lost} if lost else {}),
        "expectations": [asdict(expectation) for expectation in expectations],
    }
    return [*broken, end]


def _lines(head: Iterable[dict[str, Any]], body: Iterable[bytes], end: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(line + b"\n" for line in [*map(as_line, head), *body, *map(as_line, end)])
