"""The Data port straight on the world's databases: the calls of `bluegreen/aws/data`, one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import simpy

from bluegreen.data.rds_blue_green import RdsBlueGreen
from bluegreen.data.replica import Replica
from bluegreen.data.same import PROPERTY, Same, named_in
from bluegreen.data.source import hindrances
from bluegreen.data.sync import Sync
from bluegreen.errors import Busy, Missing, Refused
from bluegreen.model import DataStage, DataView, Point, Query, Series, Slot
from bluegreen.outside.nothing import NoData
from bluegreen.ports import Data
from sim.clock import EPOCH, ms, now_ms
from sim.cloudspec import COMMAND
from sim.data.published import published
from sim.data.rds import lag_of
from sim.data.switchover import Status
from sim.data.tier import DataTier
from sim.data.together import MINUTE
from sim.errors import AwsError
from sim.memory.beanstalk import Environment
from sim.memory.calls import Calls, words
from sim.memory.store import Store

if TYPE_CHECKING:
    from sim.memory.environments import Environments

DESCRIBE, METRICS = "rds:DescribeDBInstances", "cloudwatch:GetMetricData"
REPLICATE, PROMOTE = "rds:CreateDBInstanceReadReplica", "rds:PromoteReadReplica"
LIST, DEPLOY = "rds:DescribeBlueGreenDeployments", "rds:CreateBlueGreenDeployment"
SETTINGS = "elasticbeanstalk:DescribeConfigurationSettings"
SWITCH = "rds:SwitchoverBlueGreenDeployment"
STAGES: Mapping[Status, DataStage] = {
    Status.PROVISIONING: "making",
    Status.AVAILABLE: "following",
    Status.IN_PROGRESS: "moving",
    Status.COMPLETED: "moved",
    Status.FAILED: "refused",
}


def data_port(calls: Calls, store: Store, environments: Environments) -> Data:
    """For the plan's way."""
    spec, tier = store.plan.data, store.world.data
    match spec:
        case Replica() if tier is not None:
            return ReplicaData(calls, spec, tier)
        case RdsBlueGreen() if tier is not None:
            return BlueGreenData(calls, spec, tier)
        case Sync() if tier is not None:
            return SyncData(calls, spec, tier, store.world.env)
        case Same(source=str() as source):
            return SameData(calls, store, environments, source)
        case _:
            return NoData()


def data_problems(calls: Calls, store: Store) -> list[str]:
    """What the preflight finds of the data, by the calls of `bluegreen.aws.data.replica.replica_problems`."""
    spec, tier = store.plan.data, store.world.data
    if not isinstance(spec, Replica) or tier is None:
        return []
    source = calls.ask(DESCRIBE, lambda: tier.rds.source)
    found = list(hindrances(spec, source))
    there = bool(found) and calls.ask(DESCRIBE, tier.rds.replica_status) is not None
    return [] if there else found


class ReplicaData:
    """`bluegreen.ports.Data`."""

    def __init__(self, calls: Calls, spec: Replica, tier: DataTier) -> None:
        self._calls, self._spec, self._tier = calls, spec, tier

    def look(self) -> DataView:
        view = self._calls.ask(DESCRIBE, self._view)
        if view.stage != "following":
            return view
        newest = self._calls.ask(METRICS, lambda: lag_of(self._tier.rds))
        if newest is None:
            return view
        return DataView("following", lag=newest[1], lag_at=EPOCH + timedelta(milliseconds=newest[0]))

    def prepare(self) -> None:
        if self._spec.region is not None:
            self._calls.ask(DESCRIBE, lambda: None)
        create = partial(self._tier.rds.create_replica, self._spec.kms_key)
        _do(self._calls, REPLICATE, create, known=("DBInstanceAlreadyExists",))

    def move(self) -> None:
        _do(self._calls, PROMOTE, self._tier.promote, busy="InvalidDBInstanceState")

    def _view(self) -> DataView:
        status = self._tier.rds.replica_status()
        if status is None:
            return DataView("absent")
        name, follows = self._spec.replica, not self._tier.rds.promoted
        if not follows:
            return DataView("moved" if status == "available" else "moving", f"{name} is {status}")
        return DataView("following") if status == "available" else DataView("making", f"{name} is {status}")


class BlueGreenData:
    """`bluegreen.ports.Data`."""

    def __init__(self, calls: Calls, spec: RdsBlueGreen, tier: DataTier) -> None:
        self._calls, self._spec, self._tier = calls, spec, tier

    def look(self) -> DataView:
        return self._calls.ask(LIST, self._view)

    def prepare(self) -> None:
        self._calls.ask(DESCRIBE, lambda: None)
        known = ("BlueGreenDeploymentAlreadyExistsFault",)
        _do(self._calls, DEPLOY, self._tier.rds.create_deployment, known=known)

    def move(self) -> None:
        view = self._calls.ask(LIST, self._view)
        if view.stage == "absent":
            raise Missing(f"there is no blue/green deployment {self._spec.deployment}")
        if view.stage == "following":
            _do(self._calls, SWITCH, self._tier.switch, busy="InvalidBlueGreenDeploymentState")

    def _view(self) -> DataView:
        deployment = self._tier.rds.deployment
        if deployment is None:
            return DataView("absent")
        stage = STAGES.get(deployment.status, "failed")
        why = f": {deployment.why}" if deployment.why else ""
        said = f"{self._spec.deployment} is {deployment.status}{why}"
        return DataView(stage, "" if stage == "following" else said)


class SyncData:
    """`bluegreen.ports.Data`."""

    def __init__(self, calls: Calls, spec: Sync, tier: DataTier, env: simpy.Environment) -> None:
        self._calls, self._spec, self._tier, self._env = calls, spec, tier, env

    def look(self) -> DataView:
        return DataView("following", told=self._spec.told_by(self._calls.ask(METRICS, self._series)))

    def _series(self) -> Mapping[Query, Series]:
        now = now_ms(self._env)
        since = now - now % MINUTE - ms(self._spec.lookback)
        return {
            query: tuple(
                Point(EPOCH + timedelta(milliseconds=at), value)
                for at, value in published(self._spec, self._tier, query) or ()
                if at >= since
            )
            for query in self._spec.asked().values()
        }

    def prepare(self) -> None:
        raise Refused("both stores are the team's: there is no copy to make")

    def move(self) -> None:
        raise Refused("both stores serve: there is nothing to move")


class SameData:
    """`bluegreen.ports.Data`."""

    def __init__(self, calls: Calls, store: Store, environments: Environments, source: str) -> None:
        self._calls, self._store, self._environments, self._source = calls, store, environments, source

    def look(self) -> DataView:
        return DataView("following", named={slot: self._named(slot) for slot in Slot})

    def prepare(self) -> None:
        raise Refused("both versions use one database: there is no copy to make")

    def move(self) -> None:
        raise Refused("both versions use one database: there is nothing to move")

    def _named(self, slot: Slot) -> Mapping[str, bool]:
        way = self._environments.ways[slot]
        if isinstance(way, Environment):
            return self._properties(way, slot)
        named = way.named()
        if named is None or not named.facts() or named.find() is None:
            return {}
        text = self._calls.ask("ec2:DescribeLaunchTemplateVersions", lambda: self._user_data(slot))
        return {"user data": named_in(self._source, text)} if text else {}

    def _properties(self, way: Environment, slot: Slot) -> Mapping[str, bool]:
        plan = self._store.plan
        if not way.find():
            return {}
        beanstalk = plan.candidate.beanstalk if slot is not plan.live.slot else None
        saved = beanstalk.configuration if beanstalk is not None else None
        told = self._calls.ask(SETTINGS, lambda: self._store.spec.properties(self._source, saved))
        return {f"{PROPERTY} {name}": named_in(self._source, text) for name, text in told.items()}

    def _user_data(self, slot: Slot) -> str:
        candidate, template = self._store.plan.candidate, None
        if slot is not self._store.plan.live.slot:
            template = candidate.clone.launch_template if candidate.clone else COMMAND if candidate.command else None
        return self._store.spec.user_data(self._source, template)


def _do(calls: Calls, call: str, does: Callable[[], object], *, known: tuple[str, ...] = (), busy: str = "-") -> None:
    """One change, with AWS's refusals as the adapters understand them."""

    def effect() -> None:
        try:
            does()
        except AwsError as error:
            told = f"{words(call)}: {error.code}: {error.message}"
            if error.code in known:
                return
            if busy in error.code:
                raise Busy(told) from error
            raise (Missing if "NotFound" in error.code else Refused)(told) from error

    calls.ask(call, effect)
