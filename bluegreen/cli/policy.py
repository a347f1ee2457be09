"""`bluegreen policy`: what a rollout needs to be allowed."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--role", "roles", multiple=True, help="Name of an IAM role that machines or lifecycle hooks get.")
@click.option("--part", type=click.IntRange(min=1), help="Which part, when one policy would be larger than IAM takes.")
def policy(file: Path, roles: tuple[str, ...], part: int | None) -> int:
    """Print the least IAM policy for a rollout file.

    As JSON, for who runs `deploy`. Works on the file alone. Exit codes: 0 printed, 4 bad input, also when the policy
    has to be printed in parts.
    """
    import json

    from bluegreen.errors import UserError
    from bluegreen.plan import load_plan
    from bluegreen.preview.policy.document import MAXIMUM, documents, remarks

    plan = load_plan(file)
    parts = documents(plan, roles)
    if part is None and len(parts) > 1:
        raise UserError(
            f"the policy is larger than the {MAXIMUM:,} characters that IAM takes; print its {len(parts)} parts one by"
            " one with --part 1 and so on, and attach all of them"
        )
    if (part or 1) > len(parts):
        raise UserError(f"--part {part}: there {'is one part' if len(parts) == 1 else f'are {len(parts)} parts'}")
    for remark in remarks(plan, roles):
        click.echo(remark, err=True)
    click.echo(json.dumps(parts[(part or 1) - 1], indent=2))
    return 0
