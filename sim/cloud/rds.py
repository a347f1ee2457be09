"""RDS: all of it is the world's (`sim/data/rds.py`), under the plan's names. Where moto falls short: a replica is
available at once and never lags, a promotion takes no time, a deployment is available at once and its switchover never
ends (RDS API reference; Amazon RDS User Guide, read replicas, blue/green deployments).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bluegreen.data.rds_blue_green import RdsBlueGreen
from bluegreen.data.replica import Replica
from sim.cloud.service import ACCOUNT, Answer, Params, Service
from sim.data.tier import DataTier
from sim.errors import AwsError, NotModelled

DEPLOYMENT_ID = "bgd-rehearsed0000001"


class Rds(Service):
    """The plan's source, and its replica or deployment."""

    name = "rds"

    def on_describe_db_instances(self, params: Params) -> Answer:
        spec, name = self._spec, params.get("DBInstanceIdentifier")
        if name is None:
            raise NotModelled("all databases of the account: the rehearsal knows the plan's")
        if name == spec.source:
            return {"DBInstances": [self._instance(name, "available")]}
        status = self._tier.rds.replica_status() if name == self._replica else None
        if status is None:
            raise AwsError("DBInstanceNotFound", f"DBInstance {name} not found.", 404)
        follows = {} if self._tier.rds.promoted else {"ReadReplicaSourceDBInstanceIdentifier": spec.source}
        return {"DBInstances": [{**self._instance(name, status), **follows}]}

    def on_create_db_instance_read_replica(self, params: Params) -> Answer:
        if params["DBInstanceIdentifier"] != self._replica:
            raise NotModelled(f"a replica {params['DBInstanceIdentifier']}: the rehearsal's databases are the plan's")
        if params["SourceDBInstanceIdentifier"] not in (self._spec.source, self._arn(self._spec.source)):
            raise AwsError("DBInstanceNotFound", f"DBInstance {params['SourceDBInstanceIdentifier']} not found.", 404)
        self._tier.rds.create_replica(params.get("KmsKeyId"))
        return {"DBInstance": self._instance(self._replica, "creating")}

    def on_promote_read_replica(self, params: Params) -> Answer:
        if params["DBInstanceIdentifier"] != self._replica:
            raise AwsError("DBInstanceNotFound", f"DBInstance {params['DBInstanceIdentifier']} not found.", 404)
        self._tier.promote()
        return {"DBInstance": self._instance(self._replica, "modifying")}

    def on_describe_blue_green_deployments(self, params: Params) -> Answer:
        return {"BlueGreenDeployments": self._deployments(_named(params))}

    def on_create_blue_green_deployment(self, params: Params) -> Answer:
        assert isinstance(self._spec, RdsBlueGreen), "only such a plan asks for it"
        if params["BlueGreenDeploymentName"] != self._spec.deployment:
            raise NotModelled(f"a deployment {params['BlueGreenDeploymentName']}: the rehearsal's are the plan's")
        self._tier.rds.create_deployment()
        return {"BlueGreenDeployment": self._deployments([self._spec.deployment])[0]}

    def on_switchover_blue_green_deployment(self, params: Params) -> Answer:
        assert isinstance(self._spec, RdsBlueGreen), "only such a plan asks for it"
        if params["BlueGreenDeploymentIdentifier"] != DEPLOYMENT_ID:
            raise AwsError("BlueGreenDeploymentNotFoundFault", "There is no such deployment", 404)
        self._tier.switch()
        return {"BlueGreenDeployment": self._deployments([self._spec.deployment])[0]}

    # -- how

    @property
    def _spec(self) -> Replica | RdsBlueGreen:
        data = self.site.plan.data
        if not isinstance(data, Replica | RdsBlueGreen):
            raise NotModelled("no rds in this rehearsal: the plan has no database of RDS")
        return data

    @property
    def _tier(self) -> DataTier:
        assert self.world.data is not None, "a plan with data has a tier"
        return self.world.data

    @property
    def _replica(self) -> str:
        return self._spec.replica if isinstance(self._spec, Replica) else ""

    def _deployments(self, names: Sequence[str]) -> list[dict[str, Any]]:
        found, spec = self._tier.rds.deployment, self._spec
        if found is None or not isinstance(spec, RdsBlueGreen) or spec.deployment not in names:
            return []
        described = {
            "BlueGreenDeploymentIdentifier": DEPLOYMENT_ID,
            "BlueGreenDeploymentName": spec.deployment,
            "Source": self._arn(spec.source),
            "Status": str(found.status),
        }
        return [{**described, "StatusDetails": found.why} if found.why else described]

    def _instance(self, name: str, status: str) -> dict[str, Any]:
        source, own = self._tier.rds.source, name == self._spec.source
        return {
            "DBInstanceIdentifier": name,
            "DBInstanceStatus": status,
            "DBInstanceArn": self._arn(name),
            "BackupRetentionPeriod": int(own and source.backups),  # a replica starts without
            "StorageEncrypted": source.encrypted,
        }

    def _arn(self, name: str) -> str:
        return f"arn:aws:rds:{self.site.region}:{ACCOUNT}:db:{name}"


def _named(params: Params) -> list[str]:
    for wanted in params.get("Filters", ()):
        if wanted["Name"] != "blue-green-deployment-name":
            raise NotModelled(f"deployments by {wanted['Name']}")
        return [str(value) for value in wanted["Values"]]
    raise NotModelled("all deployments of the account: the rehearsal knows the plan's")
