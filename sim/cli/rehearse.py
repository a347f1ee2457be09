"""`bluegreen rehearse`: a rollout and a scenario in, an answer, a picture and an exit code out."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.cli import Exit
from bluegreen.cli._open import Opening, opening
from bluegreen.errors import UserError
from sim.cli._human import HUMAN, human

if TYPE_CHECKING:
    from bluegreen.model import Rollout
    from sim.paced import Paced
    from sim.rehearsal import Rehearsal
    from sim.tiers import Tier


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
@click.option(
    "--speed",
    metavar="60x",
    help=f"For people to follow: so many times as fast as real time. With --open or --bind {HUMAN}, unless given.",
)
@opening
def rehearse(
    rollout: Path | None,
    *,
    scenario_name: str | None,
    seed: int | None,
    tier: str,
    reports: Path,
    speed: str | None,
    page: Opening,
) -> int:
    """Rehearse a rollout in virtual time.

    ROLLOUT is a rollout file; without one, the scenario's own is rehearsed. A scenario file in its place is rehearsed
    as with --scenario. Without any argument the catalogue's first scenario runs. With --speed it can be watched, and
    with --open steered. Exit codes: 0 as expected, 1 expectation missed, 2 invariant broken, 3 did not converge,
    4 bad input.
    """
    from bluegreen.report import summary_text
    from sim.scenario import SUFFIX, find_scenario, first
    from sim.tiers import Tier

    if scenario_name is None and rollout is not None and rollout.name.endswith(SUFFIX):
        rollout, scenario_name = None, str(rollout)
    path = first() if scenario_name is None else find_scenario(scenario_name)
    with human(speed, page, path.name.removesuffix(SUFFIX)) as (paced, served):
        done = _perform(path, rollout, seed, Tier(tier), paced)
        trace, written = _write(done, reports, rollout)
        served.end(f"The report: {written}", done.trace.decode().splitlines())
    click.echo(summary_text(trace, written))
    if done.missed and done.run.rollout.not_made:
        raise UserError(f"{rollout or done.scenario.name}: {done.run.rollout.cause}")
    return _exit(done)


def _perform(scenario: Path, rollout: Path | None, seed: int | None, tier: Tier, paced: Paced | None) -> Rehearsal:
    from sim.errors import NotModelled
    from sim.rehearsal import rehearse as perform

    try:
        return perform(scenario, rollout, seed, paced.step if paced else _show, tier=tier, paced=paced)
    except NotModelled as gap:
        raise UserError(
            f"the rehearsal cannot tell how AWS answers here, a gap of ours, not of your file: {gap}"
        ) from gap


def _write(done: Rehearsal, reports: Path, rollout: Path | None) -> tuple[Path, Path]:
    """The trace and the report: where they are. Raises UserError."""
    from bluegreen.report import write_report

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
    return trace, page


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
