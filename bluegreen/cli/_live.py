"""What `deploy` and `resume` share: the real AWS, the system clock, a journal on disk, and what is told meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.errors import OperatingError, UserError
from bluegreen.model import End, Phase, Rollout
from bluegreen.units import show_duration, show_share

if TYPE_CHECKING:
    import boto3

    from bluegreen.engine import Engine
    from bluegreen.journal.entries import Entry
    from bluegreen.journal.local import FileJournal
    from bluegreen.plan import Plan

JOURNALS = Path(".bluegreen")
SUFFIX = ".journal.jsonl"


class LiveExit(IntEnum):
    """What the exit code of a real rollout says."""

    SUCCEEDED = 0
    WENT_BACK = 1  # rolled back or aborted: users are where they were
    ROLLBACK_FAILED = 2
    NEEDS_OPERATOR = 3
    BAD_INPUT = 4


EXITS = {
    End.SUCCEEDED: LiveExit.SUCCEEDED,
    End.ROLLED_BACK: LiveExit.WENT_BACK,
    End.ABORTED: LiveExit.WENT_BACK,
    End.ROLLBACK_FAILED: LiveExit.ROLLBACK_FAILED,
    End.NEEDS_OPERATOR: LiveExit.NEEDS_OPERATOR,
}


@dataclass(frozen=True, slots=True)
class Account:
    """Where a rollout would act, checked against the rollout file's guard."""

    session: boto3.Session
    number: str
    region: str


def open_account(plan: Plan) -> Account:
    """The account and region that boto3's own settings lead to. Raises UserError when the file does not list them."""
    from bluegreen.aws.session import Api, guard, open_session

    session = open_session()
    try:
        number = guard(Api(session), plan.guard, session.region_name or "")
    except OperatingError as error:
        raise UserError(f"AWS cannot be asked who we are: {error}") from error
    return Account(session, number, session.region_name or "")


def check_account(account: Account, plan: Plan, rollout_id: str) -> None:
    """Ask AWS whether the rollout can begin. Raises UserError with one line for each problem."""
    from bluegreen.aws.wiring import preflight

    try:
        preflight(account.session, plan, rollout_id)
    except OperatingError as error:
        raise UserError(f"AWS cannot be asked whether this rollout can begin: {error}") from error


def engine_on(account: Account, plan: Plan, rollout_id: str, journal: FileJournal) -> Engine:
    """An engine on real AWS that tells what it does."""
    from bluegreen.aws.wiring import connect
    from bluegreen.clock import SystemClock
    from bluegreen.engine import Engine
    from bluegreen.journal.heard import Heard

    ports = connect(account.session, plan, rollout_id)
    return Engine(plan, ports, Nobody(), SystemClock(), Heard(journal, Teller()))


class Nobody:
    """`bluegreen.ports.Control` when no operator can speak."""

    def take(self) -> tuple[()]:
        return ()


class Teller:
    """Prints each decision that says something new."""

    def __init__(self) -> None:
        self._said = ""

    def __call__(self, entry: Entry) -> None:
        from bluegreen.journal.entries import Decided, Failed, Resumed

        match entry:
            case Decided():
                said = f"{entry.decision.rollout.phase:10} {entry.decision.why}"
            case Failed():
                said = f"{'trouble':10} {entry.trouble.what}: {entry.trouble.error}"
            case Resumed():
                said = f"{'resumed':10} {entry.why}"
            case _:
                return
        if said != self._said:
            click.echo(f"{entry.at:%H:%M:%S}  {said}")
        self._said = said


def perform(engine: Engine, rollout: Rollout, journal: FileJournal, file: Path) -> LiveExit:
    """Run to the end, or until interrupted: then say how to go on."""
    try:
        rollout = engine.run(rollout)
    except KeyboardInterrupt:
        click.echo(f"\nstopped; AWS is left as it is. Go on with: bluegreen resume {file} --journal {journal.path}")
        raise
    assert rollout.end is not None
    _report(journal)
    if rollout.not_made:
        raise UserError(f"{file}: {rollout.cause}; what had been made was removed")
    return EXITS[rollout.end]


def _report(journal: FileJournal) -> None:
    """The report beside the journal, and the summary."""
    from bluegreen.report import summary_text, write_report

    page = journal.path.parent / (journal.path.name.removesuffix(SUFFIX) + ".html")
    try:
        write_report(journal.path, page)
    except OSError as error:
        click.echo(f"the report could not be written: {error}", err=True)
    click.echo(f"\n{summary_text(journal.path, page)}\njournal  {journal.path}")


def show_plan(plan: Plan, account: Account) -> None:
    """What would be done, in a few lines."""
    live, candidate = plan.live.slot, plan.live.slot.other
    how = "a CloudFormation stack" if plan.candidate.template else f"a clone of {plan.live.group}"
    click.echo(f"account {account.number}, region {account.region}: {plan.service.record} in {plan.service.zone}")
    click.echo(
        f"  {Phase.PROVISION}: {candidate} as {how}, beside {live}; {Phase.VERIFY}: healthy for "
        f"{show_duration(plan.verify.healthy_for)}"
    )
    steps = ", ".join(f"{show_share(step.share)} for {show_duration(step.hold)}" for step in plan.steps)
    click.echo(f"  {Phase.SHIFT}: {steps}; each needs {', '.join(gate.name for gate in plan.gates)} to pass")
    click.echo(
        f"  {Phase.BAKE}: {show_duration(plan.bake)}; {Phase.DRAIN}: until {live} has been quiet for "
        f"{show_duration(plan.drain.quiet)}, at most {show_duration(plan.drain.ceiling)}; then {plan.retire} it"
    )
