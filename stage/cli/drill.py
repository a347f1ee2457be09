"""`bluegreen drill`: a rollout on a stage, in real processes; an answer, a picture and an exit code."""

from __future__ import annotations

import json
import shlex
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.cli._open import Opening, opened_page, opening
from bluegreen.cli._values import PORT

if TYPE_CHECKING:
    from stage.drill import OnLine, Order


@click.command()
@click.argument("rollout", type=click.Path(path_type=Path))
@click.option("--stage", default="local", show_default=True, help="Where: `local` is this machine's loopback.")
@click.option("--scenario", "scenario_name", metavar="NAME|FILE", help="What happens; default: all goes well.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option("--pace", default=1.0, show_default=True, help="How many times as fast time runs on the stage.")
@click.option("--port", default=0, type=PORT, help="Of all balancers and machines. Default: a free one.")
@click.option("--dns-port", default=0, type=PORT, help="Of the DNS server. Default: a free one.")
@click.option("--reports", default=Path("reports"), show_default=True, type=click.Path(path_type=Path, file_okay=False))
@opening
def drill(
    rollout: Path,
    *,
    stage: str,
    scenario_name: str | None,
    seed: int,
    pace: float,
    port: int,
    dns_port: int,
    reports: Path,
    page: Opening,
) -> int:
    """Perform a rollout on a stage of real processes on this machine.

    The same file and the same engine as `bluegreen deploy`, against servers on loopback, under locust. Exit codes are
    those of deploy when the scenario expects nothing (0 succeeded, 1 rolled back or aborted ...); else 0 as expected,
    1 expectation missed, 4 bad input, 7 the stage broke off, 130 interrupted.
    """
    from stage.early import Early

    if stage != "local":
        from bluegreen.errors import UserError

        raise UserError(f"--stage {stage}: there is only `local`, on loopback; for AWS itself use `bluegreen deploy`")
    for each in _LEAVING:
        signal.signal(each, _leave)
    with Early() as early:
        from stage.performance import perform, prepared

        replay = shlex.join(["bluegreen", "drill", *sys.argv[2:]])
        ports = {"port": port, "dns_port": dns_port}
        order = prepared(rollout, scenario_name, reports, seed=seed, pace=pace, **ports, replay=replay)
        with _watched(order, page) as on_line:
            return perform(order, click.echo, early, on_line)


@contextmanager
def _watched(order: Order, page: Opening) -> Iterator[OnLine]:
    """The page, when it was asked for; its buttons reach the engine's inbox. Gives what must be told each line."""
    from bluegreen.control.local import inbox_beside
    from bluegreen.lease.holder import os_user
    from bluegreen.live.followed import Followed
    from bluegreen.live.source import Told

    told = Told(inbox_beside(order.home / "rollout.journal"))
    with opened_page(page, Followed(told, order.plan), order.plan.service.name, os_user()) as served:
        try:
            yield lambda line: told.line(json.dumps(line)) if page.wanted else None
        finally:
            report = order.home / "drill.html"
            if report.exists():
                served.end(f"The report: {report}", report.with_suffix(".trace.jsonl").read_text().splitlines())


_LEAVING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _leave(*_: object) -> None:
    """Once: who is impatient does not disturb the tidying up, which takes some seconds."""
    for each in _LEAVING:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt
