"""`bluegreen deploy`: the rollout, for real."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("rollout", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do it. Without this nothing is changed.")
@click.option("--journal", type=click.Path(path_type=Path), help="Where to keep the journal.")
def deploy(rollout: Path, yes: bool, journal: Path | None) -> int:
    """Perform a rollout on AWS.

    Credentials, region and endpoint are found by boto3's own settings.

    Without --yes it only checks and shows what it would do. Refuses accounts and regions that the file does not
    list. Ctrl-C leaves everything as it is and resumable. Exit codes: 0 succeeded, 1 rolled back or aborted,
    2 rollback failed, 3 needs an operator, 4 bad input, 130 interrupted.
    """
    from bluegreen.cli import _live
    from bluegreen.clock import SystemClock
    from bluegreen.errors import UserError
    from bluegreen.journal.local import FileJournal
    from bluegreen.plan import load_plan

    plan = load_plan(rollout)
    account = _live.open_account(plan)
    rollout_id = f"{plan.service.name}-{SystemClock().now():%Y%m%d-%H%M%S}"
    _live.check_account(account, plan, rollout_id)
    _live.show_plan(plan, account)
    if not yes:
        click.echo("nothing was changed; with --yes it is done")
        return _live.LiveExit.SUCCEEDED
    with FileJournal(journal or _live.JOURNALS / f"{rollout_id}{_live.SUFFIX}") as kept:
        if kept.entries():
            raise UserError(f"{kept.path} already holds a rollout; go on with it by `bluegreen resume {rollout}`")
        engine = _live.engine_on(account, plan, rollout_id, kept)
        return _live.perform(engine, engine.start(rollout_id), kept, rollout)
