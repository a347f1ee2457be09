"""`bluegreen undo`: back to the slot that was live before a rollout that has ended well."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.cli._open import Opening, opening
from bluegreen.cli._where import WHICH

if TYPE_CHECKING:
    from bluegreen.cli._where import Found
    from bluegreen.plan import Plan


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--journal", type=click.Path(path_type=Path), help="The rollout to undo. Default: the service's newest.")
@click.option("--yes", is_flag=True, help="Do it. Without this only the undo's rollout file is written.")
@WHICH
@opening
def undo(file: Path, journal: Path | None, yes: bool, rollout: str, page: Opening) -> int:
    """Go back to the slot that was live before, as long as it was kept.

    That is a rollout of its own, with gates and rollback: its file is written beside FILE, as NAME.undo.rollout.yaml,
    and is what status, abort and resume are given. Exit codes as with deploy.
    """
    from bluegreen.cli._where import found_by
    from bluegreen.cli.deploy import perform
    from bluegreen.control.undo import as_file
    from bluegreen.journal.fold import fold

    found = found_by(file, journal, rollout)
    plan = _plan(found)
    out = file.with_name(f"{file.name.partition('.')[0]}.undo.rollout.yaml")
    _write(out, as_file(plan, fold(found.kept.entries())))
    click.echo(f"the undo is in {out}; do it with `bluegreen deploy {out} --yes`, or by this command with --yes")
    return perform(out, None, page, yes=yes)


def _write(out: Path, text: str) -> None:
    from bluegreen.errors import UserError

    try:
        out.write_text(text)
    except OSError as error:
        raise UserError(f"{out}: the undo's rollout file cannot be written: {error.strerror}") from error


def _plan(found: Found) -> Plan:
    from bluegreen.aws.environments.places import Places
    from bluegreen.aws.wiring import Machine, connect
    from bluegreen.cli._live import open_account
    from bluegreen.cli._where import asked
    from bluegreen.control.kept import JOURNALS, KeptHere
    from bluegreen.control.undo import undo_of
    from bluegreen.errors import UserError
    from bluegreen.journal.fold import fold

    plan, rollout = found.plan, fold(found.kept.entries())
    assert plan is not None, "it was found by its file"
    undo_of(plan, rollout, "?", "?")  # says what is wrong before AWS is asked
    machine = Machine(folder=found.kept.path.parent if isinstance(found.kept, KeptHere) else JOURNALS)
    places = connect(open_account(plan).session, plan, rollout.id, machine).environments
    assert isinstance(places, Places), "these are the ports of `connect`"
    facts = asked(lambda: places.facts(rollout.candidate))
    if facts is None:
        raise UserError(f"{rollout.id} cannot be undone: what it made for {rollout.candidate} is not there any more")
    return undo_of(plan, rollout, facts.balancer.name, facts.group)
