"""`bluegreen schema`: the JSON Schema of rollout files, for editors."""

from __future__ import annotations

import json

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of rollout files."""
    from bluegreen.plan import Plan

    click.echo(json.dumps(Plan.model_json_schema(), indent=2))
