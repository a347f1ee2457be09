"""`bluegreen status`: where a rollout stands."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bluegreen.cli._open import Opening, opening
from bluegreen.cli._where import WHICH

if TYPE_CHECKING:
    from bluegreen.control.standing import Standing
    from bluegreen.live.followed import Followed

EVERY = timedelta(seconds=2)


@click.command()
@click.argument("what", metavar="FILE-or-JOURNAL-or-TRACE", type=click.Path(path_type=Path))
@WHICH
@click.option("--watch", is_flag=True, help="Show it again whenever something changes, until it has ended.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document, or one line for each change.")
@opening
def status(what: Path, rollout: str, watch: bool, as_json: bool, page: Opening) -> int:
    """Show where a rollout stands, what was last seen and judged, and what operators asked.

    Reads the journal, or the trace of a drill or rehearsal; asks neither the engine nor, without a team, AWS. --open
    shows it as a page with buttons, until it has ended.
    """
    from bluegreen.cli._open import opened_page
    from bluegreen.cli._watched import watched
    from bluegreen.clock import ticks
    from bluegreen.errors import UserError

    seen, before = watched(what, rollout), None
    going_on = watch or page.wanted
    in_place = watch and not as_json and sys.stdout.isatty() and find_spec("rich") is not None
    with opened_page(page, seen.followed, seen.service, seen.who) as served, _screen(seen.followed, in_place):
        for _ in ticks(EVERY):
            now = seen.standing()
            if now is None and not going_on:
                raise UserError(f"{what}: no rollout has begun in it")
            if now is not None and now != before and not in_place:
                _say(seen.followed, now, as_json=as_json, indent=None if watch else 2)
            before = now
            if not going_on or seen.over(now):
                break
        served.end(seen.last_words)
    return 0


def _screen(followed: Followed, in_place: bool) -> AbstractContextManager[Any]:
    if not in_place:
        return nullcontext()
    from bluegreen.live.terminal import Screen

    return Screen(followed)


def _say(followed: Followed, standing: Standing, *, as_json: bool, indent: int | None) -> None:
    from bluegreen.control.standing import STANDING
    from bluegreen.control.words import show_standing

    if as_json:
        click.echo(STANDING.dump_json(standing, indent=indent))
    elif (now := followed.now()) is not None:
        click.echo(f"{show_standing(standing, now, followed.plan)}\n")
