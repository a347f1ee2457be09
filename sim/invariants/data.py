"""Always: what becomes of acknowledged writes, and of code that needs a form of the schema.

What a leaking fence, or somebody's hand, has done is not the engine's: it could not know. Of two stores that are kept
together only the writes that stayed on one side are left out, or all where nobody compares what is overwritten.
"""

from __future__ import annotations

import re
from math import inf
from typing import TYPE_CHECKING

from bluegreen.data.replica import Replica
from sim.data.judge import judge
from sim.data.tier import used_in_the_end
from sim.effects import DataChanged, Effect
from sim.invariants.base import Record, at_end, on_effect
from sim.invariants.effects import requests_of

if TYPE_CHECKING:
    from sim.data.books import Where


@on_effect
def contracted_only_when_nobody_reaches_old_code(record: Record, effect: Effect) -> str:
    """By what really happened, up to the newest minute that could be known."""
    if not isinstance(effect, DataChanged) or effect.what != "contract" or effect.by != "engine":
        return ""
    live = record.plan.live.slot
    if record.world.dns.answers().get(live, 0.0) > 0:
        return f"the schema was contracted while DNS still answered with {live}"
    here, total = requests_of(record, live)
    if here > record.plan.drain.below * total:
        return f"the schema was contracted though {here:.0f} of {total:.0f} requests had just reached {live}"
    return ""


@on_effect
def promoted_only_with_all_writes(record: Record, effect: Effect) -> str:
    """Writes were fenced, and of those before it the replica lacks no more than the plan allows. A lag alone says
    nothing: while nothing is written it grows, though nothing is missing."""
    data = record.plan.data
    if not isinstance(effect, DataChanged) or effect.what != "promotion" or not isinstance(data, Replica):
        return ""
    if effect.by != "engine":
        return ""
    limit = data.lag_at_most.total_seconds()
    if not effect.fenced:
        return "the replica was promoted while writes were let in"
    if effect.missed and not 0 <= effect.lag <= limit:
        lacks = f"without {effect.missed} acknowledged writes"
        return f"the replica was promoted with a lag of {effect.lag:g} s, {lacks}; {limit:g} s are allowed"
    if effect.missed and not limit and not record.world.hazards.leaked:
        return f"the replica was promoted without {effect.missed} acknowledged writes"
    return ""


@at_end
def no_acknowledged_write_is_lost(record: Record) -> str:
    """... unless an operator was told how many, or that nobody counts them, and took it upon himself."""
    tier, truth = record.world.data, _truth(record)
    if tier is None or truth is None or record.world.hazards.leaked:
        return ""
    lost, stated = tier.lost(truth), _stated(record)
    if lost <= stated:
        return ""
    return f"{lost} acknowledged writes are lost" + (f"; {stated} were stated and confirmed" if stated else "")


@at_end
def the_history_of_tracked_keys_is_sound(record: Record) -> str:
    """Followed one by one, and judged without the counts."""
    tier, slot = record.world.data, used_in_the_end(record.rollout)
    if tier is None or slot is None or (tier.unordered if tier.together is not None else record.world.hazards.leaked):
        return ""
    found = judge(tier.history(slot, confirmed=_stated(record) > 0), settled=False)
    return f"{len(found)} findings, first: {found[0]}" if found else ""


def _truth(record: Record) -> Where | None:
    """Which database they use."""
    tier, slot = record.world.data, used_in_the_end(record.rollout)
    return None if tier is None or slot is None else tier.uses(slot)


def _stated(record: Record) -> float:
    """How many lost writes an operator was told of in the end and has confirmed. Where the plan has nobody count them
    he is told that, and takes all of them upon himself."""
    rollout, data = record.rollout, record.plan.data
    if data is None or rollout is None or rollout.data is None or not rollout.data.confirmed:
        return 0
    if data.count() is None:
        return inf
    run = rollout.runs.get("data/lost-in-the-end")
    number = re.match(r"\d+", run.detail) if run is not None else None
    return int(number[0]) if number else 0
