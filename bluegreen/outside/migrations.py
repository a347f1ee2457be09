"""A step of a rollout's beside the engine: the team's own program, or a process of ours for SQL files. Found, never
imported: it needs a database's driver, which only its own process loads."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping

from bluegreen.checks.command import CommandCheck
from bluegreen.errors import UserError
from bluegreen.plan import Plan
from bluegreen.schema.databases.url import parts_of
from bluegreen.schema.databases.used import need_kind
from bluegreen.schema.migrate import read
from bluegreen.schema.migration import Migration

UNREACHABLE = 3
"""The exit code by which our process says that the database is not there."""


def command(migration: Migration, environment: Mapping[str, str]) -> CommandCheck:
    """What is to be run. `environment`: the engine's, with the database's URL in it, where programs need one."""
    step, program = migration.step, migration.step.program()
    if program is None:
        ours = (sys.executable, "-P", "-m", "bluegreen.schema.migrate", step.model_dump_json(), migration.url_from)
        return _check(migration, ours, unknown_codes=(UNREACHABLE,))
    url = environment.get(migration.url_from)
    told = {} if url is None else {**parts_of(url), program.variable: url}
    told = {**told, "BLUEGREEN_STEP": migration.name, **program.environment}
    return _check(migration, program.run, folder=program.folder, environment=told)


def _check(migration: Migration, run: tuple[str, ...], **more: object) -> CommandCheck:
    return CommandCheck.model_validate({"name": migration.name, "run": run, "timeout": migration.timeout, **more})


def migrations(plan: Plan) -> Iterator[Migration]:
    """All that a plan has."""
    for check in plan.data.commands() if plan.data is not None else ():
        if isinstance(check, Migration):
            yield check


def need_migrations(plan: Plan) -> None:
    """Raises UserError when a step cannot be applied from here: no URL, no driver, files that cannot be read."""
    for each in migrations(plan):
        if not each.step.needs_url:
            continue
        url = os.environ.get(each.url_from, "")
        if not url:
            raise UserError(
                f"data.{each.name}: the environment has no {each.url_from}, where the URL of the database is looked"
                " for; set it, or name another with data.url_from"
            )
        if each.step.program() is None:
            need_kind(url, each.url_from)
            read(each.step)
