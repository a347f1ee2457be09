"""`bluegreen status`: where a rollout stands."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from bluegreen.cli._where import WHAT, WHICH

EVERY = timedelta(seconds=2)


@click.command()
@WHAT
@WHICH
@click.option("--watch", is_flag=True, help="Show it again whenever something changes, until it has ended.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document, or one line for each change.")
def status(what: Path, rollout: str, watch: bool, as_json: bool) -> int:
    """Show where a rollout stands, what was last seen and judged, and what operators asked.

    Reads the journal; asks neither the engine nor, without a team, AWS.
    """
    from bluegreen.cli._ask import stands
    from bluegreen.cli._where import find
    from bluegreen.clock import ticks
    from bluegreen.control.standing import STANDING
    from bluegreen.control.words import show_standing

    found = find(what, rollout)
    before = None
    for now in ticks(EVERY):
        standing = stands(found)
        if standing != before and as_json:
            click.echo(STANDING.dump_json(standing, indent=None if watch else 2))
        elif standing != before:
            click.echo(f"{show_standing(standing, now, found.plan)}\n")
        before = standing
        if not watch or standing.rollout.finished:
            break
    return 0
