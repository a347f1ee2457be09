"""`bluegreen history`: which rollouts there were."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("what", metavar="[FILE-or-FOLDER]", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def history(what: Path | None, as_json: bool) -> int:
    """List rollouts: when, by whom, how they ended, how long they took.

    Those of a rollout file's service, or all that are kept in a folder (default: .bluegreen).
    """
    from pydantic import TypeAdapter

    from bluegreen.cli._where import lines
    from bluegreen.clock import SystemClock
    from bluegreen.control.kept import JOURNALS, Line, listed
    from bluegreen.control.words import show_history
    from bluegreen.errors import UserError
    from bluegreen.plan import load_plan

    if what is not None and what.suffix in (".yaml", ".yml"):
        found = lines(load_plan(what))
    elif what is not None and not what.is_dir():
        raise UserError(f"{what}: is not a folder with journals, nor a rollout file (.yaml)")
    else:
        found = listed(what or JOURNALS)
    as_text = TypeAdapter(list[Line]).dump_json(found, indent=2).decode()
    click.echo(as_text if as_json else show_history(found, SystemClock().now()))
    return 0
