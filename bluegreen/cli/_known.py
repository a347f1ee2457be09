"""Options of `plan` and `lint`: what the file does not say about the world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import reduce, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bluegreen.cli._values import LENGTH, SHARE, Finite

if TYPE_CHECKING:
    from bluegreen.cli._live import Account
    from bluegreen.plan import Plan
    from bluegreen.preview.known import Known

PREVIEW = "preview"
"""In place of a rollout's id, in the name of what is asked about."""

OPTIONS = (
    click.argument("file", type=click.Path(path_type=Path)),
    click.option("--instances", type=click.IntRange(1, 1000), help="Healthy machines of the live slot."),
    click.option("--requests-per-minute", "requests", type=Finite(0, min_open=True), help="Requests of all users."),
    click.option(
        "--error-rate", "errors", default="0%", type=SHARE, help="Requests that fail on a good day, like 0.1%."
    ),
    click.option(
        "--boot",
        default="2m30s",
        show_default=True,
        type=LENGTH,
        help="From asking for a machine until it is healthy.",
    ),
)
READS = "Ask AWS too, as before a deploy. Changes nothing."
ALSO_CONTENTS = (
    "Ask AWS too, as before a deploy. To list what a template would create, a temporary change set is made and removed."
)


def known_options(*, contents: bool = False) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command these options. It gets the file, and `known`; with `contents` also what a template would create,
    if AWS is asked at all."""
    options = (*OPTIONS, click.option("--account", is_flag=True, help=ALSO_CONTENTS if contents else READS))

    def giving(command: Callable[..., int]) -> Callable[..., int]:
        @wraps(command)
        def given(file: Path, *, account: bool, **options: Any) -> int:
            own = {
                name: options.pop(name)
                for name in tuple(options)
                if name not in ("instances", "requests", "errors", "boot")
            }
            known = _known(**options)
            return command(file, _asked(file, known, contents=contents) if account else known, **own)

        return reduce(lambda done, option: option(done), reversed(options), given)

    return giving


def _known(*, instances: int | None, requests: float | None, errors: float, boot: timedelta) -> Known:
    """What was given."""
    from bluegreen.preview.known import Known

    return Known(instances, requests, errors, boot=boot)


def _asked(file: Path, known: Known, *, contents: bool) -> Known:
    """Ask AWS: is all that the rollout needs there, how many machines serve now, and perhaps what a template would
    create? Raises UserError with one line for each problem."""
    from bluegreen.aws.wiring import connect, encrypted_source
    from bluegreen.cli import _live
    from bluegreen.clock import SystemClock
    from bluegreen.errors import OperatingError, UserError
    from bluegreen.plan import load_plan

    plan = load_plan(file)
    account = _live.open_account(plan)
    _live.check_account(account, plan, PREVIEW)
    ports = connect(account.session, plan, PREVIEW)
    try:
        healthy = ports.environments.look(plan.live.slot).healthy
        names = sorted({name for gate in plan.gates for name in gate.alarms()})
        alarms = tuple(ports.metrics.set_up(names, SystemClock().now()))
        known = replace(known, encrypted=encrypted_source(account.session, plan), **_set_up(account, plan))
    except OperatingError as error:
        raise UserError(f"AWS cannot be asked about {plan.live.slot}: {error}") from error
    return replace(known, instances=healthy, alarms=alarms, contents=_contents(account, plan) if contents else ())


def _set_up(account: Account, plan: Plan) -> dict[str, Any]:
    """How the live balancer is set up. Who may not read that is told what the file alone tells."""
    from bluegreen.aws.wiring import live_setup
    from bluegreen.errors import Denied

    try:
        setup = live_setup(account.session, plan)
    except Denied:
        return {}
    return {"listens": setup.listens, "unhealthy_after": setup.unhealthy_after} if setup is not None else {}


def _contents(account: Account, plan: Plan) -> tuple[str, ...]:
    """What the template would create. Raises UserError when CloudFormation refuses it. Who may only read gets its plan
    all the same, without this."""
    from bluegreen.aws.wiring import would_create
    from bluegreen.clock import SystemClock
    from bluegreen.errors import OperatingError, Refused, UserError

    try:
        return would_create(account.session, plan, PREVIEW, SystemClock().sleep)
    except Refused as error:
        raise UserError(f"candidate.template.file: {error}") from error
    except OperatingError as error:
        return (f"AWS does not tell: {error}",)
