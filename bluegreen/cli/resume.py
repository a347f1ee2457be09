"""`bluegreen resume`: go on with a rollout whose engine was stopped or died."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("rollout", type=click.Path(path_type=Path))
@click.option("--journal", type=click.Path(path_type=Path), help="Its journal. Default: the service's newest.")
def resume(rollout: Path, journal: Path | None) -> int:
    """Go on with a rollout that was stopped.

    From its journal, and from what is really in AWS.

    Exit codes as with deploy.
    """
    from bluegreen.cli import _live
    from bluegreen.errors import UserError
    from bluegreen.journal.entries import Started
    from bluegreen.journal.fold import fold
    from bluegreen.journal.local import FileJournal
    from bluegreen.plan import load_plan

    plan = load_plan(rollout)
    path = journal or _newest(plan.service.name)
    if not path.is_file():
        raise UserError(f"there is no journal {path}")
    with FileJournal(path) as kept:
        at = fold(kept.entries())
        started = kept.entries()[0]
        if isinstance(started, Started) and started.plan_hash != plan.hash:
            raise UserError(
                f"{rollout} is not the plan that {path} began with (hash {started.plan_hash}, now {plan.hash});"
                " a rollout's plan never changes: restore the file, or finish by hand"
            )
        if at.finished:
            raise UserError(f"{path}: this rollout has ended: {at.end}")
        account = _live.open_account(plan)
        engine = _live.engine_on(account, plan, at.id, kept)
        return _live.perform(engine, engine.resume("asked to go on"), kept, rollout)


def _newest(service: str) -> Path:
    from bluegreen.cli import _live
    from bluegreen.errors import UserError

    found = sorted(_live.JOURNALS.glob(f"{service}-*{_live.SUFFIX}"))
    if not found:
        raise UserError(f"there is no journal of {service} in {_live.JOURNALS}; name one with --journal")
    return found[-1]
