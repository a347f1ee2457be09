"""The data: what a way back would lose, and what is taken away too early."""

from __future__ import annotations

from collections.abc import Iterator

from bluegreen.data.rds_blue_green import RdsBlueGreen
from bluegreen.data.replica import Replica
from bluegreen.data.schema import Schema
from bluegreen.data.sync import Sync
from bluegreen.gates.metric import Metric
from bluegreen.preview.finding import Case, Hit, Severity, finding
from bluegreen.units import show_duration, show_share


@finding(
    "contract-with-users-on-old-code",
    Severity.WARNING,
    fact="once the schema is contracted, every request that still reaches old code fails",
)
def tail(case: Case) -> Iterator[Hit]:
    """The schema is contracted while the drain still tolerates users on the old version."""
    data, below = case.plan.data, case.plan.drain.below
    if isinstance(data, Schema) and data.contract is not None and below > 0:
        what = f"up to {show_share(below)} of the requests may still reach {case.plan.live.slot} when it is contracted"
        yield Hit(("drain", "below"), what, "say 0%, or contract in a later rollout")


@finding(
    "contract-is-repeated",
    Severity.WARNING,
    fact="one that did not pass may have done half of its work; `retries` begins it again from the start",
)
def repeated(case: Case) -> Iterator[Hit]:
    """A contraction that failed is begun again."""
    data = case.plan.data
    if isinstance(data, Schema) and data.contract is not None and data.contract.retries:
        what = f"contract is run up to {data.contract.retries + 1} times"
        yield Hit(("data", "contract"), what, "leave retries out, unless the tool goes on where it was")


@finding(
    "promotion-may-lose-writes",
    Severity.WARNING,
    fact="Amazon RDS User Guide, read replicas: replication is asynchronous; what was not copied is not there",
)
def lag(case: Case) -> Iterator[Hit]:
    """A replica may be promoted although it is behind."""
    data = case.plan.data
    if isinstance(data, Replica) and data.lag_at_most.total_seconds() > 0:
        what = f"writes of the last {show_duration(data.lag_at_most)} may be missing in {data.replica}"
        yield Hit(("data", "lag_at_most"), what, "leave it at 0s: with writes fenced a replica catches up")


@finding(
    "replica-elsewhere-without-key",
    Severity.WARNING,
    fact="RDS API Reference, CreateDBInstanceReadReplica: an encrypted replica in another region needs a key of it",
)
def keyless(case: Case) -> Iterator[Hit]:
    """A replica in another region has no `kms_key`, and its source is encrypted or may be."""
    data, home = case.plan.data, tuple(case.plan.guard.regions)
    elsewhere = isinstance(data, Replica) and data.region is not None and home != (data.region,)
    if elsewhere and isinstance(data, Replica) and data.kms_key is None and case.known.encrypted is not False:
        what = f"when {data.source} is encrypted, {data.replica} cannot be made in {data.region}"
        yield Hit(("data", "region"), what, f"give `kms_key`, a key of {data.region}; --account tells whether it must")


@finding(
    "loss-nobody-counts",
    Severity.WARNING,
    fact="what only the candidate's store has is lost by going back: after a promotion, or while two stores are apart",
)
def uncounted(case: Case) -> Iterator[Hit]:
    """Going back may lose writes, and nobody can say how many."""
    data = case.plan.data
    asks = (isinstance(data, Replica) and data.back_sync is None) or isinstance(data, Sync)
    if asks and data is not None and data.count() is None:
        what = "an operator who wants to go back is asked to confirm a loss without a number"
        yield Hit(("data",), what, "give `lost`, which counts, or for a replica `back_sync`, which loses nothing")


@finding(
    "data-asks-nobody",
    Severity.WARNING,
    fact="where going back loses writes the engine does not do it by itself: it waits `ask_for`, and ends as it is",
)
def nobody(case: Case) -> Iterator[Hit]:
    """The way back needs a person at times, after a promotion or switchover, or while two stores are apart, and nobody
    is told (`notify`)."""
    data, plan = case.plan.data, case.plan
    needs = isinstance(data, Replica) and data.back_sync is None
    needs = needs or isinstance(data, Sync) or (isinstance(data, RdsBlueGreen) and data.old_code == "refuse")
    if needs and not any("asked" in way.events for way in plan.notify):
        what = f"a bad candidate waits {show_duration(plan.ask_for)} for somebody to look"
        yield Hit(("data",), what, "add `notify`, with the event `asked`")


@finding(
    "gate-takes-a-stopped-replica-for-good",
    Severity.ERROR,
    fact="Amazon RDS User Guide, read replicas: ReplicaLag is -1 while nothing is replicated, below every limit",
)
def stopped(case: Case) -> Iterator[Hit]:
    """A gate wants ReplicaLag below a limit, and no other gate above -1."""
    asks = [gate for gate in case.plan.gates if isinstance(gate, Metric) and not gate.expression and _lag_of(gate)]
    floors = {_lag_of(gate) for gate in asks if gate.above is not None and -1 <= gate.above < 0}
    for gate in asks:
        if gate.below is not None and _lag_of(gate) not in floors:
            what = f"{gate.name} passes while the replica follows nobody"
            yield Hit(("gates", case.plan.gates.index(gate)), what, "add a gate on the same metric with `above: -0.5`")


def _lag_of(gate: Metric) -> tuple[tuple[str, str], ...]:
    """Whose ReplicaLag a gate asks for; nobody's: empty."""
    only = next(iter(gate.metrics.values()))
    asks = only.namespace == "AWS/RDS" and only.metric == "ReplicaLag"
    return tuple(sorted(only.dimensions.items())) if asks else ()
