"""The candidate's instances and targets are as designed: how many there are, how many of them are healthy."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from bluegreen.checks.base import Case, Check
from bluegreen.model import CheckView


class Targets(Check):
    """Counts of the candidate, from the look that the engine makes anyway. It waits until they are right, up to its
    time limit: instances that are still starting are no failure."""

    kind: Literal["targets"] = "targets"
    instances: Annotated[int, Field(ge=1)] | None = None
    """As many healthy ones at least. Default: as many as the group wants."""
    registered: Annotated[int, Field(ge=1)] | None = None
    """As many known to the balancer, exactly: more would mean that somebody else's machines are there too."""
    zones: Annotated[int, Field(ge=1, le=10)] | None = None
    """In service in so many Availability Zones at least."""

    @property
    def wants_built(self) -> bool:
        return self.zones is not None

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        if self.instances and self.registered and self.instances > self.registered:
            raise ValueError(f"{self.instances} healthy instances cannot be among {self.registered} registered ones")
        return self

    def judge(self, case: Case) -> CheckView:
        view = case.seen.environment(case.rollout.candidate)
        if view is None:
            return CheckView("running", "the candidate cannot be read")
        want = self.instances or max(1, view.desired)
        if view.healthy < want:
            return CheckView("running", f"{view.healthy} of {want} instances are healthy")
        if self.registered is not None and view.registered != self.registered:
            return CheckView("running", f"the balancer knows {view.registered} targets, not {self.registered}")
        zones = int((case.seen.built or {}).get("zones in service", 0))
        if self.zones is not None and zones < self.zones:
            return CheckView("running", f"instances are in service in {zones} zones, not {self.zones}")
        return CheckView("passed", f"{view.healthy} instances are healthy")
