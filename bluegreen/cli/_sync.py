"""What the commands of `bluegreen sync` share: a file's two stores, opened, compared, and kept together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from typing import TYPE_CHECKING, TypeVar

import click

from bluegreen.clock import SystemClock, ticks
from bluegreen.errors import InUse, OperatingError, UserError

if TYPE_CHECKING:
    from pathlib import Path

    from bluegreen.aws.sync.wiring import Opened
    from bluegreen.control.signals import Signals
    from bluegreen.lease.shared import SharedLease
    from bluegreen.sync.compare import Comparison
    from bluegreen.sync.copier import Copier, Report
    from bluegreen.sync.lag import ReplicationLag
    from bluegreen.sync.spec import DynamoSync, PostgresSync

Result = TypeVar("Result")
LOOKS = 4
"""Looks at a lease in its length."""


def asked(ask: Callable[[], Result]) -> Result:
    """Ask something that may not answer. Raises UserError when it does not."""
    try:
        return ask()
    except OperatingError as error:
        raise UserError(f"no answer, or a refusal: {error}") from error


def dynamo(file: Path) -> DynamoSync:
    """A sync file of two DynamoDB tables. Raises UserError."""
    from bluegreen.sync.spec import DynamoSync, load_sync

    spec = load_sync(file)
    if not isinstance(spec, DynamoSync):
        raise UserError(f"{file}: kind: postgres is kept together by somebody else; only `compare` is for it")
    return spec


def opened(spec: DynamoSync) -> Opened:
    """Its tables and state, checked. Raises UserError."""
    from bluegreen.aws.sync.wiring import opened as open_all
    from bluegreen.aws.sync.wiring import opener

    return asked(lambda: open_all(spec, opener(spec.guard)))


# -- comparing --------------------------------------------------------------------------------------------------------


def compared(
    spec: DynamoSync | PostgresSync, sample: int | None
) -> tuple[Sequence[Comparison], Sequence[ReplicationLag]]:
    """What a sample says, and how far replication is behind where that can be asked. Raises UserError."""
    from bluegreen.sync.spec import DynamoSync

    count = sample or spec.compare.sample
    if isinstance(spec, DynamoSync):
        it = opened(spec)
        return asked(lambda: [compare_once(it, count)]), ()
    if find_spec("psycopg") is None:
        raise UserError(
            "PostgreSQL's driver is not installed; install it with: pip install 'bluegreen-rehearsal[schema]'"
        )
    from bluegreen.sync.relational.watch import watched

    return asked(lambda: watched(spec, count, SystemClock()))


def compare_once(it: Opened, sample: int) -> Comparison:
    """Compare a sample of the two tables. Raises OperatingError."""
    from bluegreen.sync.compare import compare

    first, second = it.samples()
    clock, patience = SystemClock(), it.spec.compare.patience
    seed = int(clock.now().timestamp())
    return compare(it.spec.name, first, second, sample=sample, seed=seed, patience=patience, pause=clock.sleep)


def tell_cloudwatch(
    spec: DynamoSync | PostgresSync, found: Sequence[Comparison], lags: Sequence[ReplicationLag]
) -> None:
    """Publish what was found. Raises UserError."""
    from bluegreen.aws.sync.wiring import opener, publisher

    assert spec.guard is not None, "a file that publishes has a guard"
    guard, at = spec.guard, SystemClock().now()
    to = asked(lambda: publisher(spec, opener(guard)))
    assert to is not None, "asked only for files that publish"
    asked(lambda: to.comparisons(found, at))
    asked(lambda: to.replication(lags, at))


# -- copying ----------------------------------------------------------------------------------------------------------


def copy(spec: DynamoSync, signals: Signals, *, once: bool, anew: bool, as_json: bool) -> None:
    """Run until a signal comes, or `once`: until all is quiet. Raises UserError, InUse, LeaseLost."""
    from bluegreen.aws.sync.wiring import check_streams, copier
    from bluegreen.sync.telling import Teller, json_report, show_report

    it = opened(spec)
    asked(lambda: check_streams(spec, it))
    with ThreadPoolExecutor(1) as aside:
        teller = Teller(
            click.echo,
            json_report if as_json else show_report,
            asked(it.publisher),
            lambda: compare_once(it, spec.compare.sample),
            spec.compare.every,
            aside,
        )
        with copier(it, signals, teller) as it_copies:
            obtain(it_copies.lease)
            try:
                last = asked(lambda: _run(it_copies, signals, once=once, anew=anew))
                click.echo(teller.words(last))
            finally:
                it_copies.lease.release()


def _run(copier: Copier, signals: Signals, *, once: bool, anew: bool) -> Report:
    if anew:
        for direction in copier.directions:
            copier.state.forget(direction.name)
    copier.state.losses()

    def go_on(report: Report | None) -> bool:
        done = once and report is not None and report.quiet and all(one.baseline for one in report.directions)
        return signals.received is None and not done

    return copier.run(go_on)


def obtain(lease: SharedLease) -> None:
    """Watch as long as it takes to know whether whoever has it is alive. Raises InUse when so."""
    told = ""
    for _ in ticks(lease.length / LOOKS):
        try:
            if lease.acquire():
                return
            news = f"{lease.seen} has the lease; watching for up to {lease.length} whether it is alive"
        except InUse as error:
            raise InUse(f"{lease.service}: another copier is at work: {lease.seen}. Nothing was done") from error
        except OperatingError as error:
            news = f"the lease cannot be asked for: {error}"
        if news != told:
            click.echo(news, err=True)
        told = news
