"""`bluegreen resume`: go on with a rollout that was paused, or whose engine was stopped or died."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.cli._ask import WAIT, WHO
from bluegreen.cli._open import Opening, opening
from bluegreen.cli._where import WHICH

if TYPE_CHECKING:
    from bluegreen.cli._where import Found
    from bluegreen.plan import Plan

ASKED = "asked to go on"


@click.command()
@click.argument("rollout_file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--journal", type=click.Path(path_type=Path), help="Its journal. Default: the service's newest.")
@click.option("--why", default=ASKED, help="The reason, for the journal.")
@WHO
@WAIT
@WHICH
@opening
def resume(
    rollout_file: Path,
    *,
    journal: Path | None,
    rollout: str,
    why: str,
    who: str,
    wait: timedelta | None,
    page: Opening,
) -> int:
    """Go on with a rollout, and say how.

    When its engine is at work, it is asked to end its pause. When there is none, this process becomes its engine: it
    goes on from the journal, and from what is really in AWS.

    Exit codes as with deploy; those of the other commands when an engine was asked.
    """
    from bluegreen.cli import _live
    from bluegreen.cli._ask import ask
    from bluegreen.errors import InUse

    found = _find(rollout_file, journal, rollout)
    if found.kept.at_work().alive:
        return ask(found, "resume", who, why, wait)
    try:
        return _take_up(found, rollout_file, why, page)
    except InUse as error:
        if _works_on(found):
            return ask(found, "resume", who, why, wait)
        return _live.refuse(error)


def _find(file: Path, journal: Path | None, rollout: str) -> Found:
    from bluegreen.cli._where import asked, found_by
    from bluegreen.errors import UserError
    from bluegreen.journal.fold import fold

    found = found_by(file, journal, rollout)
    at = fold(asked(found.kept.entries))
    if at.finished:
        raise UserError(f"{found.kept.where}: this rollout has ended: {at.end}")
    return found


def _take_up(found: Found, file: Path, why: str, page: Opening) -> int:
    """Become its engine."""
    from bluegreen.cli import _live
    from bluegreen.clock import SystemClock
    from bluegreen.control.kept import KeptHere
    from bluegreen.control.signals import Signals
    from bluegreen.journal.fold import fold

    plan = _plan(found)
    account = _live.open_account(plan)
    at = fold(found.kept.entries())
    path = found.kept.path if isinstance(found.kept, KeptHere) else None
    with _live.open_all(account, plan, at.id, path) as opened, Signals(plan.on_signal, SystemClock()) as signals:
        click.echo(f"no engine was at work on {at.id}: this one takes it up in {at.phase}{_paused(found)}")
        work = _live.Work(account, plan, at.id, file, page)
        return _live.work(work, opened, signals, lambda engine: engine.resume(why))


def _paused(found: Found) -> str:
    from bluegreen.journal.fold import fold

    paused = fold(found.kept.entries()).paused
    if paused is None:
        return ""
    return f"; it stays paused ({paused.who}: {paused.why}) until it is asked to resume once more"


def _works_on(found: Found) -> bool:
    """An engine that is alive, or may be, has this very rollout."""
    from bluegreen.cli._where import asked

    return asked(found.kept.at_work).alive is not False


def _plan(found: Found) -> Plan:
    assert found.plan is not None, "it was found by its file"
    return found.plan
