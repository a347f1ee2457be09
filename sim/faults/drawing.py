"""Faults from a seed: which, how bad, when, and for how long. No kind of its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from bluegreen.model import Phase
from bluegreen.registry import kinds
from sim.faults.base import Deed, Fault
from sim.faults.chance import Chance

MINUTE = timedelta(minutes=1)
LONGEST = 40
"""Minutes that a drawn fault lasts at most: it heals before a rollout's deadlines are over."""


SETS = (
    ("az_loss", "metric_delay"),
    ("az_loss", "no_capacity", "api_throttle"),
    ("demand_spike", "api_throttle"),
    ("bad_release", "metric_gap"),
    ("slow_dns", "api_slow"),
    ("instance_loss", "no_capacity"),
    ("bad_release", "engine_crash"),
)
"""Kinds that come together: a zone's loss fills the others and floods the control plane, a bad day has many faces."""


def draw_faults(chance: Chance, count: int, horizon: timedelta, among: Sequence[str] = ()) -> tuple[Fault, ...]:
    """`count` faults, each with its moment: by the clock within `horizon`, or by what the rollout does. A quarter of
    the draws is one of `SETS`, which strikes and heals as one. `among`: of these kinds only."""
    possible = sorted(among or _kinds())
    faults: list[Fault] = []
    while len(faults) < count:
        together = [names for names in SETS if len(names) <= count - len(faults) and set(names) <= set(possible)]
        alone = not together or chance.whole(0, 3) < 3
        names = (chance.pick(possible),) if alone else chance.pick(together)
        faults += draw_together(chance, names, horizon)
    return tuple(faults)


def draw_together(chance: Chance, kinds: Sequence[str], horizon: timedelta) -> tuple[Fault, ...]:
    """One fault of each of these kinds, which strike and heal as one."""
    when = _when(chance, horizon)
    return tuple(_timed(draw_kind(chance, kind), when) for kind in kinds)


def draw_kind(chance: Chance, kind: str) -> Fault:
    """Some fault of that kind; it strikes at once and never heals."""
    return _kinds()[kind].draw(chance)


def _when(chance: Chance, horizon: timedelta) -> dict[str, Any]:
    """One trigger for all faults of a draw, and how long they last."""
    lasts = chance.whole(1, LONGEST) * MINUTE
    match chance.pick(("share", "phase", "at")):
        case "share":
            return {"share": chance.pick((0.1, 0.5, 1.0)), "lasts": lasts}
        case "phase":
            after = timedelta(seconds=chance.pick((0, 7, 90)))
            phase = chance.pick([phase for phase in Phase if phase is not Phase.DONE])
            return {"phase": phase, "after": after, "lasts": lasts}
        case _:
            return {"at": chance.whole(1, max(1, horizon // MINUTE)) * MINUTE, "lasts": lasts}


def _timed(fault: Fault, when: dict[str, Any]) -> Fault:
    """A kind that chose its own moment keeps it; a deed does not last."""
    own = fault.at is not None or fault.share is not None or fault.phase is not None
    update = {key: value for key, value in when.items() if key == "lasts" or not own}
    if isinstance(fault, Deed):
        del update["lasts"]
    return fault.model_copy(update=update)


@cache
def _kinds() -> dict[str, type[Fault]]:
    return kinds("sim.faults", Fault)  # type: ignore[return-value]
