"""What `deploy` and `resume` share: the real AWS, the system clock, and what is told meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.cli import INTERRUPTED
from bluegreen.cli._tell import tell
from bluegreen.errors import Denied, InUse, LeaseLost, OperatingError, UserError
from bluegreen.model import End, Phase, Rollout
from bluegreen.units import show_duration, show_share

if TYPE_CHECKING:
    import boto3

    from bluegreen.cli._open import Opening
    from bluegreen.cli._opened import Opened
    from bluegreen.control.signals import Signals
    from bluegreen.engine import Engine
    from bluegreen.journal.entries import Decided, Entry
    from bluegreen.journal.heard import Listener
    from bluegreen.plan import Plan
    from bluegreen.ports import Journal


BEGIN = "AWS cannot be asked whether this rollout can begin"


class LiveExit(IntEnum):
    """What the exit code of a real rollout says."""

    SUCCEEDED = 0
    WENT_BACK = 1  # rolled back or aborted: users are where they were
    ROLLBACK_FAILED = 2
    NEEDS_OPERATOR = 3
    BAD_INPUT = 4
    LEASE_LOST = 5  # another engine has taken over and goes on
    IN_USE = 6  # another engine, or a rollout that has not ended: nothing was done


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
    except Denied as error:
        raise UserError(f"{BEGIN}: {error}; `bluegreen policy` prints what a rollout needs") from error
    except OperatingError as error:
        raise UserError(f"{BEGIN}: {error}") from error


def open_all(account: Account, plan: Plan, rollout_id: str, path: Path | None) -> AbstractContextManager[Opened]:
    """What one engine must have alone: in the team's table, or here, with the journal `path`. Raises InUse."""
    from bluegreen.cli._opened import opened_here, opened_shared
    from bluegreen.cli._where import caller, store_of
    from bluegreen.lease.place import lock_of

    if plan.team is not None:
        return opened_shared(plan, rollout_id, store_of(plan), caller())
    assert path is not None, "without a team a journal is a file"
    return opened_here(lock_of(plan.service.name, account.number, account.region), rollout_id, path)


def refuse(error: InUse) -> LiveExit:
    """Somebody else is at work: say so."""
    click.echo(f"error: {error}", err=True)
    return LiveExit.IN_USE


@dataclass(frozen=True, slots=True)
class Work:
    """One rollout to be done: by which file, and who may watch."""

    account: Account
    plan: Plan
    rollout_id: str
    file: Path
    page: Opening


def work(this: Work, opened: Opened, signals: Signals, begin: Callable[[Engine], Rollout]) -> int:
    """Do it, with whoever watches the page. Returns the exit code."""
    from bluegreen.cli._open import opened_page
    from bluegreen.control.kept import AtWork
    from bluegreen.live.followed import Followed
    from bluegreen.live.source import Told

    plan, holder = this.plan, opened.lease.holder
    told = Told(opened.inbox, signals.now, AtWork(alive=True, by=holder.name))
    with opened_page(this.page, Followed(told, plan), plan.service.name, holder.who) as page:
        engine = engine_on(this, opened, signals, [told.entry] if this.page.wanted else [])
        try:
            code = perform(engine, lambda: begin(engine), opened, signals, this.file)
        finally:
            told.engine = AtWork(alive=False, by=holder.name)
        page.end(_last_words(code, opened, this.file))
        return code


def _last_words(code: int, opened: Opened, file: Path) -> str:
    if code == INTERRUPTED:
        return f"The engine was told to leave. Go on with: {opened.resume(file)}"
    return "Another engine goes on." if code == LiveExit.LEASE_LOST else f"The report: {opened.report}"


def engine_on(this: Work, opened: Opened, signals: Signals, listeners: Sequence[Listener]) -> Engine:
    """An engine on real AWS that hears operators and signals, and tells what it does."""
    from bluegreen.aws.wiring import Machine, connect, with_outside
    from bluegreen.control.inbox import Taker
    from bluegreen.engine import Engine
    from bluegreen.journal.heard import Heard

    plan, session = this.plan, this.account.session
    ports = connect(session, plan, this.rollout_id, Machine(folder=opened.folder))
    ports = with_outside(session, plan, ports, opened.folder / f"{this.rollout_id}.checks")
    control = Taker(opened.journal, opened.inbox, signals)
    journal = Heard(Heard(Worried(opened.journal), Teller()), *listeners, told=0)
    return Engine(plan, ports, control, signals, journal, lease=opened.lease, by=opened.lease.holder.name)


class Worried:
    """`bluegreen.ports.Journal` that says on the terminal what it cannot write: there is no other place for it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def append(self, entry: Entry) -> None:
        try:
            self._journal.append(entry)
        except OperatingError as error:
            tell(f"{entry.at:%H:%M:%S}  {'trouble':10} the journal, so nothing is done: {error}", err=True)
            raise

    def entries(self) -> tuple[Entry, ...]:
        return self._journal.entries()


class Teller:
    """Prints each decision that says something new."""

    def __init__(self) -> None:
        self._said = ""

    def __call__(self, entry: Entry) -> None:
        from bluegreen.journal.entries import Decided, Failed, Resumed

        match entry:
            case Decided():
                self._tell_answers(entry)
                said = f"{entry.decision.rollout.phase:10} {entry.decision.why}"
            case Failed():
                said = f"{'trouble':10} {entry.trouble.what}: {entry.trouble.error}"
            case Resumed():
                said = f"{'resumed':10} {entry.why}"
            case _:
                return
        if said != self._said:
            tell(f"{entry.at:%H:%M:%S}  {said}")
        self._said = said

    def _tell_answers(self, entry: Decided) -> None:
        for answer in entry.decision.answers:
            asked = f"{answer.command.verb} by {answer.command.who} ({answer.command.why})"
            became = "accepted" if answer.accepted else "refused"
            tell(f"{entry.at:%H:%M:%S}  {'asked':10} {asked} - {became}: {answer.why}")


def perform(engine: Engine, begin: Callable[[], Rollout], opened: Opened, signals: Signals, file: Path) -> int:
    """Begin, and run to the end, or until told to leave: then say how to go on. Returns the exit code."""
    try:
        rollout = engine.run(_begun(begin), signals.go_on)
    except KeyboardInterrupt:
        tell(f"\nstopped at once; AWS is left as it is. Go on with: {opened.resume(file)}")
        raise
    except LeaseLost as error:
        tell(f"stopped: {error}", err=True)
        return LiveExit.LEASE_LOST
    if rollout.end is None:
        return _leave(engine, opened, signals, file)
    _report(opened)
    if rollout.not_made:
        raise UserError(f"{file}: {rollout.cause}; what had been made was removed")
    return EXITS[rollout.end]


def _begun(begin: Callable[[], Rollout]) -> Rollout:
    try:
        return begin()
    except OperatingError as error:
        raise UserError(f"the journal cannot be written, so nothing was done: {error}") from error


def _leave(engine: Engine, opened: Opened, signals: Signals, file: Path) -> int:
    from bluegreen.journal.entries import Left

    assert signals.received is not None, "only a signal stops a rollout that has not ended"
    try:
        engine.journal.append(Left(signals.now(), f"the engine received {signals.received.name}"))
    except (OperatingError, LeaseLost) as error:
        tell(f"this could not be written down: {error}", err=True)
    tell(f"\nstopped; AWS is left as it is. Go on with: {opened.resume(file)}")
    return INTERRUPTED


def _report(opened: Opened) -> None:
    """The report, and the summary."""
    from bluegreen.journal.entries import ENTRY
    from bluegreen.report import summary_text, write_report

    lines = [ENTRY.dump_json(entry).decode() for entry in opened.journal.entries()]
    try:
        write_report(lines, opened.report)
    except OSError as error:
        tell(f"the report could not be written: {error}", err=True)
    tell(f"\n{summary_text(lines, opened.report)}\njournal  {opened.where}")


def _how(plan: Plan) -> str:
    """How the candidate comes to be, in words."""
    spec = plan.candidate
    if spec.kept is not None:
        return f"what was kept ({spec.kept.group})"
    if spec.template is not None:
        return "a CloudFormation stack"
    if spec.beanstalk is not None:
        return f"an Elastic Beanstalk environment of {spec.beanstalk.application}"
    if spec.command is not None:
        return f"whatever `{spec.command.create}` makes"
    return f"a clone of {plan.live.group}"


def show_plan(plan: Plan, account: Account) -> None:
    """What would be done, in a few lines."""
    from bluegreen.clock import SystemClock

    live, candidate = plan.live.slot, plan.live.slot.other
    how = _how(plan)
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
    if closed := plan.windows.waits(SystemClock().now()):
        click.echo(f"  now it is {closed}")
