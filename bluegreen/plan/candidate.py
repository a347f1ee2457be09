"""The slot that wants to serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from bluegreen.plan.service import Name
from bluegreen.plan.ways import Beanstalk, Command, Kept, one_way, refuse_opsworks
from bluegreen.registry import Spec
from bluegreen.units import Share


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
    beanstalk: Beanstalk | None = None
    command: Command | None = None
    kept: Kept | None = None
    instances: Annotated[int, Field(ge=1, le=1000)] | None = None
    """How many of its instances all of the traffic needs. Default: as many as live has healthy at the start."""
    margin: Share = 0.2
    """Capacity kept above the expected share of each step."""
    resolvers: Annotated[int, Field(ge=1)] = 100
    """As how many equally large DNS caches the users behave: the fewer, the lumpier is a share of 10 %."""

    @model_validator(mode="before")
    @classmethod
    def _no_opsworks(cls, content: Any) -> Any:
        return refuse_opsworks(content)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        one_way(dict(self))
        return self
