"""A whole rollout file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from math import ceil
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from bluegreen.data.base import Data
from bluegreen.fallback.spec import Fallback
from bluegreen.fallback.spec import problems as fallback_problems
from bluegreen.gates.base import Gate
from bluegreen.gates.wanted import Wanted, wanted_by
from bluegreen.hooks.spec import Hook
from bluegreen.hooks.spec import same_names as same_hooks
from bluegreen.lease.spec import Team
from bluegreen.notify.base import Way
from bluegreen.plan.candidate import Candidate
from bluegreen.plan.hashed import hash_of
from bluegreen.plan.pace import Deadlines, Drain, Moved, Rollback, Verify
from bluegreen.plan.service import Guard, Live, Service
from bluegreen.prewarm import Reservation
from bluegreen.prewarm import problems as prewarm_problems
from bluegreen.registry import Spec, kind_of, one_of
from bluegreen.selftest.spec import SelfTest
from bluegreen.selftest.spec import problems as selftest_problems
from bluegreen.strategies.base import Step, Strategy
from bluegreen.traffic.base import Mover
from bluegreen.traffic.route53 import Route53
from bluegreen.units import Duration, PositiveDuration, parse_duration, show_duration, show_share
from bluegreen.windows import Windows

if TYPE_CHECKING:
    AnyData = Data
    AnyStrategy = Strategy
    AnyGate = Gate
    AnyMover = Mover
    AnyWay = Way
else:
    AnyData = one_of("bluegreen.data", Data)
    AnyStrategy = one_of("bluegreen.strategies", Strategy)
    AnyGate = one_of("bluegreen.gates", Gate)
    AnyMover = one_of("bluegreen.traffic", Mover)
    AnyWay = one_of("bluegreen.notify", Way)


class Plan(Spec):
    """A whole rollout file."""

    service: Service
    live: Live
    candidate: Candidate
    strategy: AnyStrategy
    gates: Annotated[tuple[AnyGate, ...], Field(min_length=1)]
    bake: Duration = parse_duration("10m")
    every: Annotated[PositiveDuration, Field(ge=parse_duration("5s"))] = parse_duration("60s")
    """How often AWS is looked at, at the least; what is under way is looked at every 15 s, and machines and balancers
    that are being made every 30 s."""
    look_limit: Annotated[int, Field(ge=10)] = 10_000
    """After so many looks the rollout stops and asks: everything has a limit."""
    on_unknown: Literal["rollback", "ask"] = "rollback"
    ask_for: PositiveDuration = parse_duration("1h")
    """How long a question (`on_unknown: ask`, a drain's ceiling) waits for an operator before the rollout ends and
    needs one."""
    verify: Verify = Verify()
    prewarm: Reservation | None = None
    """Capacity that balancers have before the users come. Default: they grow with their load."""
    moved: Moved = Moved()
    rollback: Rollback = Rollback()
    drain: Drain = Drain()
    retire: Literal["keep", "remove"] = "keep"
    """What becomes of the slot that was live, once nobody uses it: its record goes in any case. The rollout did not
    make its balancer and group, so it removes them only when it is told to."""
    deadlines: Deadlines = Deadlines()
    traffic: AnyMover = Route53()
    """How traffic moves."""
    fallback: Fallback | None = None
    """Where users go while neither slot can serve."""
    data: AnyData | None = None
    """How both versions get along with the data."""
    hooks: tuple[Hook, ...] = ()
    """What else is done or asked at the rollout's stages."""
    notify: tuple[AnyWay, ...] = ()
    """Who is told."""
    windows: Windows = Windows()
    """When it may begin and step up."""
    selftest: SelfTest = SelfTest()
    """What is asked of the gates' alarms before they are trusted."""
    guard: Guard
    team: Team | None = None
    """Journal, lease and inbox in a table that several machines share. Default: in files of this one."""
    on_signal: Literal["leave", "rollback"] = "leave"
    """What SIGINT and SIGTERM mean to a running engine: leave everything as it is, to be resumed, or roll back."""

    @field_validator("hooks")
    @classmethod
    def _hooks_have_names(cls, hooks: tuple[Hook, ...]) -> tuple[Hook, ...]:
        if wrong := same_hooks(hooks):
            raise ValueError(wrong)
        return hooks

    @field_validator("gates")
    @classmethod
    def _gates_have_names(cls, gates: tuple[Gate, ...]) -> tuple[Gate, ...]:
        names = [gate.name for gate in gates]
        if len(set(names)) < len(names):
            raise ValueError(f"two gates have one name ({', '.join(names)}); give each its own `name`")
        if not any(gate.decides_alone for gate in gates):
            raise ValueError(
                "nobody would judge the candidate once it has all the traffic: dry runs decide nothing, and gates that"
                " compare with live have nothing to compare with then; add one that judges the candidate alone"
            )
        return gates

    @model_validator(mode="after")
    def _holds_outlast_answers(self) -> Self:
        ttl = self.answers_live_for
        shortest = min(step.hold for step in self.steps)
        if ttl > shortest:
            held = "caches ask again (TTL" if self.traffic.by_dns else "cookies run out (stickiness and delay"
            lower = "the TTL" if self.traffic.by_dns else "traffic.stickiness"
            raise ValueError(
                f"a hold of {show_duration(shortest)} ends before {held} {show_duration(ttl)}): hold longer, or lower"
                f" {lower}"
            )
        return self

    @model_validator(mode="after")
    def _rollback_fits_its_deadline(self) -> Self:
        back, limit = self.rollback, self.deadlines.rollback
        if back.pace == "stepped" and (needs := ceil(1 / back.step) * back.every) >= limit:
            raise ValueError(
                f"a rollback in steps of {show_share(back.step)} every {show_duration(back.every)} needs"
                f" {show_duration(needs)}, and its deadline is {show_duration(limit)}: take larger steps, or more time"
            )
        return self

    @model_validator(mode="after")
    def _candidate_can_be_asked(self) -> Self:
        checks = (*self.verify.checks, *(hook.check for hook in self.hooks))
        asking = [check.name for check in checks if check.asks_candidate]
        if self.traffic.shared and asking:
            raise ValueError(
                f"{', '.join(asking)}: with traffic.kind {kind_of(self.traffic)} the candidate has no address of its"
                " own to send requests to; give url or host (a test listener), or a command"
            )
        return self

    @model_validator(mode="after")
    def _traffic_can_move_so(self) -> Self:
        parts = (fallback_problems, prewarm_problems, selftest_problems)
        own = [*self.traffic.problems(self), *(self.data.problems(self) if self.data is not None else ())]
        if found := [*own, *(each for problems in parts for each in problems(self))]:
            raise ValueError("; ".join(found))
        return self

    @property
    def goes_back_within(self) -> timedelta:
        """How long a well-behaved user may still go to the candidate after a rollback took its weight."""
        return self.traffic.lasts_back(self.service.answers_live_for)

    @property
    def answers_live_for(self) -> timedelta:
        """How long a well-behaved user may still go to a slot after it lost its weight."""
        return self.traffic.lasts(self.service.answers_live_for)

    @model_validator(mode="after")
    def _lease_outlasts_looks(self) -> Self:
        if self.team is not None and self.team.lease < 3 * self.every:
            raise ValueError(
                f"team.lease of {show_duration(self.team.lease)} is too short for looks every"
                f" {show_duration(self.every)}: an engine would count as gone between two of them;"
                f" at least {show_duration(3 * self.every)}"
            )
        return self

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return self.strategy.steps()

    @cached_property
    def evidence(self) -> Wanted:
        """What the gates want to see."""
        return wanted_by(self.gates)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """pydantic's own takes along what a `cached_property` has worked out from the fields as they were."""
        copied = super().model_copy(update=update, deep=deep)
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied

    @property
    def hash(self) -> str:
        """Tells whether two plans are the same: 12 hex digits over the whole content."""
        return hash_of(self)
