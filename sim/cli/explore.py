"""`bluegreen explore`: what breaks this rollout? Many runs, each with other faults."""

from __future__ import annotations

import os
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.cli import INTERRUPTED, Exit
from bluegreen.cli._values import LENGTH
from sim.cli._progress import Progress

if TYPE_CHECKING:
    from sim.explore import Findings
    from sim.explore.corpus import Kept
    from sim.material import Material
    from sim.workers import Workers

MODES = ("random", "single", "calls", "pairs")


@click.command()
@click.argument("rollout", type=click.Path(path_type=Path), required=False)
@click.option("--scenario", "scenario_name", metavar="NAME|FILE", help="The world to begin with; its faults stay.")
@click.option("--seed", type=click.IntRange(min=0), help="The first seed.  [default: the scenario's]")
@click.option(
    "--mode",
    default="random",
    show_default=True,
    type=click.Choice(MODES),
    help="Any faults, each single fault at each moment, each call interrupted, or each pair of a list.",
)
@click.option("--runs", type=click.IntRange(min=1), help="So many runs.")
@click.option(
    "--for", "length", metavar="TIME", type=LENGTH, help="So long, like 90s or 30m.  [default: 60s, unless --runs]"
)
@click.option("--stop-after-failures", "failures", type=click.IntRange(min=1), help="So many different failures.")
@click.option("--faults", "kinds", metavar="KIND,...", help="Only these kinds of faults.")
@click.option("--pairs-of", metavar="NAME|FILE", help="The list for pairs: a scenario's faults.")
@click.option("--jobs", default=os.cpu_count() or 1, show_default="all cores", type=click.IntRange(min=1))
@click.option("--scheduler", metavar="ADDRESS", help="Use the Dask cluster there; `local` makes one here.")
@click.option(
    "--corpus", type=click.Path(path_type=Path, file_okay=False), help="Keep findings there, the shortest of each."
)
@click.option("--confirm/--no-confirm", default=True, help="Try each finding on the moto tier too.  [default: confirm]")
@click.option(
    "--reports", default=Path("reports/explore"), show_default=True, type=click.Path(path_type=Path, file_okay=False)
)
def explore(
    *,
    rollout: Path | None,
    scenario_name: str | None,
    seed: int | None,
    mode: str,
    runs: int | None,
    length: timedelta | None,
    failures: int | None,
    kinds: str | None,
    pairs_of: str | None,
    jobs: int,
    scheduler: str | None,
    corpus: Path | None,
    confirm: bool,
    reports: Path,
) -> int:
    """Look for what breaks a rollout.

    Rehearses it again and again on the memory tier, each time with other faults; they heal, and then it must come to an
    end without a broken invariant. What fails is shrunk, tried on the moto tier, and written as a scenario file. Ctrl-C
    ends it with what was found so far. Exit codes: 0 nothing was found, 2 an invariant was broken or an error raised,
    3 no end or another end was reached, 4 bad input.
    """
    from dataclasses import replace

    from bluegreen.errors import UserError
    from sim.explore import Budget
    from sim.explore import explore as perform
    from sim.explore.show import lines
    from sim.material import material
    from sim.scenario import find_scenario, first, load_scenario

    brought = material(first() if scenario_name is None else find_scenario(scenario_name), rollout)
    brought = replace(brought, seed=brought.scenario.seed if seed is None else seed)
    listed = () if pairs_of is None else load_scenario(find_scenario(pairs_of)).faults
    budget, workers = Budget(runs, _time(length, runs), failures), _workers(scheduler, jobs)
    with Progress() as progress:
        told = partial(_say, progress)
        found = perform(brought, budget, mode, workers=workers, kinds=_kinds(kinds), pairs=listed, on_progress=told)
        progress.say("confirming and writing")
        kept, page = _written(brought, found, mode, corpus or reports, reports, confirm=confirm)
    click.echo("\n".join((*lines(found, kept), f"page: {page}")))
    if found.lost:
        raise UserError(found.lost)
    return _exit(found)


def _written(
    brought: Material, found: Findings, mode: str, corpus: Path, reports: Path, *, confirm: bool
) -> tuple[list[Kept], Path]:
    """The findings' files and the page."""
    from bluegreen.errors import UserError
    from sim.explore.confirm import confirmed
    from sim.explore.corpus import merge
    from sim.explore.page import write_page

    findings = tuple(confirmed(brought, each) if confirm else each for each in found.findings)
    try:
        kept = merge(brought, findings, corpus)
        return kept, write_page(found, kept, reports, _what(brought), mode)
    except OSError as error:
        raise UserError(f"findings cannot be written to {error.filename}: {error.strerror}") from error


def _what(brought: Material) -> str:
    """What was rehearsed, in a few words."""
    return f"{brought.rollout.name} in {brought.scenario.name}" if brought.rollout else brought.scenario.name


def _time(length: timedelta | None, runs: int | None) -> timedelta | None:
    return timedelta(seconds=60) if length is None and runs is None else length


def _kinds(text: str | None) -> tuple[str, ...]:
    from bluegreen.errors import UserError
    from sim.explore.modes import all_kinds

    wanted = tuple(name.strip() for name in text.split(",")) if text else ()
    unknown = [name for name in wanted if name not in all_kinds(data=True)]
    if unknown:
        raise UserError(f"--faults: there is no kind {unknown[0]!r}; possible are {', '.join(all_kinds(data=True))}")
    return wanted


def _workers(scheduler: str | None, jobs: int) -> Workers:
    from sim.workers import Here, Processes

    if scheduler is not None:
        from sim.workers.dask import Dask

        return Dask(None if scheduler == "local" else scheduler, jobs)
    return Processes(jobs) if jobs > 1 else Here()


def _say(progress: Progress, found: Findings) -> None:
    reached = sum(map(bool, found.reached.values()))
    progress.say(
        f"{found.runs} runs, {found.rate:.1f} a second, {found.failed} failed, {len(found.findings)} causes, "
        f"{reached} of {len(found.reached)} situations reached"
    )


def _exit(found: Findings) -> int:
    if not found.findings:
        return INTERRUPTED if found.stopped == "interrupted" else Exit.AS_EXPECTED
    only_ends = all(finding.failure.what in ("no end", "another end") for finding in found.findings)
    return Exit.DID_NOT_CONVERGE if only_ends else Exit.INVARIANT_BROKEN
