"""One run to explore, as one small value: a seed, and faults as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bluegreen.model import End
from sim.faults.base import Fault


@dataclass(frozen=True, slots=True)
class Case:
    """The world's seed, and the faults on top of the scenario's own. `demands`: the only end that will do; None: any
    named one."""

    seed: int
    faults: tuple[Fault, ...] = ()
    demands: End | None = None


def weight(case: Case) -> tuple[object, ...]:
    """What is easier to read comes first: fewer faults, less to say about them, shorter, earlier; a smaller seed."""
    said = [fault.model_dump(mode="json", exclude_defaults=True) for fault in case.faults]
    return (
        len(case.faults),
        sum(map(len, said)),
        sum((fault.lasts or timedelta(0) for fault in case.faults), timedelta(0)),
        len(str(said)),
        case.seed,
        str(said),
    )
