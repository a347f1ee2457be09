"""A file in, the answer out: the database is made, used and removed here."""

from __future__ import annotations

from pathlib import Path

from bluegreen.errors import OperatingError
from bluegreen.schema.check import Check
from bluegreen.schema.databases.opened import opened
from bluegreen.schema.moments import Answer, Judged, judge
from bluegreen.schema.outcome import Checked
from bluegreen.schema.spec import load_schema_check


def checked_and_judged(file: Path) -> tuple[Checked, Judged]:
    """Raises UserError when a file is wrong, or something is not installed. What goes wrong with the database itself
    is an answer: nobody can tell."""
    spec = load_schema_check(file)
    try:
        with opened(spec) as database:
            checked = Check(spec, database).run()
    except OperatingError as error:
        return Checked(spec.database.kind, (), (), (), {}), Judged(Answer.UNKNOWN, (str(error),), ())
    return checked, judge(checked)
