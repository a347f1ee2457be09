"""What the databases of a rollout publish to CloudWatch, for both tiers: a replica's lag, and what keeps two stores
together tells of them. Only dimension sets that are published can be asked for, and exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bluegreen.data.base import Data
from bluegreen.data.replica import Replica
from bluegreen.data.sync import Sync
from bluegreen.model import Query
from sim.data.together import SAMPLE, Told
from sim.errors import NotModelled

if TYPE_CHECKING:
    from sim.data.tier import DataTier

RDS = "AWS/RDS"
Points = list[tuple[int, float]]
"""When each minute began (ms), and its value."""

TELLS: Mapping[str, Callable[[Told], float]] = {
    "Lag": lambda told: told.lag,
    "Divergent": lambda told: told.divergent,
    "Compared": lambda told: float(SAMPLE),
    "Conflicts": lambda told: told.conflicts,
    "Drops": lambda told: told.drops,
    "Stamped": lambda told: told.stamped,
}
"""Of what `bluegreen sync` publishes for both ways together; see `bluegreen/aws/sync/metrics.py`."""


def published(data: Data | None, tier: DataTier | None, query: Query) -> Points | None:
    """What is known of it by now, minute by minute; None: it is not the databases'. Raises NotModelled for what they
    would publish and the world does not."""
    match data:
        case Replica() if query.namespace == RDS:
            return _lag(data, tier, query)
        case Sync():
            return _told(data, tier, query)
        case _ if query.namespace == RDS:
            raise NotModelled(f"{query.measure}: the rehearsal's databases publish the ReplicaLag of `data: replica`")
        case _:
            return None


def _lag(data: Replica, tier: DataTier | None, query: Query) -> Points:
    if query.measure != "ReplicaLag":
        raise NotModelled(f"the rehearsal's databases publish ReplicaLag, not {query.measure}")
    of_replica = query.dimensions == (("DBInstanceIdentifier", data.replica),)
    return tier.rds.known() if of_replica and tier is not None else []


def _told(data: Sync, tier: DataTier | None, query: Query) -> Points | None:
    value = _own(data, query) if data.sync is None else _by_name(data, query)
    if value is None:
        return None
    known = tier.together.known() if tier is not None and tier.together is not None else []
    return [(told.at, value(told)) for told in known]


def _own(data: Sync, query: Query) -> Callable[[Told], float] | None:
    for name, asked in data.named().items():
        if (asked.namespace, asked.measure, dict(asked.dimensions)) == (
            query.namespace,
            query.measure,
            dict(query.dimensions),
        ):
            return TELLS[name.title()]
    return None


def _by_name(data: Sync, query: Query) -> Callable[[Told], float] | None:
    if query.namespace != data.namespace or dict(query.dimensions).get("Sync") != data.sync:
        return None
    if len(query.dimensions) > 1 or query.measure not in TELLS:
        raise NotModelled(
            f"the rehearsal's sync tells {', '.join(TELLS)} of both ways together, not {query.measure} of"
            f" {dict(query.dimensions)}"
        )
    return TELLS[query.measure]
