"""Metrics of two groups behind one target group, which counts them together.

While both are attached each of them shows the counts of both: a bad candidate shows as what its share makes of the
whole. A group that is not attached got no requests, whatever others got; that the balancer is alive is told by the
targets that are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bluegreen.aws.metrics.cloudwatch import CloudWatch
from bluegreen.model import Query, Series, Slot, query_of

ALIVE = "healthy_hosts"


class Together(CloudWatch):
    """`bluegreen.ports.Metrics`."""

    def read(self, queries: Sequence[Query], since: datetime, until: datetime) -> Mapping[Query, Series]:
        asked = {query: self._instead(query) for query in queries}
        found = super().read([query for query in dict.fromkeys(asked.values()) if query is not None], since, until)
        return {query: found[other] if other is not None else () for query, other in asked.items()}

    def _instead(self, query: Query) -> Query | None:
        """What to ask for; None: nothing, there is none."""
        if query.slot is None or self._attached(query.slot):
            return query
        return query_of(ALIVE, query.slot.other) if query.measure == ALIVE else None

    def _attached(self, slot: Slot) -> bool:
        facts = self._facts(slot)
        return facts is not None and bool(facts.balancer.target_groups)
