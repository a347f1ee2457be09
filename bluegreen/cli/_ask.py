"""What all commands to a rollout share: pause, resume, promote, abort, retry, accept, refuse."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.cli._values import LENGTH
from bluegreen.cli._where import WHAT, WHICH, Found, asked, caller, find
from bluegreen.errors import BlueGreenError, UserError

if TYPE_CHECKING:
    from bluegreen.control.standing import Asked, Standing
    from bluegreen.model import Command, Verb

EXITS = "Exit codes: 0 sent or accepted, 1 refused or no answer in time, 4 bad input."
LOOK_AGAIN = timedelta(seconds=1)
WHY = click.option("--why", required=True, help="The reason, for the journal and for whoever reads it.")
WHO = click.option("--who", default="", help="Who asks. Default: the user here; with a team, the AWS identity.")
WAIT = click.option("--wait", metavar="TIME", type=LENGTH, help="Wait so long for the engine's answer, like 2m.")


def asking(verb: Verb, about: str) -> click.Command:
    """The command line's command for a verb."""

    @click.command(name=verb, help=f"{about}\n\n{EXITS}")
    @WHAT
    @WHY
    @WHO
    @WAIT
    @WHICH
    def command(what: Path, why: str, who: str, wait: timedelta | None, rollout: str) -> int:
        return ask(find(what, rollout), verb, who, why, wait)

    return command


def ask(found: Found, verb: Verb, who: str, why: str, wait: timedelta | None = None) -> int:
    """Send it, say what will become of it, and perhaps wait for the answer. Returns the exit code."""
    from bluegreen.clock import SystemClock
    from bluegreen.control.inbox import deliver
    from bluegreen.model import Command

    before = stands(found)
    if before.rollout.finished:
        raise UserError(f"{before.rollout.id} has ended ({before.rollout.end}): nobody would read this")
    command = Command(verb, who or whoever(found), why, id=uuid.uuid4().hex, at=SystemClock().now())
    deliver(found.kept.inbox(), command)
    click.echo(f"asked {before.rollout.id} to {verb}; {_when(found, before)}")
    return 0 if wait is None else _await(found, command, wait)


def stands(found: Found) -> Standing:
    """Where the rollout stands now."""
    from bluegreen.control.standing import standing

    kept = found.kept
    return asked(lambda: standing(kept.entries(), kept.inbox().all(), kept.at_work()))


def whoever(found: Found) -> str:
    """Who sits here: the operating system's user, or with a team, who AWS says we are."""
    from bluegreen.lease.holder import os_user

    if found.plan is None or found.plan.team is None:
        return os_user()
    return caller()


def _when(found: Found, before: Standing) -> str:
    from bluegreen.units import show_duration

    if before.engine.alive is False:
        return f"no engine is at work, so it waits for `bluegreen resume {found.named}`"
    soon = f", within {show_duration(found.plan.every)}" if found.plan else ""
    return f"its engine reads this at its next look{soon}; see `bluegreen status {found.named}`"


def _await(found: Found, command: Command, limit: timedelta) -> int:
    from bluegreen.clock import ticks
    from bluegreen.units import show_duration

    began = None
    for now in ticks(LOOK_AGAIN):
        began = began or now
        answer = _answer(stands(found), command)
        if answer.became != "waiting":
            click.echo(f"{answer.became}{f': {answer.why}' if answer.why else ''}")
            return 1 if answer.became == "refused" else 0
        if now - began >= limit:
            click.echo(f"no answer after {show_duration(limit)}; it still waits there")
            return 1
    raise BlueGreenError("time has stopped")


def _answer(now: Standing, command: Command) -> Asked:
    return next(asked for asked in now.asked if asked.command.id == command.id)
