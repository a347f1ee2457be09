"""The Data port for an RDS Blue/Green Deployment (RDS API reference; User Guide, blue/green deployments)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bluegreen.aws.session import Api
from bluegreen.data.rds_blue_green import RdsBlueGreen
from bluegreen.errors import Busy, Missing, Refused
from bluegreen.model import DataStage, DataView

STAGES: Mapping[str, DataStage] = {
    "PROVISIONING": "making",
    "AVAILABLE": "following",
    "SWITCHOVER_IN_PROGRESS": "moving",
    "SWITCHOVER_COMPLETED": "moved",
    "SWITCHOVER_FAILED": "refused",
}
"""By BlueGreenDeployment.Status; INVALID_CONFIGURATION and DELETING are no way on."""
EXISTS, STATE = "BlueGreenDeploymentAlreadyExistsFault", "InvalidBlueGreenDeploymentState"


class BlueGreenData:
    """`bluegreen.ports.Data`."""

    def __init__(self, api: Api, spec: RdsBlueGreen) -> None:
        self._api, self._spec = api, spec

    def look(self) -> DataView:
        found = self._found()
        if found is None:
            return DataView("absent")
        status, details = str(found["Status"]), str(found.get("StatusDetails", ""))
        stage = STAGES.get(status, "failed")
        said = f"{self._spec.deployment} is {status}" + (f": {details}" if details else "")
        return DataView(stage, "" if stage == "following" else said)

    def prepare(self) -> None:
        spec = self._spec
        described = self._api.call("rds", "describe_db_instances", DBInstanceIdentifier=spec.source)
        wished = {
            "TargetEngineVersion": spec.engine_version,
            "TargetDBParameterGroupName": spec.parameter_group,
            "TargetDBInstanceClass": spec.instance_class,
        }
        try:
            self._api.call(
                "rds",
                "create_blue_green_deployment",
                BlueGreenDeploymentName=spec.deployment,
                Source=described["DBInstances"][0]["DBInstanceArn"],
                **{key: value for key, value in wished.items() if value is not None},
            )
        except Refused as error:
            if EXISTS not in str(error):
                raise

    def move(self) -> None:
        found = self._found()
        if found is None:
            raise Missing(f"there is no blue/green deployment {self._spec.deployment}")
        if found["Status"] != "AVAILABLE":  # a lost answer: it is under way, or over
            return
        timeout = round(self._spec.timeout.total_seconds())
        id_ = found["BlueGreenDeploymentIdentifier"]
        try:
            self._api.call(
                "rds",
                "switchover_blue_green_deployment",
                BlueGreenDeploymentIdentifier=id_,
                SwitchoverTimeout=timeout,
            )
        except Refused as error:
            if STATE in str(error):
                raise Busy(str(error)) from error
            raise

    def _found(self) -> dict[str, Any] | None:
        by_name = [{"Name": "blue-green-deployment-name", "Values": [self._spec.deployment]}]
        found = self._api.call("rds", "describe_blue_green_deployments", Filters=by_name)["BlueGreenDeployments"]
        return dict(found[0]) if found else None
