"""RDS as far as a rollout meets it: one read replica, or one blue/green deployment, of the plan's source.

What both tiers ask of it is here; AWS's errors are `AwsError`, as the API reference words them. A replica's lag grows
while its source takes more writes than it is used to.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import simpy

from bluegreen.data.rds_blue_green import RdsBlueGreen
from bluegreen.data.replica import Replica as ReplicaPlan
from bluegreen.data.source import Source
from sim.clock import ms, now_ms
from sim.data.hazards import Hazards
from sim.data.replica import STOPPED, Replica
from sim.data.spec import DataSpec
from sim.data.switchover import Deployment, Status, SwitchoverSpec
from sim.errors import AwsError

if TYPE_CHECKING:
    from bluegreen.plan import Plan

MINUTE = 60_000
CALM = 1.1
"""A load that is no higher than this times the usual one leaves the replica as fast as ever."""
STEP = 0.05
SUFFIX = "abc123"
NO_BACKUPS = (
    "Automated backups are not enabled for this database instance. To enable automated backups, use ModifyDBInstance to"
    " set the backup retention period to a non-zero value."
)
NO_KEY = "Cannot create a cross region unencrypted read replica from encrypted source."
"""These two are AWS's words, as users report them."""
NOT_ENCRYPTED = "You can't create an encrypted read replica from an unencrypted DB instance."
"""The API reference's words; those of the answer are not known."""


class Rds:
    """The databases. Moments are milliseconds of the environment."""

    def __init__(
        self,
        spec: DataSpec,
        plan: Plan,
        hazards: Hazards,
        *,
        env: simpy.Environment,
        changed: Callable[[], None],
        settle: Callable[[], None],
    ) -> None:
        self._spec, self._plan, self._hazards = spec, plan, hazards
        self._env, self._changed, self._settle = env, changed, settle
        self.replica: Replica | None = None
        self.deployment: Deployment | None = None
        self._asked: int | None = None
        self._load = self._speed = 1.0
        self.points: list[tuple[int, float]] = []
        """ReplicaLag, minute by minute: when the minute began, and the value at its end."""

    # -- how it stands

    def replica_status(self) -> str | None:
        """DBInstanceStatus; None: there is none of that name."""
        if self._asked is None:
            return None
        if self.replica is None:
            return "creating"
        return "available" if self.replica.available else "rebooting"

    @property
    def promoted(self) -> bool:
        return self.replica is not None and self.replica.promoted_at is not None

    @property
    def available(self) -> bool:
        """The copy answers: not while it reboots."""
        return self.replica is None or self.replica.available

    @property
    def switched(self) -> bool:
        return self.deployment is not None and self.deployment.status is Status.COMPLETED

    @property
    def writable(self) -> bool:
        """The source's name takes writes."""
        return self.deployment is None or self.deployment.writable

    @property
    def lag(self) -> float:
        """Seconds, as the metric has it now."""
        return float(self.replica.lag) if self.replica is not None else float(STOPPED)

    @property
    def source(self) -> Source:
        """What RDS says of the source."""
        return Source(self._plan.guard.regions[0], backups=self._spec.backups, encrypted=self._spec.encrypted)

    # -- what is asked of it

    def create_replica(self, key: str | None) -> None:
        """CreateDBInstanceReadReplica in the plan's region, with that KmsKeyId. Raises AwsError."""
        if self._asked is not None:
            raise AwsError("DBInstanceAlreadyExists", "DB instance already exists", 400)
        if not self.source.backups:
            raise AwsError("InvalidDBInstanceState", NO_BACKUPS, 400)
        if self.source.encrypted and self._elsewhere and key is None:
            raise AwsError("InvalidParameterCombination", NO_KEY, 400)
        if key is not None and not self.source.encrypted:
            raise AwsError("InvalidParameterCombination", NOT_ENCRYPTED, 400)
        self._asked = now_ms(self._env)
        self._env.timeout(ms(self._spec.making)).callbacks.append(lambda _: self._follow())

    def promote(self) -> float:
        """PromoteReadReplica: the position up to which it has the source's writes. Raises AwsError."""
        if self.replica is None or self.replica.promoted_at is not None:
            raise AwsError("InvalidDBInstanceState", "DB Instance is not in a state to be promoted", 400)
        self.replica.promote()
        self._env.timeout(ms(self._spec.replica.promotion)).callbacks.append(lambda _: self._changed())
        return self.replica.position

    def create_deployment(self) -> None:
        """CreateBlueGreenDeployment. Raises AwsError."""
        if self.deployment is not None:
            raise AwsError("BlueGreenDeploymentAlreadyExistsFault", "A deployment of that name exists", 400)
        source = self._plan_data().source
        self._follow()
        assert self.replica is not None, "it follows"
        self.deployment = Deployment(
            self._spec.deployment,
            self.replica,
            name=source,
            suffix=SUFFIX,
            env=self._env,
            settle=self._settle,
            changed=self._changed,
        )

    def switch(self) -> None:
        """SwitchoverBlueGreenDeployment. Raises AwsError."""
        if self.deployment is None:
            raise AwsError("BlueGreenDeploymentNotFoundFault", "There is no such deployment", 404)
        self.deployment.conditions.long_writes = self._hazards.long_writes
        asked = SwitchoverSpec(timeout=self._plan_data().timeout)
        try:
            self.deployment.switch(asked)
        except ValueError as error:
            raise AwsError("InvalidBlueGreenDeploymentStateFault", str(error), 400) from error

    # -- time passes

    def follow(self, load: float) -> None:
        """So many times as many requests are answered as on average: the more, the slower the replica gets on."""
        if self.replica is not None:
            self._loaded(1 / load if load > CALM else 1.0)

    def measure(self) -> None:
        """A minute is over: its point of ReplicaLag, while there is a replica."""
        if self.replica is not None and not self.promoted and not self._hazards.lag_untold:
            self.points.append((now_ms(self._env) - MINUTE, self.lag))

    def known(self) -> list[tuple[int, float]]:
        """The points of the last ten minutes that are published by now."""
        now = now_ms(self._env)
        begin = now - now % MINUTE - 10 * MINUTE
        return [each for each in self.points[-12:] if begin <= each[0] <= now - MINUTE - ms(self._spec.lag_known_after)]

    def felt(self) -> None:
        """A hazard has changed, or the load: the replica follows accordingly."""
        replica, hazards = self.replica, self._hazards
        if replica is None or replica.promoted_at is not None or self.switched:
            return
        speed = self._spec.replica.speed * hazards.replica_speed * self._load
        if speed != self._speed:
            self._speed = speed
            replica.run_at(speed)
        if hazards.replication_off and replica.replicating:
            replica.stop()
        elif not hazards.replication_off and not replica.replicating:
            replica.resume()

    # -- how

    def _plan_data(self) -> RdsBlueGreen:
        assert isinstance(self._plan.data, RdsBlueGreen), "only such a plan asks for it"
        return self._plan.data

    @property
    def _elsewhere(self) -> bool:
        """The replica is to be in another region."""
        data = self._plan.data
        return isinstance(data, ReplicaPlan) and data.region not in (None, self.source.region)

    def _follow(self) -> None:
        self.replica = Replica(self._spec.replica, self._env, self._settle)
        self._speed = self._spec.replica.speed
        self.felt()

    def _loaded(self, load: float) -> None:
        """Small changes are passed over."""
        if abs(load - self._load) > STEP:
            self._load = load
            self.felt()


def lag_of(rds: Rds) -> tuple[int, float] | None:
    """The newest point of ReplicaLag that is known: when its minute began (ms), and seconds."""
    known = rds.known()
    return known[-1] if known else None
