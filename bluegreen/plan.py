"""The rollout file: what the operator asked for. Strict: unknown keys are refused, every bound is checked, and all
problems are told at once with their lines. `Plan` never changes during a rollout; its hash is in the journal.
"""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from bluegreen.errors import UserError
from bluegreen.gates.base import Gate
from bluegreen.model import Slot
from bluegreen.registry import Spec, one_of
from bluegreen.strategies.base import Step, Strategy
from bluegreen.units import Duration, PositiveDuration, Share, parse_duration, show_duration
from bluegreen.yamlfile import load

ALIAS_TTL = parse_duration("60s")
"""An alias answers with the TTL of its target, and ELB names have 60 s (Elastic Load Balancing User Guide)."""

Name = Annotated[str, Field(min_length=1, max_length=128)]


class Service(Spec):
    """What users ask for: one name in one hosted zone."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,19}$")]
    """Short: it becomes part of names of balancers and groups, which AWS limits to 32 characters."""
    zone: Name
    """The hosted zone's name, or its id."""
    record: Name
    records: Literal["alias", "cname"] = "alias"
    ttl: Duration | None = None
    """For cname records: their TTL. Alias records have the balancer's, 60 s."""

    @model_validator(mode="after")
    def _ttl_fits(self) -> Self:
        if self.records == "alias" and self.ttl is not None:
            raise ValueError("an alias record has no TTL of its own (it answers with the balancer's 60s); remove ttl")
        if self.records == "cname" and self.ttl is None:
            raise ValueError("a cname record needs a ttl, like `ttl: 60s`")
        return self

    @property
    def answers_live_for(self) -> timedelta:
        """How long a well-behaved cache may keep an answer."""
        return self.ttl if self.ttl is not None else ALIAS_TTL


class Live(Spec):
    """The slot that serves now: an existing balancer and Auto Scaling group."""

    slot: Slot = Slot.BLUE
    balancer: Name
    group: Name


class Clone(Spec):
    """The candidate as a copy of the live balancer and group, with something new to run."""

    image: Annotated[str, Field(pattern=r"^ami-[0-9a-f]+$")] | None = None
    launch_template: Name | None = None
    """The name or id of an existing launch template."""
    version: str = "$Latest"

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.image is None) == (self.launch_template is None):
            raise ValueError("a clone needs either an image or a launch_template")
        return self


class Template(Spec):
    """The candidate as a CloudFormation stack."""

    file: Path
    parameters: dict[str, bool | int | str | list[str]] = {}
    group: str = ""
    """Logical id of the group, when the template has several."""
    balancer: str = ""
    """Logical id of the balancer, when the template has several."""


class Candidate(Spec):
    """The slot that wants to serve, and how it comes to be."""

    clone: Clone | None = None
    template: Template | None = None
    instances: Annotated[int, Field(ge=1, le=1000)] | None = None
    """How many of its instances all of the traffic needs. Default: as many as live has healthy at the start."""
    margin: Share = 0.2
    """Capacity kept above the expected share of each step."""
    resolvers: Annotated[int, Field(ge=1)] = 100
    """As how many equally large DNS caches the users behave: the fewer, the lumpier is a share of 10 %."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.clone is None) == (self.template is None):
            raise ValueError("the candidate needs either clone or template")
        return self


class Verify(Spec):
    """When the candidate counts as healthy before any user sees it."""

    healthy_for: Duration = parse_duration("2m")


class Rollback(Spec):
    """How traffic goes back."""

    pace: Literal["as_it_comes", "at_once"] = "as_it_comes"
    """When the live slot had shrunk: give it what it can carry while its capacity comes back, or all at once."""


class Drain(Spec):
    """When the slot that lost counts as left by everybody. The floor is the answers' TTL in any case."""

    below: Share = 0.0
    """The share of all requests that may still reach it: 0% means none in any minute."""
    quiet: PositiveDuration = parse_duration("5m")
    """For how long monitoring must show that."""
    ceiling: PositiveDuration = parse_duration("2h")
    """After this a human is asked."""


class Deadlines(Spec):
    """After these lengths of time a phase has failed."""

    provision: PositiveDuration = parse_duration("30m")
    verify: PositiveDuration = parse_duration("20m")
    scale: PositiveDuration = parse_duration("20m")
    shift: PositiveDuration = parse_duration("10m")
    rollback: PositiveDuration = parse_duration("30m")
    retire: PositiveDuration = parse_duration("30m")


class Guard(Spec):
    """Where this file may act. `deploy` refuses any other account or region."""

    accounts: Annotated[tuple[Annotated[str, Field(pattern=r"^\d{12}$")], ...], Field(min_length=1)]
    regions: Annotated[tuple[Name, ...], Field(min_length=1)]


if TYPE_CHECKING:
    AnyStrategy = Strategy
    AnyGate = Gate
else:
    AnyStrategy = one_of("bluegreen.strategies", Strategy)
    AnyGate = one_of("bluegreen.gates", Gate)


class Plan(Spec):
    """A whole rollout file."""

    service: Service
    live: Live
    candidate: Candidate
    strategy: AnyStrategy
    gates: Annotated[tuple[AnyGate, ...], Field(min_length=1)]
    bake: Duration = parse_duration("10m")
    every: Annotated[PositiveDuration, Field(ge=parse_duration("5s"))] = parse_duration("60s")
    """How often AWS is looked at, at the least; what is under way is looked at every 15 s."""
    look_limit: Annotated[int, Field(ge=10)] = 10_000
    """After so many looks the rollout stops and asks: everything has a limit."""
    on_unknown: Literal["rollback", "ask"] = "rollback"
    verify: Verify = Verify()
    rollback: Rollback = Rollback()
    drain: Drain = Drain()
    retire: Literal["keep", "remove"] = "keep"
    """What becomes of the slot that was live, once nobody uses it: its record goes in any case. The rollout did not
    make its balancer and group, so it removes them only when it is told to."""
    deadlines: Deadlines = Deadlines()
    guard: Guard

    @field_validator("gates")
    @classmethod
    def _gates_have_names(cls, gates: tuple[Gate, ...]) -> tuple[Gate, ...]:
        names = [gate.name for gate in gates]
        if len(set(names)) < len(names):
            raise ValueError(f"two gates have one name ({', '.join(names)}); give each its own `name`")
        return gates

    @model_validator(mode="after")
    def _holds_outlast_answers(self) -> Self:
        ttl = self.service.answers_live_for
        shortest = min(step.hold for step in self.steps)
        if ttl > shortest:
            raise ValueError(
                f"a hold of {show_duration(shortest)} ends before caches ask again (TTL {show_duration(ttl)}):"
                " hold longer, or lower the TTL"
            )
        return self

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.strategy.steps()

    @property
    def hash(self) -> str:
        """Tells whether two plans are the same: 12 hex digits over the whole content."""
        content = json.dumps(self.model_dump(mode="json", by_alias=True), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]


def load_plan(path: Path) -> Plan:
    """Read a rollout file. Raises UserError with one line for each problem, the template's file included."""
    return with_template_beside(load(path, Plan), path)


def with_template_beside(plan: Plan, path: Path) -> Plan:
    """The template's path is meant from the rollout file's own folder. Raises UserError when it is not there."""
    template = plan.candidate.template
    if template is None:
        return plan
    file = (path.parent / template.file).resolve()
    if not file.is_file():
        raise UserError(f"{path}: candidate.template.file: there is no file {file}")
    candidate = plan.candidate.model_copy(update={"template": template.model_copy(update={"file": file})})
    return plan.model_copy(update={"candidate": candidate})
