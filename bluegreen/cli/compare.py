"""`bluegreen compare`: two traces beside each other."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click

from bluegreen.cli._values import LENGTH, SHARE


@click.command()
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@click.option("--share-within", "share", metavar="SHARE", type=SHARE, help="Users on the candidate, on average.")
@click.option("--times-within", "times", metavar="TIME", type=LENGTH, help="To move, detect, go back, finish.")
@click.option("--failed-within", "failed", metavar="SHARE", type=SHARE, help="Failed requests' share of all.")
@click.option("--same-decisions", is_flag=True, help="The same end by the same way.")
@click.option("--reports", default=Path("reports"), show_default=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def compare(
    first: Path,
    second: Path,
    *,
    share: float | None,
    times: timedelta | None,
    failed: float | None,
    same_decisions: bool,
    reports: Path,
    as_json: bool,
) -> int:
    """Lay two rollouts beside each other, on one page and in numbers.

    FIRST and SECOND are traces of rehearsals or drills, or journals of deployments, in any combination. Options say how
    far they may be apart. Exit codes: 0 within all limits, or there are none; 1 beyond one; 4 bad input.
    """
    import json

    from bluegreen.cli import Exit
    from bluegreen.errors import UserError
    from bluegreen.report.compared.differences import Limits
    from bluegreen.report.compared.differences import compare as compared
    from bluegreen.report.compared.page import write_comparison
    from bluegreen.report.compared.side import read_sides
    from bluegreen.report.compared.words import as_data, comparison_text

    seconds = None if times is None else times.total_seconds()
    found = compared(read_sides(first, second), Limits(share, seconds, failed, same_decisions))
    out = reports / f"{_name(first)}-beside-{_name(second)}.html"
    try:
        page = write_comparison(found, out)
    except OSError as error:
        raise UserError(f"{out}: cannot be written ({error.strerror}); take another folder by --reports") from error
    if as_json:
        click.echo(json.dumps({**as_data(found), "page": str(page)}, indent=2))
    else:
        click.echo(f"{comparison_text(found)}\n\npage  {page}")
    return Exit.AS_EXPECTED if found.kept else Exit.EXPECTATION_MISSED


def _name(trace: Path) -> str:
    """Every drill calls its files alike: there it is the folder that has a name."""
    own = trace.name.partition(".")[0]
    return trace.resolve().parent.name if own in ("drill", "rollout") else own
