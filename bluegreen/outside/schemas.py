"""A schema check beside the engine: its command line, and what its answer says. Found, never imported: it needs a
database's driver, which only its own process loads."""

from __future__ import annotations

import sys
from pathlib import Path

from bluegreen.checks.schema import SchemaCompatible
from bluegreen.model import CheckView
from bluegreen.outside.processes import Outcome
from bluegreen.plan import Plan
from bluegreen.schema.databases.opened import need_database
from bluegreen.schema.spec import load_schema_check

ANSWERS = (0, 1, 3)
"""Exit codes of `schema-check` that answer: works, fails, cannot be found out."""
MOST = 1_000
"""So many letters of the answer are told."""


def command(check: SchemaCompatible, page: Path) -> list[str]:
    """`page`: where the answer is written for people."""
    ours = "from bluegreen.cli import main; main()"
    return [sys.executable, "-P", "-c", ours, "schema-check", str(check.file), "--html", str(page.resolve())]


def judge(outcome: Outcome, output: Path) -> CheckView:
    """What it says begins with the answer and why, then who works with what; what is no answer is unknown."""
    if outcome.error or outcome.late or outcome.code not in ANSWERS:
        return CheckView("unknown", outcome.words)
    answer, _, rest = output.read_text(encoding="utf-8", errors="replace").partition("\n\n")
    matrix = rest.partition("\n\n")[0]
    lines = [" ".join(line.split()) for line in (*answer.splitlines(), *matrix.splitlines())]
    told = " / ".join(line for line in lines if line)[:MOST]
    match outcome.code:
        case 0:
            return CheckView("passed", told)
        case 1:
            return CheckView("failed", told)
        case _:
            return CheckView("unknown", told)


def schema_checks(plan: Plan) -> list[SchemaCompatible]:
    """All that a plan asks for."""
    asked = (*plan.verify.checks, *(hook.check for hook in plan.hooks))
    return [check for check in asked if isinstance(check, SchemaCompatible)]


def need_schema(plan: Plan) -> None:
    """Raises UserError when a schema check's file is wrong, or what it needs is not installed."""
    for check in schema_checks(plan):
        need_database(load_schema_check(check.file))
