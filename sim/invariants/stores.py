"""Always, where each slot has a store of its own: what the engine may do while the two are apart.

By what really happened, up to the newest minute that could be known when it looked, or became known while it did.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from bluegreen.data.sync import Sync
from bluegreen.journal.entries import Decided
from bluegreen.model import Phase
from sim.clock import EPOCH, ms, now_ms
from sim.data.together import MINUTE, Together, Told
from sim.invariants.base import Record, on_passage

if TYPE_CHECKING:
    from collections.abc import Iterator


@on_passage
def no_step_while_the_stores_are_apart(record: Record, entry: Decided, before: Decided | None) -> str:
    """Neither one that sends users to a store that lacks writes, nor one that ends a store whose writes are missing in
    the other."""
    if before is None:
        return ""
    rollout, then = entry.decision.rollout, before.decision.rollout
    steps = (then.phase, rollout.phase) == (Phase.SCALE, Phase.SHIFT)
    retires = (then.phase, rollout.phase) == (Phase.DRAIN, Phase.RETIRE) and then.leaving is then.live
    if not (steps or retires):
        return ""
    apart = _apart(record, entry, losses=True)
    return f"{'users were sent on' if steps else f'{then.live} was retired'} though {apart}" if apart else ""


@on_passage
def writes_of_one_store_are_given_up_by_a_person(record: Record, entry: Decided, before: Decided | None) -> str:
    """Going back while the stores are apart, or nobody knows, loses writes: somebody was told, and took it upon
    himself."""
    if before is None:
        return ""
    rollout, then = entry.decision.rollout, before.decision.rollout
    turned = rollout.leaving is rollout.candidate and then.leaving is not rollout.candidate
    if not turned or not then.exposed or (rollout.data is not None and rollout.data.confirmed):
        return ""
    apart = _apart(record, entry, losses=False)
    return f"it went back by itself though {apart}" if apart else ""


def _apart(record: Record, entry: Decided, *, losses: bool) -> str:
    """Why nobody could take the stores for one, or nothing."""
    data, tier = record.plan.data, record.world.data
    if not isinstance(data, Sync) or tier is None or tier.together is None:
        return ""
    looked, now = _ms(entry.at), now_ms(record.world.env)
    could = _could_know(tier.together, looked, now, ms(data.max_age))
    found = [_wrong(data, told, looked, losses=losses) for told in could]
    return "" if "" in found else next(iter(found), "nobody had told anything of them")


def _could_know(together: Together, looked: int, now: int, patience: int) -> Iterator[Told]:
    """The newest minute at the beginning of the look, and those that were published while it lasted, each with the
    worst of what was found different in the time before it."""
    late, first = together.known(now), max(0, len(together.known(looked)) - 1)
    for number, told in enumerate(late[first:], first):
        worst = max(each.divergent for each in late[: number + 1] if told.at - each.at <= patience)
        yield told._replace(divergent=worst)


def _wrong(data: Sync, told: Told, looked: int, *, losses: bool) -> str:
    if looked - (told.at + MINUTE) > ms(data.max_age):
        return f"the last that was told of them was of {(looked - told.at - MINUTE) / 1000:.0f} s ago"
    if told.lag >= data.lag_below.total_seconds():
        return f"one was {told.lag:.1f} s behind"
    if told.divergent:
        return f"{told.divergent:.0f} of the compared items were not the same"
    for what, count, limit in (
        ("in conflict", told.conflicts, data.conflicts_at_most),
        ("dropped", told.drops, data.drops_at_most),
    ):
        if losses and limit is not None and count > limit:
            return f"{count:.0f} writes were {what}"
    return ""


def _ms(at: datetime) -> int:
    return round((at - EPOCH).total_seconds() * 1000)
