"""What all gates of a plan together want to see: worked out once, asked for at every look. No kind of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bluegreen.gates.base import Gate
from bluegreen.model import Query, Slot


@dataclass(frozen=True, slots=True)
class Wanted:
    """In the order of the gates."""

    queries: Mapping[Slot, tuple[Query, ...]]
    """Series, by the slot that is live."""
    lookback: timedelta
    whole_step: bool
    """Whether one of them wants to see every minute since the step began."""
    alarms: tuple[str, ...]
    alarms_before: tuple[str, ...]
    remembering: tuple[Gate, ...]
    """Gates that need a tally of their looks."""


def wanted_by(gates: Sequence[Gate]) -> Wanted:
    """Of one gate or more."""
    queries = {live: [query for gate in gates for query in gate.queries(live, live.other)] for live in Slot}
    return Wanted(
        queries={live: tuple(dict.fromkeys(found)) for live, found in queries.items()},
        lookback=max(gate.lookback for gate in gates),
        whole_step=any(gate.whole_step for gate in gates),
        alarms=tuple(name for gate in gates for name in gate.alarms()),
        alarms_before=tuple(name for gate in gates for name in gate.alarms_before()),
        remembering=tuple(gate for gate in gates if gate.remembers),
    )
