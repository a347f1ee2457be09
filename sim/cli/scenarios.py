"""`bluegreen scenarios`: what the catalogue has."""

from __future__ import annotations

import json

import click


@click.command()
@click.option("--schema", is_flag=True, help="Print the JSON Schema of scenario files instead.")
def scenarios(schema: bool) -> None:
    """List the built-in scenarios."""
    from sim.scenario import Scenario, built_in, load_scenario

    if schema:
        click.echo(json.dumps(Scenario.model_json_schema(), indent=2))
        return
    known = built_in()
    width = max(map(len, known), default=0)
    for name, path in known.items():
        click.echo(f"{name:{width}}  {load_scenario(path).about}")
