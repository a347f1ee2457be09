"""`bluegreen sync`: keep two stores together while both serve, and see whether they are."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path

import click

FILE = click.argument("file", type=click.Path(path_type=Path))
JSON = click.option("--json", "as_json", is_flag=True, help="For programs: one JSON document a line.")


class SyncExit(IntEnum):
    """What the exit code of a sync says."""

    WELL = 0
    DIVERGENT = 1
    BAD_INPUT = 4  # also: the stream has forgotten changes, or AWS refuses
    LEASE_LOST = 5
    IN_USE = 6


@click.group()
def sync() -> None:
    """Keep two DynamoDB tables together while both serve; compare two stores."""


@sync.command()
@FILE
@click.option("--once", is_flag=True, help="Stop when the baseline is there and nothing new is left to carry.")
@click.option(
    "--anew", is_flag=True, help="Forget how far it was: copy the baseline again, from a new point before it."
)
@JSON
def run(file: Path, *, once: bool, anew: bool, as_json: bool) -> int:
    """Copy from one table to the other, or both ways, until stopped.

    May be stopped and killed at any moment; it goes on where it was. Exit codes: 0 stopped or done, 4 bad input or
    changes that the stream has forgotten, 5 another copier has taken over, 6 another copier is at work.
    """
    from bluegreen.cli._sync import copy, dynamo
    from bluegreen.clock import SystemClock
    from bluegreen.control.signals import Signals
    from bluegreen.errors import InUse, LeaseLost

    spec = dynamo(file)
    try:
        with Signals("leave", SystemClock()) as signals:
            copy(spec, signals, once=once, anew=anew, as_json=as_json)
    except InUse as error:
        click.echo(f"error: {error}", err=True)
        return SyncExit.IN_USE
    except LeaseLost as error:
        click.echo(f"stopped: {error}", err=True)
        return SyncExit.LEASE_LOST
    return SyncExit.WELL


@sync.command()
@FILE
@click.option("--sample", type=click.IntRange(1, 100_000), help="So many items. Default: the file's.")
@click.option("--publish", is_flag=True, help="Tell CloudWatch, as the file's `publish` says.")
@JSON
def compare(file: Path, sample: int | None, *, publish: bool, as_json: bool) -> int:
    """Compare a sample of two stores.

    Exit codes: 0 the sample is the same, 1 it is not, 4 bad input.
    """
    import json

    from bluegreen.cli._sync import compared, tell_cloudwatch
    from bluegreen.errors import UserError
    from bluegreen.sync.spec import load_sync
    from bluegreen.sync.telling import plain_comparison, plain_lag, show_comparison, show_lag

    spec = load_sync(file)
    if publish and spec.publish is None:
        raise UserError(f"{file}: --publish needs `publish` in the file")
    found, lags = compared(spec, sample)
    for one in found:
        click.echo(json.dumps(plain_comparison(one)) if as_json else show_comparison(one))
    for lag in lags:
        click.echo(json.dumps(plain_lag(lag)) if as_json else show_lag(lag))
    if publish:
        tell_cloudwatch(spec, found, lags)
    return SyncExit.DIVERGENT if any(one.divergent for one in found) else SyncExit.WELL


@sync.command()
@FILE
@JSON
def status(file: Path, *, as_json: bool) -> int:
    """Show how far a copier is, and who runs it, from its state table."""
    from bluegreen.cli._sync import asked, dynamo, opened
    from bluegreen.clock import SystemClock
    from bluegreen.sync.standing import runner, stood
    from bluegreen.sync.telling import json_report, show_report

    it = opened(dynamo(file))
    report = asked(lambda: stood(it.state, it.spec, SystemClock().now()))
    click.echo(json_report(report) if as_json else show_report(report) or "it was never begun")
    if not as_json:
        click.echo(asked(lambda: runner(it.state, it.spec)))
    return SyncExit.WELL


@sync.command()
@FILE
@JSON
def overwritten(file: Path, *, as_json: bool) -> int:
    """List the writes that were overwritten by one that did not know of them, with what they held."""
    import json
    from dataclasses import asdict

    from bluegreen.cli._sync import asked, dynamo, opened

    it = opened(dynamo(file))
    for one in asked(lambda: tuple(it.state.overwritten())):
        plain = {**asdict(one), "at": one.at.isoformat()}
        line = f"{one.at:%Y-%m-%d %H:%M:%S}  {one.loss}  {one.key}  {one.stamp}  {one.content}"
        click.echo(json.dumps(plain) if as_json else line)
    return SyncExit.WELL


@sync.command()
@FILE
def policy(file: Path) -> int:
    """Print the least IAM policy for a sync file."""
    import json

    from bluegreen.preview.policy.document import in_parts
    from bluegreen.sync.policy import grants_of
    from bluegreen.sync.spec import load_sync

    (document,) = in_parts(grants_of(load_sync(file)))
    click.echo(json.dumps(document, indent=2))
    return SyncExit.WELL
