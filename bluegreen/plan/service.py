"""What users ask for, what serves it now, and where a rollout may act."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bluegreen.model import Slot
from bluegreen.registry import Spec
from bluegreen.traffic.base import ALIAS_TTL
from bluegreen.units import Duration

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
    """The slot that serves now: an existing balancer and Auto Scaling group, or a Beanstalk environment with both."""

    slot: Slot = Slot.BLUE
    balancer: Annotated[str, Field(max_length=128)] = ""
    group: Annotated[str, Field(max_length=128)] = ""
    environment: Name | None = None
    """The name of an Elastic Beanstalk environment; its balancer and group are found in it."""

    @model_validator(mode="after")
    def _can_be_found(self) -> Self:
        given = [name for name in ("balancer", "group") if getattr(self, name)]
        if given if self.environment is not None else len(given) < 2:
            raise ValueError("the live slot needs both balancer and group, or an environment (Elastic Beanstalk) alone")
        return self


class Guard(Spec):
    """Where this file may act. `deploy` refuses any other account or region."""

    accounts: Annotated[tuple[Annotated[str, Field(pattern=r"^\d{12}$")], ...], Field(min_length=1)]
    regions: Annotated[tuple[Name, ...], Field(min_length=1)]
