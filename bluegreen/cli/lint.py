"""`bluegreen lint`: what would go wrong with a rollout file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.cli._known import known_options

if TYPE_CHECKING:
    from bluegreen.preview.known import Known


def _list(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    """Everything that is looked for; no file is needed for that."""
    if wanted:
        from bluegreen.preview.findings_text import listing

        click.echo(listing())
        context.exit()


@click.command()
@known_options()
@click.option("--json", "as_data", is_flag=True, help="For machines.")
@click.option(
    "--list",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list,
    help="List all that is looked for, and exit.",
)
def lint(file: Path, known: Known, *, as_data: bool) -> int:
    """Find what would go wrong with a rollout file.

    Errors will go wrong, warnings may, notes are good to know; each with the fact it rests on and what to do. Works on
    the file alone. Exit codes: 0 no errors, 1 errors, 4 bad input.
    """
    import json

    from bluegreen.preview.finding import lint as look
    from bluegreen.preview.findings_text import as_json, lint_text

    found = look(file, known)
    click.echo(json.dumps(as_json(found), indent=2) if as_data else lint_text(found))
    return int(found.bad)
