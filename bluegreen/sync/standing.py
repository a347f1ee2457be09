"""Where a sync stands, from its state alone: whoever runs it is not asked."""

from __future__ import annotations

from datetime import datetime

from bluegreen.lease.shared import holder_of, lease_key
from bluegreen.sync import shards
from bluegreen.sync.copier import Report, Standing
from bluegreen.sync.spec import DynamoSync
from bluegreen.sync.state import State


def stood(state: State, spec: DynamoSync, now: datetime) -> Report:
    """As it was last written down; without directions when it never began. Raises OperatingError."""
    first, second = spec.first.side, spec.second.side
    names = (f"{first}>{second}", f"{second}>{first}")[: 2 if spec.both_ways else 1]
    begun = {name: at for name in names if (at := state.begun(name)) is not None}
    standings = tuple(
        Standing(name, shards.lag(state.positions(name), now), at.baseline is None, state.totals(name))
        for name, at in begun.items()
    )
    return Report(now, standings, state.losses(), quiet=False)


def runner(state: State, spec: DynamoSync) -> str:
    """Who runs it, in words. Raises OperatingError."""
    lease = state.store.get(lease_key(f"sync {spec.name}"))
    if lease is None or lease["free"]:
        return "nobody runs it"
    return f"run by {holder_of(lease).name}, last heard of at {lease['renewed']!s}"
