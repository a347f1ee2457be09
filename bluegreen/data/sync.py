"""A store for each slot, kept together while both serve: by `bluegreen sync`, or by the team's own dual write or
replication.

    data: {kind: sync, sync: orders, lag_below: 10s, lost: {run: [./count.sh]}}

The engine copies nothing. It asks CloudWatch how far the stores are apart, and takes no step forward that would send
users to a store that is behind or differs, nor one that ends the old one. Going back is free while the stores are
together; else what the candidate's store alone has is lost, and an operator is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, model_validator

from bluegreen.checks.command import CommandCheck
from bluegreen.data.base import Back, Case, Data, Moment, Own, Said, Task, named
from bluegreen.model import DataView, Observation, Point, Query, Rollout, Series
from bluegreen.registry import Spec, examples
from bluegreen.units import PositiveDuration, parse_duration, show_about, show_duration

if TYPE_CHECKING:
    from datetime import datetime

    from bluegreen.plan import Plan

MINUTE = timedelta(minutes=1)
TOGETHER = Task("together", again=True)
NAMES = ("lag", "divergent", "conflicts", "drops")
LOOKBACK = timedelta(minutes=10)


class Told(Spec):
    """A metric of the team's own, in the rollout's account and region."""

    namespace: Annotated[str, Field(min_length=1)]
    metric: Annotated[str, Field(min_length=1)]
    dimensions: dict[str, str] = {}


class Metrics(Spec):
    """Of a dual write or replication of the team's own. Of each the largest value of a minute counts."""

    lag: Told
    """Seconds that the store which is further behind is behind."""
    divergent: Told
    """Items that are not the same in both."""
    conflicts: Told | None = None
    """Since it began: writes to one item in both stores, of which one was given up."""
    drops: Told | None = None
    """Since it began: writes that were overwritten by one that had not heard of them, without anybody comparing."""


class Sync(Data):
    """Both stores serve, and are watched."""

    model_config = examples({"sync": "orders"})

    kind: Literal["sync"] = "sync"
    sync: Annotated[str, Field(min_length=1)] | None = None
    """The name of a `bluegreen sync` that publishes: its metrics follow from it."""
    namespace: str = "Bluegreen/Sync"
    """Where that sync publishes."""
    metrics: Metrics | None = None
    """Of something else that keeps the stores together."""
    lag_below: PositiveDuration = parse_duration("10s")
    conflicts_at_most: Annotated[int, Field(ge=0)] | None = None
    """Since the sync began. Left out: nobody asks for them."""
    drops_at_most: Annotated[int, Field(ge=0)] | None = None
    """The same for writes without a version that were overwritten."""
    max_age: PositiveDuration = parse_duration("5m")
    """When the newest minute is older, nobody knows: then there is no step forward."""
    within: PositiveDuration = parse_duration("30m")
    """After so long apart, or unknown, before a step forward the rollout goes back."""
    on_breach: Literal["hold", "rollback"] = "hold"
    """What follows when the stores are seen apart while users are on the candidate. hold: no step forward. rollback: it
    goes back at once, which an operator has to confirm as long as they are apart."""
    lost: Own | None = None
    """Says on its last line how many writes going back would lose. Without it nobody can say."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.sync is None) == (self.metrics is None):
            raise ValueError("give either sync, the name of a `bluegreen sync`, or metrics of your own")
        for name in self._limits if self.metrics is not None else ():
            if getattr(self.metrics, name) is None:
                raise ValueError(f"{name}_at_most needs metrics.{name}")
        return self

    @property
    def by_port(self) -> bool:
        return True

    @property
    def watched(self) -> bool:
        return True

    def named(self) -> Mapping[str, Query]:
        """What is published, by what it tells: lag, divergent, conflicts, drops."""
        if self.metrics is None:
            dimensions = (("Sync", str(self.sync)),)
            return {name: Query(name.title(), None, self.namespace, dimensions, "Maximum") for name in NAMES}
        told: dict[str, Told | None] = {name: getattr(self.metrics, name) for name in NAMES}
        return {
            name: Query(its.metric, None, its.namespace, tuple(its.dimensions.items()), "Maximum")
            for name, its in told.items()
            if its is not None
        }

    @property
    def lookback(self) -> timedelta:
        """From so long ago on minutes are read."""
        return max(LOOKBACK, 2 * self.max_age)

    def asked(self) -> Mapping[str, Query]:
        """What is read of that."""
        return {name: query for name, query in self.named().items() if name in self._wanted}

    def told_by(self, found: Mapping[Query, Series]) -> Mapping[str, Point]:
        """The newest minute of each. A sample in which nothing differs says little by itself: of what differs the worst
        minute counts that is no older than `max_age` before the newest."""
        told = {}
        for name, query in self.asked().items():
            if points := found.get(query, ()):
                newest = points[-1]
                recent = [point.value for point in points if newest.at - point.at <= self.max_age]
                told[name] = Point(newest.at, max(recent)) if name == "divergent" else newest
        return told

    def tasks(self, moment: Moment) -> tuple[Task, ...]:
        return (TOGETHER,) if moment in ("before-step", "before-retire") else ()

    def judge(self, task: str, case: Case) -> Said:
        unknown, apart = self._unknown(case.seen.data, case.seen.at), self._apart(case.seen.data)
        if not unknown and not apart:
            return Said("passed", self._together(case.seen.data))
        why = "; ".join(filter(None, (apart, unknown)))
        if case.waited >= self.within:
            return Said("failed" if apart else "unknown", f"{why}, after {show_duration(self.within)}")
        return Said("running", why)

    def breach(self, view: DataView | None) -> str:
        return self._apart(view) if self.on_breach == "rollback" else ""

    def way_back(self, rollout: Rollout, seen: Observation) -> Back:
        """Conflicts and drops do not count: what they lost is lost already."""
        why = self._apart(seen.data, losses=False) or self._unknown(seen.data, seen.at)
        if not rollout.exposed or not why:
            return Back()
        return Back(asks=f"what only {rollout.candidate}'s store has is lost to {rollout.live}: {why}")

    def count(self) -> CommandCheck | None:
        return self.lost

    def going_back(self) -> Iterator[CommandCheck]:
        if self.lost is not None:
            yield named("lost", self.lost)
            yield named("lost-in-the-end", self.lost)

    def longest(self, task: str) -> timedelta:
        return self.within

    def undone(self) -> Data | None:
        return self

    def told(self, plan: Plan) -> tuple[str, ...]:
        limits = "".join(f", at most {limit} {name}" for name, limit in self._limits.items())
        what = f"{self._name}: lag below {show_duration(self.lag_below)}, nothing divergent{limits}"
        return (
            f"before each step, and before {plan.live.slot} goes: {what}",
            f"point of no return: none while the stores are together; else what only {plan.live.slot.other}'s store has"
            " is lost by going back, when an operator confirms it",
        )

    # -- how it is judged

    @property
    def _wanted(self) -> tuple[str, ...]:
        return ("lag", "divergent", *self._limits)

    @property
    def _limits(self) -> Mapping[str, int]:
        """Of what was lost already, by what is counted."""
        limits = {"conflicts": self.conflicts_at_most, "drops": self.drops_at_most}
        return {name: limit for name, limit in limits.items() if limit is not None}

    @property
    def _name(self) -> str:
        return f"the sync {self.sync}" if self.metrics is None else "both stores"

    def _unknown(self, view: DataView | None, at: datetime) -> str:
        """Which of them nobody knows, or nothing."""
        if view is None:
            return f"{self._name} cannot be looked at"
        old = [name for name in self._wanted if name not in view.told or _age(view, name, at) > self.max_age]
        return f"{self._name} tells no {' or '.join(old)} of the last {show_duration(self.max_age)}" if old else ""

    def _apart(self, view: DataView | None, *, losses: bool = True) -> str:
        """Which of them is beyond its limit, as far as anybody knows, or nothing."""
        told = {} if view is None else {name: view.told[name].value for name in self._wanted if name in view.told}
        lag, divergent = told.get("lag"), told.get("divergent")
        found = []
        if lag is not None and not 0 <= lag < self.lag_below.total_seconds():
            behind = f"lags {show_about(timedelta(seconds=lag))}" if lag >= 0 else "does not run"
            found.append(f"{self._name} {behind}")
        if divergent:
            found.append(f"{divergent:g} compared items are not the same in both stores")
        for name, limit in self._limits.items() if losses else ():
            if (count := told.get(name, 0.0)) > limit:
                found.append(f"{count:g} {name}, at most {limit} are allowed")
        return "; ".join(found)

    def _together(self, view: DataView | None) -> str:
        assert view is not None, "it is known"
        return f"{self._name} lags {view.told['lag'].value:g} s, and the compared items are the same"


def _age(view: DataView, name: str, at: datetime) -> timedelta:
    return at - (view.told[name].at + MINUTE)
