"""RDS Blue/Green Deployments: a copy that follows, and a switchover that takes its names (Amazon RDS User Guide,
blue/green deployments: creating, switching).

A switchover checks its guardrails, stops writes, drops connections, waits until the copy has caught up, exchanges the
names and lets writes in again. Over its timeout everything is as before. Afterwards the old database is read-only and
follows no longer: there is no way back that loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import ceil
from typing import Annotated, Any

import simpy
from pydantic import Field

from bluegreen.model import Slot
from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, parse_duration
from sim.clock import ms, now_ms
from sim.data.replica import Replica

Timeout = Annotated[Duration, Field(ge=timedelta(seconds=30), le=timedelta(seconds=3600))]


class DeploymentSpec(Spec):
    """How long the steps take."""

    provisioning: PositiveDuration = parse_duration("30m")
    """From creating to available: a snapshot is restored. Unpublished; assumed."""
    renaming: PositiveDuration = parse_duration("20s")
    """Exchanging the names, connections still shut. Unpublished; a whole switchover is "usually under a minute"."""
    endpoint_ttl: PositiveDuration = parse_duration("5s")
    """The TTL of database endpoints: so long clients may still go to the old database after the names have moved."""


class SwitchoverSpec(Spec):
    """What SwitchoverBlueGreenDeployment is asked for. The API model has the lower bound, the guide both."""

    timeout: Timeout = parse_duration("300s")


@dataclass(slots=True)
class Conditions:
    """What else the guardrails look at. All False is fine."""

    green_writes: bool = False
    blue_is_external_replica: bool = False
    long_writes: bool = False
    long_ddl: bool = False


class Status(StrEnum):
    """BlueGreenDeployment.Status (API reference). INVALID_CONFIGURATION: green was promoted by hand."""

    PROVISIONING = "PROVISIONING"
    AVAILABLE = "AVAILABLE"
    IN_PROGRESS = "SWITCHOVER_IN_PROGRESS"
    COMPLETED = "SWITCHOVER_COMPLETED"
    INVALID = "INVALID_CONFIGURATION"
    FAILED = "SWITCHOVER_FAILED"
    DELETING = "DELETING"


class Deployment:
    """One blue/green deployment of the database `name`. Green is a replica of blue."""

    def __init__(
        self,
        spec: DeploymentSpec,
        green: Replica,
        *,
        name: str,
        suffix: str,
        env: simpy.Environment,
        settle: Callable[[], None],
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self.spec, self._green, self._env, self._settle, self._changed = spec, green, env, settle, changed
        self.names = {Slot.BLUE: name, Slot.GREEN: f"{name}-green-{suffix}"}
        self.primary = Slot.BLUE
        """The database that takes writes. The other one is read-only."""
        self.conditions = Conditions()
        self.why = ""
        """Why the last switchover failed (StatusDetails)."""
        self._status = Status.PROVISIONING
        self._names_moved_at: int | None = None
        env.process(self._provision())

    @property
    def status(self) -> Status:
        """As DescribeBlueGreenDeployments tells it."""
        if self._green.promoted_at is not None and self._status in {Status.AVAILABLE, Status.FAILED}:
            return Status.INVALID
        return self._status

    @property
    def writable(self) -> bool:
        """Whether the primary takes connections and writes: not during a switchover."""
        return self._status is not Status.IN_PROGRESS

    @property
    def names_cached(self) -> bool:
        """Whether clients may still be led to the old database by an answer from before the switchover."""
        moved = self._names_moved_at
        return moved is not None and now_ms(self._env) < moved + ms(self.spec.endpoint_ttl)

    def switch(self, asked: SwitchoverSpec) -> None:
        """Start a switchover. Raises ValueError when the deployment is not available for one
        (InvalidBlueGreenDeploymentStateFault). A guardrail that fails is an attempt that failed: nothing changes."""
        if self.status not in {Status.AVAILABLE, Status.FAILED}:
            raise ValueError(f"a deployment that is {self.status} cannot be switched over")
        self.why = self._refusal(asked)
        if self.why:
            self._status = Status.FAILED
            return
        self._become(Status.IN_PROGRESS)
        self._env.process(self._switch(ms(asked.timeout)))

    def delete(self, *, with_target: bool = False) -> None:
        """The deployment goes, its databases stay. Raises ValueError during a switchover, and for `with_target` (green
        goes too) after one, when green is what everybody uses (DeleteBlueGreenDeployment)."""
        if self._status is Status.IN_PROGRESS:
            raise ValueError("a deployment cannot be deleted during its switchover")
        if with_target and self._status is Status.COMPLETED:
            raise ValueError("DeleteTarget is not allowed after a switchover: green is the production database now")
        self._status = Status.DELETING

    def _refusal(self, asked: SwitchoverSpec) -> str:
        """The guardrail that fails, or nothing."""
        found = self.conditions
        checks = {
            "green does not replicate": not self._green.replicating,
            "green lags by more than the timeout": self._green.lag > asked.timeout.total_seconds(),
            "green takes writes": found.green_writes,
            "blue is a replica of an external database": found.blue_is_external_replica,
            "blue has long-running writes": found.long_writes,
            "blue runs long DDL": found.long_ddl,
        }
        return next((reason for reason, fails in checks.items() if fails), "")

    def _provision(self) -> Generator[simpy.Event, Any, None]:
        yield self._env.timeout(ms(self.spec.provisioning))
        if self._status is Status.PROVISIONING:
            self._status = Status.AVAILABLE

    def _switch(self, timeout: int) -> Generator[simpy.Event, Any, None]:
        """Blue has taken no writes since now; green must have all that it took before."""
        begun, needs = now_ms(self._env), self._green.catch_up_s() * 1000 + ms(self.spec.renaming)
        yield self._env.timeout(ceil(min(needs, timeout)))
        if needs > timeout or not self._green.has(begun):
            self.why = f"green had not caught up after {(now_ms(self._env) - begun) / 1000:.0f} s: rolled back"
            self._become(Status.FAILED)
            return
        self._become(Status.COMPLETED)
        self._green.stop()
        name = self.names[Slot.BLUE]
        self.names = {Slot.BLUE: f"{name}-old1", Slot.GREEN: name}
        self.primary, self._names_moved_at = Slot.GREEN, now_ms(self._env)

    def _become(self, status: Status) -> None:
        """Writes stop, or are let in again."""
        self._settle()
        self._status = status
        self._changed()
