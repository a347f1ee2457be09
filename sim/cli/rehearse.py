"""`bluegreen rehearse`: a rollout and a scenario in, an answer, a picture and an exit code out."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.cli import Exit

if TYPE_CHECKING:
    from bluegreen.model import Rollout
    from sim.rehearsal import Rehearsal


@click.command()
@click.argument("rollout", type=click.Path(path_type=Path), required=False)
@click.option("--scenario", "scenario_name", metavar="NAME|FILE", help="What happens; see `bluegreen scenarios`.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="The same seed gives the same run. Default: the scenario's own, which is 1 unless it says another.",
)
@click.option(
    "--tier",
    default="moto",
    show_default=True,
    type=click.Choice(["moto", "memory"]),
    help="moto: the engine's own AWS adapters, AWS's rules. memory: straight on the world, ten times faster and more.",
)
@click.option("--reports", default=Path("reports"), show_default=True, type=click.Path(path_type=Path, file_okay=False))
def rehearse(rollout: Path | None, scenario_name: str | None, seed: int | None, tier: str, reports: Path) -> int:
    """Rehearse a rollout in virtual time.

    ROLLOUT is a rollout file; without one, the scenario's own is rehearsed. A scenario file in its place is rehearsed
    as with --scenario. Without any argument the catalogue's first scenario runs. Exit codes: 0 as expected,
    1 expectation missed, 2 invariant broken, 3 did not converge, 4 bad input.
    """
    from bluegreen.errors import UserError
    from bluegreen.report import summary_text, write_report
    from sim.errors import NotModelled
    from sim.rehearsal import rehearse as perform
    from sim.scenario import SUFFIX, find_scenario, first
    from sim.tiers import Tier

    if scenario_name is None and rollout is not None and rollout.name.endswith(SUFFIX):
        rollout, scenario_name = None, str(rollout)
    path = find_scenario(scenario_name) if scenario_name else first()
    try:
        done = perform(path, rollout, seed, _show, tier=Tier(tier))
    except NotModelled as gap:
        raise UserError(
            f"the rehearsal cannot tell how AWS answers here, a gap of ours, not of your file: {gap}"
        ) from gap
    _say("writing the report")
    stem = f"{done.scenario.name}-{done.seed}" + (f"-{rollout.name.partition('.')[0]}" if rollout else "")
    trace, page = reports / f"{stem}.trace.jsonl", reports / f"{stem}.html"
    try:
        reports.mkdir(parents=True, exist_ok=True)
        trace.write_bytes(done.trace)
        write_report(trace, page)
    except OSError as error:
        raise UserError(f"the report cannot be written to {reports}: {error.strerror}") from error
    finally:
        _say("")
    click.echo(summary_text(trace, page))
    if done.missed and done.run.rollout.not_made:
        raise UserError(f"{rollout or done.scenario.name}: {done.run.rollout.cause}")
    return _exit(done)


def _say(words: str) -> None:
    """One line that is written over, on a terminal only."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[2K{words}", nl=False, err=True)


def _show(now: datetime, rollout: Rollout) -> None:
    _say(f"{now:%H:%M} of virtual time: {rollout.phase}, step {rollout.step + 1}")


def _exit(done: Rehearsal) -> Exit:
    if done.run.broken:
        return Exit.INVARIANT_BROKEN
    if not done.run.rollout.finished:
        return Exit.DID_NOT_CONVERGE
    return Exit.EXPECTATION_MISSED if done.missed else Exit.AS_EXPECTED
