"""`bluegreen deploy`: the rollout, for real."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.cli._open import Opening, opening

if TYPE_CHECKING:
    from bluegreen.cli._live import Work
    from bluegreen.plan import Plan


@click.command()
@click.argument("rollout", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do it. Without this nothing is changed.")
@click.option("--journal", type=click.Path(path_type=Path), help="Where to keep the journal, when there is no team.")
@opening
def deploy(rollout: Path, yes: bool, journal: Path | None, page: Opening) -> int:
    """Perform a rollout on AWS.

    Credentials, region and endpoint are found by boto3's own settings.

    Without --yes it only checks and shows what it would do. Refuses accounts and regions that the file does not
    list. Ctrl-C and SIGTERM do what the file's on_signal says; a second one stops at once. Exit codes: 0 succeeded,
    1 rolled back or aborted, 2 rollback failed, 3 needs an operator, 4 bad input, 5 another engine took over,
    6 another engine or rollout is there, 130 interrupted.
    """
    return perform(rollout, journal, page, yes=yes)


def perform(rollout: Path, journal: Path | None, page: Opening, *, yes: bool) -> int:
    """Check and show a rollout file, and do it when told to. Returns the exit code."""
    from bluegreen.cli import _live
    from bluegreen.clock import SystemClock
    from bluegreen.errors import InUse
    from bluegreen.outside.locustfiles import need_locust
    from bluegreen.outside.migrations import need_migrations
    from bluegreen.outside.schemas import need_schema
    from bluegreen.plan import load_plan

    plan = load_plan(rollout)
    need_locust(plan)
    need_schema(plan)
    need_migrations(plan)
    account = _live.open_account(plan)
    rollout_id = f"{plan.service.name}-{SystemClock().now():%Y%m%d-%H%M%S}"
    try:
        _room(plan, rollout, journal)  # first: what an unfinished rollout has made is nothing left behind
        _live.check_account(account, plan, rollout_id)
        _live.show_plan(plan, account)
        if yes:
            return _begin(_live.Work(account, plan, rollout_id, rollout, page), journal)
    except InUse as error:
        return _live.refuse(error)
    click.echo("nothing was changed; with --yes it is done")
    return _live.LiveExit.SUCCEEDED


def _room(plan: Plan, rollout: Path, journal: Path | None) -> None:
    """Raises UserError when the journal's place is taken, InUse when the rollout before has not ended."""
    from bluegreen.cli._opened import none_unfinished
    from bluegreen.cli._where import lines
    from bluegreen.errors import InUse, UserError

    if journal is not None and plan.team is not None:
        raise UserError(f"--journal: {rollout} has a team, whose journals are in its table")
    if journal is not None and journal.is_dir():
        raise UserError(f"--journal: {journal} is a folder; name a file")
    if journal is not None and journal.exists() and journal.stat().st_size:
        raise InUse(
            f"{journal} already holds a rollout; go on with it by `bluegreen resume {rollout} --journal {journal}`"
        )
    none_unfinished(lines(plan), rollout)


def _begin(work: Work, journal: Path | None) -> int:
    from bluegreen.cli import _live
    from bluegreen.clock import SystemClock
    from bluegreen.control.kept import JOURNALS, SUFFIX
    from bluegreen.control.signals import Signals

    plan, path = work.plan, journal or JOURNALS / f"{work.rollout_id}{SUFFIX}"
    with (
        _live.open_all(work.account, plan, work.rollout_id, path) as opened,
        Signals(plan.on_signal, SystemClock()) as signals,
    ):
        return _live.work(work, opened, signals, lambda engine: engine.start(work.rollout_id))
