"""`bluegreen schema-check`: can old and new code both work with each state of the schema?"""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path
from typing import Any

import click


class Exit(IntEnum):
    """What the exit code of a schema check says."""

    WORKS = 0
    FAILS = 1
    UNKNOWN = 3
    BAD_INPUT = 4


def _schema(context: click.Context, _option: Any, wanted: bool) -> None:
    """No file is needed for that."""
    if wanted:
        import json

        from bluegreen.schema.spec import SchemaCheck

        click.echo(json.dumps(SchemaCheck.model_json_schema(), indent=2))
        context.exit()


@click.command("schema-check")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_data", is_flag=True, help="For machines.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Also write it as one page.")
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_schema,
    help="Print the JSON Schema of such files, for editors, and exit.",
)
def schema_check(file: Path, html: Path | None, *, as_data: bool) -> int:
    """Run old and new code against each state of the schema, on a throw-away database.

    With rows that the other version wrote. Says who works with what, and when each step is safe. Exit codes: 0 both
    versions work, 1 they do not, 3 it could not be found out, 4 bad input.
    """
    import json
    import signal
    import sys

    from bluegreen.schema.checking import checked_and_judged
    from bluegreen.schema.moments import Answer
    from bluegreen.schema.text import check_json, check_text

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was made is removed on the way out
    checked, judged = checked_and_judged(file)
    if html is not None:
        from bluegreen.report.schema import write_schema_page

        write_schema_page(str(file), checked, judged, html)
    told = json.dumps(check_json(str(file), checked, judged), indent=2)
    click.echo(told if as_data else check_text(str(file), checked, judged))
    return {Answer.WORKS: Exit.WORKS, Answer.FAILS: Exit.FAILS, Answer.UNKNOWN: Exit.UNKNOWN}[judged.answer]
