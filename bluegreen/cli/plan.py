"""`bluegreen plan`: what a rollout will do, before it does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.cli._known import known_options
from bluegreen.cli._values import Finite

if TYPE_CHECKING:
    from bluegreen.preview.known import Known


@click.command()
@known_options(contents=True)
@click.option("--price", type=Finite(min=0), help="What a machine costs in an hour, in your currency.")
@click.option("--lcu-price", type=Finite(min=0), help="What a reserved capacity unit (LCU) costs in an hour.")
@click.option("--json", "as_data", is_flag=True, help="For machines: seconds, fractions, counts.")
def plan(file: Path, known: Known, *, price: float | None, lcu_price: float | None, as_data: bool) -> int:
    """Show what a rollout will do.

    Steps, times, the way back, costs, calls to AWS, and what is made and removed. Works on the file alone, and changes
    nothing; with --account AWS is asked, too. Exit codes: 0 shown, 4 bad input.
    """
    import json

    from bluegreen.errors import UserError
    from bluegreen.outside.locustfiles import need_locust
    from bluegreen.outside.migrations import need_migrations
    from bluegreen.outside.schemas import need_schema
    from bluegreen.plan import load_plan
    from bluegreen.preview.cost import Prices
    from bluegreen.preview.preview import as_json, preview
    from bluegreen.preview.text import plan_text

    planned = load_plan(file)
    try:
        need_locust(planned)
        need_schema(planned)
        need_migrations(planned)
    except UserError as error:  # another machine may perform it
        click.echo(f"from here it cannot be deployed: {error}", err=True)
    seen = preview(planned, known, Prices(price, lcu_price))
    click.echo(json.dumps(as_json(seen), indent=2) if as_data else plan_text(seen))
    return 0
