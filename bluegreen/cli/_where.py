"""Which rollout a command means: by its rollout file (the service's newest), or by its journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bluegreen.errors import OperatingError, UserError

if TYPE_CHECKING:
    from bluegreen.control.kept import Kept, KeptHere, KeptShared, Line
    from bluegreen.lease.store import Store
    from bluegreen.plan import Plan

Result = TypeVar("Result")

WHAT = click.argument("what", metavar="FILE-or-JOURNAL", type=click.Path(path_type=Path))
WHICH = click.option("--rollout", default="", help="With FILE: that rollout. Default: the service's newest.")


@dataclass(frozen=True, slots=True)
class Found:
    """A rollout, and its file when that was named."""

    kept: Kept
    named: Path
    plan: Plan | None = None


def find(what: Path, rollout: str = "") -> Found:
    """Raises UserError when there is none."""
    if what.suffix not in (".yaml", ".yml"):
        return Found(_journal(what), what)
    from bluegreen.plan import load_plan

    plan = load_plan(what)
    kept = _shared(plan, rollout) if plan.team else _here(plan, rollout)
    return Found(kept, what, plan)


def found_by(file: Path, journal: Path | None, rollout: str) -> Found:
    """A rollout and the file that it was made by. Raises UserError when the file has changed since."""
    from bluegreen.journal.shared import started
    from bluegreen.plan import load_plan

    found = find(file, rollout) if journal is None else Found(_journal(journal), file, load_plan(file))
    begun, plan = started(asked(found.kept.entries)), found.plan
    if plan is None:
        raise UserError(f"{file}: the rollout file is needed here (.yaml); name a journal with --journal")
    if begun.plan_hash != plan.hash:
        raise UserError(
            f"{file} is not the plan that {found.kept.where} began with (hash {begun.plan_hash}, now {plan.hash});"
            " a rollout's plan never changes: restore the file, or finish by hand"
        )
    return found


def store_of(plan: Plan) -> Store:
    """The team's table. Raises UserError when there is none."""
    from bluegreen.aws.session import Api, open_session
    from bluegreen.aws.team.dynamodb import DynamoStore

    assert plan.team is not None, "asked only for plans with a team"
    store = DynamoStore(Api(open_session()), plan.team.table)
    asked(store.check)
    return store


def caller() -> str:
    """Who AWS says we are: a role and its session, or a user."""
    from bluegreen.aws.session import Api, open_session

    arn = str(asked(lambda: Api(open_session()).call("sts", "get_caller_identity"))["Arn"])
    return arn.partition("/")[2] or arn.rpartition(":")[2]


def asked(ask: Callable[[], Result]) -> Result:
    """Ask something that may not answer. Raises UserError when it does not: this command has no second look."""
    try:
        return ask()
    except OperatingError as error:
        raise UserError(f"AWS cannot be asked: {error}") from error


def lines(plan: Plan) -> list[Line]:
    """All rollouts of the plan's service, oldest first."""
    from bluegreen.control.kept import lines_of, shared

    if plan.team is None:
        return lines_of(_all_here(plan))
    store = store_of(plan)
    return asked(lambda: shared(store, plan.service.name))


def _journal(path: Path) -> KeptHere:
    from bluegreen.control.kept import KeptHere

    if not path.is_file():
        raise UserError(f"there is no journal {path}; name a rollout file (.yaml) or a journal")
    return KeptHere(path)


def _here(plan: Plan, rollout: str) -> KeptHere:
    from bluegreen.control.kept import JOURNALS, line_in

    found = _all_here(plan)
    if rollout:
        found = [kept for kept in found if (line := line_in(kept)) is not None and line.rollout == rollout]
    if not found:
        which, places = rollout or plan.service.name, f"in {JOURNALS} or where this machine's locks say"
        raise UserError(f"there is no journal of {which} {places}; name the journal itself")
    return found[-1]


def _all_here(plan: Plan) -> list[KeptHere]:
    """A service's journals on this machine, oldest first: in the usual folder, and wherever its locks say."""
    from bluegreen.control.kept import JOURNALS, here, in_order, signed
    from bluegreen.lease.place import lock_of

    service, guard = plan.service.name, plan.guard
    locks = [lock_of(service, account, region) for account in guard.accounts for region in guard.regions]
    found = {kept.path.resolve(): kept for kept in (*signed(locks), *here(JOURNALS, service))}
    return in_order(found.values())


def _shared(plan: Plan, rollout: str) -> KeptShared:
    from bluegreen.control.kept import KeptShared, shared

    store, service = store_of(plan), plan.service.name
    known = [line.rollout for line in asked(lambda: shared(store, service))]
    if not known or (rollout and rollout not in known):
        last = f"; the last ones are {', '.join(known[-3:])}" if known else ""
        raise UserError(f"the team's table has no rollout {rollout or f'of {service}'}{last}")
    return KeptShared(store, service, rollout or known[-1])
