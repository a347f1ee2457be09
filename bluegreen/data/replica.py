"""A database of the candidate's own: a read replica of RDS that follows the source, and is promoted before the first
user comes.

    data:
      kind: replica
      source: shop-db
      replica: shop-db-green
      fence: {run: [./fence.sh]}
      unfence: {run: [./unfence.sh]}

Replication is asynchronous: what the source has taken and the replica has not is lost by a promotion. So writes are
fenced first; then the replica must report that it has caught up, in a minute that began after the fence. A promotion
reboots, takes minutes or more and is one way (Amazon RDS User Guide, working with read replicas).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from bluegreen.checks.command import CommandCheck
from bluegreen.data.base import Back, Case, Data, Moment, Own, Said, Task, begun, named, own, shown, state_of
from bluegreen.model import DataView, Observation, Rollout
from bluegreen.registry import examples
from bluegreen.units import Duration, PositiveDuration, parse_duration, show_duration

if TYPE_CHECKING:
    from bluegreen.plan import Plan

Identifier = Annotated[str, Field(pattern=r"^[a-zA-Z](?:-?[a-zA-Z0-9]){0,62}$")]
"""A DB instance identifier: letters, digits and hyphens, no two hyphens together (CreateDBInstanceReadReplica)."""
_ARN = r"arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(?:key|alias)/.+"
_KEY_ID = "(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
KmsKey = Annotated[str, Field(pattern=f"^(?:{_ARN}|alias/.+|{_KEY_ID})$")]
"""A key's ARN or id, an alias or its ARN (KmsKeyId)."""
MINUTE = timedelta(minutes=1)


class Replica(Data):
    """Made by the rollout, or there already under its name. The engine never deletes a database."""

    model_config = examples(
        {
            "source": "shop-db",
            "replica": "shop-db-green",
            "fence": {"run": ["./fence.sh"]},
            "unfence": {"run": ["./unfence.sh"]},
        }
    )

    kind: Literal["replica"] = "replica"
    source: Identifier
    """The DB instance that the live slot writes to; in another region, its ARN is made of the guard's account."""
    replica: Identifier
    region: str | None = None
    """Where the replica is. Default: where the source is."""
    kms_key: KmsKey | None = None
    """What the replica is encrypted with: a key of its own region. Default: the source's key, which is of no use in
    another region, so that an encrypted source needs a key there."""
    fence: Own
    """Keeps everybody from writing to the database of the slot BLUEGREEN_FENCE, and returns when nobody writes."""
    unfence: Own
    """Lets writes in again there, when the rollout goes back."""
    lag_at_most: Duration = parse_duration("0s")
    """So far the replica may be behind when it is promoted, writes being fenced. 0s: it reports nothing missing."""
    made_within: PositiveDuration = parse_duration("2h")
    caught_up_within: PositiveDuration = parse_duration("30m")
    """After so long with writes fenced the rollout lets them in again and goes back."""
    moved_within: PositiveDuration = parse_duration("1h")
    back_sync: Own | None = None
    """Brings what the candidate's database has taken since the promotion into the live slot's. With it there is a way
    back after the promotion; it is run while the candidate's writes are fenced."""
    lost: Own | None = None
    """Says on its last line how many writes going back would lose. Without it nobody can say."""

    @property
    def by_port(self) -> bool:
        return True

    def tasks(self, moment: Moment) -> tuple[Task, ...]:
        match moment:
            case "before-provision":
                return (Task("replica"),)
            case "before-shift":
                return (*own("fence", self.fence), Task("caught up"), Task("promotion", stops=True))
            case _:
                return ()

    def judge(self, task: str, case: Case) -> Said:
        view = case.seen.data
        if view is None:
            return _late(case, self._limit(task), f"{self.replica} cannot be looked at", stops=task == "promotion")
        match task:
            case "replica":
                return self._made(view, case)
            case "caught up":
                return self._caught_up(view, case)
            case _:
                return self._promoted(view, case)

    def way_back(self, rollout: Rollout, seen: Observation) -> Back:
        if not self._moved(rollout, seen.data):
            return Back(own("unfence", self.unfence) if begun(rollout, "fence") else ())
        if self.back_sync is not None:
            back = (*own("fence-back", self.fence), *own("back-sync", self.back_sync, stops=True))
            return Back((*back, *own("unfence", self.unfence)))
        asks = f"what {rollout.candidate}'s database has taken since it was promoted is lost to {rollout.live}"
        return Back((*own("fence-back", self.fence), *own("unfence", self.unfence)), asks=asks)

    def count(self) -> CommandCheck | None:
        return self.lost

    def going_back(self) -> Iterator[CommandCheck]:
        yield named("unfence", self.unfence)
        if self.back_sync is not None:
            yield named("back-sync", self.back_sync)
        yield named("fence-back", self.fence)
        if self.lost is not None:
            yield named("lost", self.lost)
            yield named("lost-in-the-end", self.lost)

    def leaves(self, rollout: Rollout) -> str:
        if state_of(rollout).moved is not None:
            old = f"{self.replica} was promoted" if begun(rollout, "unfence") else f"{self.source} is fenced"
            return f"{old}, and stands beside the database in use; it costs until you delete it"
        if "replica" in state_of(rollout).done:
            return f"{self.replica} still follows {self.source}; it costs until you delete it"
        return ""

    def not_undone(self) -> str:
        return f"{self.replica} was promoted, and {self.source} has none of the writes since"

    def longest(self, task: str) -> timedelta:
        return self._limit(task)

    def told(self, plan: Plan) -> tuple[str, ...]:
        live, new, limit = plan.live.slot, plan.live.slot.other, show_duration(self.lag_at_most)
        where = f" in {self.region}" if self.region else ""
        where += f", encrypted with {self.kms_key}" if self.kms_key else ""
        back = f"back-sync ({shown(self.back_sync)})" if self.back_sync else "only what an operator confirms to be lost"
        return (
            f"before anything is made: {self.replica}{where}, a read replica of {self.source}, unless it is there",
            f"before the first user: fence ({shown(self.fence)}), ReplicaLag at most {limit} since then, promotion",
            f"point of no return: the promotion; after it the way back is {back}",
            f"cost: {live}'s users cannot write from the fence on, nobody can while {self.replica} reboots (minutes or"
            f" more); {self.replica} is one more database, and {self.source} is left to you when {new} serves alone",
        )

    def problems(self, plan: Plan) -> Iterator[str]:
        if self.source == self.replica and self.region is None:
            yield "data.replica: it needs a name of its own in the source's region"
        regions = plan.guard.regions if self.region is None else (self.region,)
        if self._key_region and self._key_region not in regions:
            there = " or ".join(regions)
            yield f"data.kms_key: it is a key of {self._key_region}, and the replica is to be in {there}"
        if any(step.share < 1 for step in plan.steps):
            yield (
                f"data: once {self.replica} is promoted, users of {plan.live.slot} cannot write any more; send all at"
                " once (strategy all_at_once), or let both versions use one database (kind same, schema)"
            )

    @property
    def _key_region(self) -> str:
        """Where the key is, when that can be seen."""
        is_arn = self.kms_key is not None and self.kms_key.startswith("arn:")
        return self.kms_key.split(":")[3] if self.kms_key and is_arn else ""

    # -- how it is judged

    def _made(self, view: DataView, case: Case) -> Said:
        match view.stage:
            case "following":
                return Said("passed", f"{self.replica} follows {self.source}")
            case "absent":
                why = f"{self.replica} is to be made from {self.source}"
                return _late(case, self.made_within, why, asks="prepare")
            case "making":
                return _late(case, self.made_within, view.detail or f"{self.replica} is being made")
            case _:
                return Said("failed", view.detail or f"{self.replica} is {view.stage}, and does not follow")

    def _caught_up(self, view: DataView, case: Case) -> Said:
        if view.stage in ("moving", "moved") and self._moved(case.rollout, view):
            return Said("passed", "it was promoted already")
        if view.stage != "following":
            return Said("failed", view.detail or f"{self.replica} is {view.stage}")
        return _late(case, self.caught_up_within, missing) if (missing := self._missing(view, case)) else _CAUGHT_UP

    def _missing(self, view: DataView, case: Case) -> str:
        """Why nobody can say that it has all writes, or nothing. -1 is below every limit, and means that nothing is
        replicated at all."""
        if view.lag is None or view.lag_at is None or view.lag_at < case.since:
            return f"no point of {self.replica}'s ReplicaLag since writes were fenced"
        if view.lag < 0:
            return f"{self.replica} does not replicate (ReplicaLag {view.lag:g})"
        if view.lag > self.lag_at_most.total_seconds():
            return f"{self.replica} is {view.lag:g} s behind, {show_duration(self.lag_at_most)} is allowed"
        return ""

    def _promoted(self, view: DataView, case: Case) -> Said:
        match view.stage:
            case "moved":
                return Said("passed", f"{self.replica} takes writes of its own")
            case "following":
                return _late(case, self.moved_within, f"{self.replica} is to be promoted", asks="move", stops=True)
            case "moving":
                return _late(case, self.moved_within, f"{self.replica} is being promoted", stops=True)
            case _:
                return Said("failed", view.detail or f"{self.replica} is {view.stage}", stops=True)

    def _moved(self, rollout: Rollout, view: DataView | None) -> bool:
        """Whether it was promoted, as far as anybody can tell."""
        asked = state_of(rollout).moved is not None
        return asked and (view is None or view.stage != "following")

    def _limit(self, task: str) -> timedelta:
        limits = {"replica": self.made_within, "caught up": self.caught_up_within}
        return limits.get(task, self.moved_within)


_CAUGHT_UP = Said("passed", "the replica has all writes that were taken before the fence")


def _late(
    case: Case, limit: timedelta, why: str, asks: Literal["", "prepare", "move"] = "", *, stops: bool = False
) -> Said:
    """Still waiting, or for too long already."""
    if case.waited >= limit:
        return Said("failed", f"{why}, after {show_duration(limit)}", stops=stops)
    return Said("running", why, asks)
