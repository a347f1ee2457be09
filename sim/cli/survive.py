"""`bluegreen survive`: does this rollout survive every interruption of every call?"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bluegreen.cli import Exit
from sim.cli._progress import Progress

if TYPE_CHECKING:
    from sim.interruptions import Survival

SHOWN = 10


@click.command()
@click.argument("rollout", type=click.Path(path_type=Path), required=False)
@click.option("--scenario", "scenario_name", metavar="NAME|FILE", help="What happens; see `bluegreen scenarios`.")
@click.option("--seed", default=1, show_default=True, type=click.IntRange(min=0))
@click.option("--tier", default="memory", show_default=True, type=click.Choice(["memory", "moto"]))
@click.option("--every", default=1, show_default=True, type=click.IntRange(min=1), help="Only every n-th call.")
@click.option("--jobs", default=os.cpu_count() or 1, show_default="all cores", type=click.IntRange(min=1))
def survive(*, rollout: Path | None, scenario_name: str | None, seed: int, tier: str, every: int, jobs: int) -> int:
    """Interrupt every call of a rehearsed rollout, one at a time.

    Before and after each call the engine dies; each call is throttled, times out, or takes effect while its reply is
    lost. The rollout must reach the same end as without, and no invariant may break. Exit codes: 0 all survived,
    2 some not, 3 the rollout does not end well even without interruptions, 4 bad input.
    """
    from sim.interruptions import Survival, every_way
    from sim.interruptions import survive as perform
    from sim.material import material
    from sim.scenario import find_scenario, first
    from sim.tiers import Tier

    path = first() if scenario_name is None else find_scenario(scenario_name)
    brought = material(path, rollout, seed, Tier(tier))
    end, broken, _ = brought.end_with()
    if end is None or broken:
        click.echo(f"without any interruption: {broken or 'no end was reached'}")
        return Exit.DID_NOT_CONVERGE
    with Progress() as progress:
        for done in perform(brought, partial(every_way, every=every), jobs=jobs):
            if isinstance(done, Survival):
                break
            progress.say(str(done))
    assert isinstance(done, Survival), "there is a count at last"
    return _tell(done)


def _tell(done: Survival) -> int:
    click.echo(f"{done.calls} calls, end: {done.end}")
    for fatal in done.fatal[:SHOWN]:
        click.echo(f"  {fatal.kind} call {fatal.call}, {fatal.operation}: {fatal.why}")
    if len(done.fatal) > SHOWN:
        click.echo(f"  and {len(done.fatal) - SHOWN} more")
    click.echo(done)
    return Exit.INVARIANT_BROKEN if done.fatal else Exit.AS_EXPECTED
