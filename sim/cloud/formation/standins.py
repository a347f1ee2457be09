"""Things of the team's account that a template names and the rehearsal's account does not have: VPCs, subnets,
security groups, launch templates, certificates. Each gets a stand-in, and a line in the notes says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sim.cloud.formation.nodes import PARTS, Note, Open
from sim.cloud.formation.reading import invalid
from sim.cloud.service import ACCOUNT, Site

CERTIFICATE = f"arn:aws:iam::{ACCOUNT}:server-certificate/stand-in"
TEMPLATE = "stand-in-launch-template"


class StandIns:
    """Exchanges ids that are not known here."""

    def __init__(self, site: Site, note: Note) -> None:
        self._site = site
        self._note = note
        self._chosen: dict[str, str] = {}

    def vpc(self, given: str) -> str:
        """This VPC, or the default one."""
        known = [vpc["VpcId"] for vpc in self._ec2("describe_vpcs")["Vpcs"]]
        return given if given in known else self._stand_in(given, self.default_vpc(), "VPC")

    def default_vpc(self) -> str:
        """The account's default VPC."""
        return str(next(vpc["VpcId"] for vpc in self._ec2("describe_vpcs")["Vpcs"] if vpc.get("IsDefault")))

    def subnets(self, given: Iterable[str]) -> list[str]:
        """These subnets; for each unknown one another subnet, in another zone as long as there are some."""
        found = sorted(self._ec2("describe_subnets")["Subnets"], key=lambda s: (s["AvailabilityZone"], s["SubnetId"]))
        known = {subnet["SubnetId"] for subnet in found}
        spare = [subnet["SubnetId"] for subnet in found if subnet.get("DefaultForAz")]
        wanted = list(given)
        if len(wanted) == 1 and isinstance(wanted[0], Open):
            # A list that nobody has taken apart.
            wanted = [f"{wanted[0]}[{index}]" for index in range(PARTS)]
        return _unique(one if one in known else self._stand_in(one, self._next(spare), "subnet") for one in wanted)

    def security_groups(self, given: Iterable[str]) -> list[str]:
        """These security groups, by id or name; the default one for those unknown."""
        found = self._ec2("describe_security_groups")["SecurityGroups"]
        known = {group[key]: group["GroupId"] for group in found for key in ("GroupName", "GroupId")}
        default = next(group["GroupId"] for group in found if group["GroupName"] == "default")
        return _unique(known.get(one) or self._stand_in(one, default, "security group") for one in given)

    def launch_template(self, given: Mapping[str, Any]) -> dict[str, str]:
        """A launch template by id or name, or one that launches nothing in particular."""
        found = self._ec2("describe_launch_templates")["LaunchTemplates"]
        named = str(given.get("LaunchTemplateId") or given.get("LaunchTemplateName") or "")
        known = {template[key] for template in found for key in ("LaunchTemplateId", "LaunchTemplateName")}
        if named not in known:
            if TEMPLATE not in known:
                self._make_template()
            self._stand_in(named, TEMPLATE, "launch template")
            return {"LaunchTemplateName": TEMPLATE, "Version": "$Default"}
        return {key: str(value) for key, value in given.items() if key != "Version"} | {"Version": "$Default"}

    def certificate(self, given: str) -> str:
        """Any certificate's ARN will do. Raises AwsError for what is no ARN."""
        if not given.startswith("arn:") and not isinstance(given, Open):
            raise invalid(f"Certificate ARN '{given}' is not valid")
        return CERTIFICATE if given == CERTIFICATE else self._stand_in(given, CERTIFICATE, "certificate")

    def _stand_in(self, given: str, instead: str, what: str) -> str:
        if given not in self._chosen:
            self._chosen[given] = instead
            self._note(f"the {what} {given or '(empty)'} is not in the rehearsal: {instead} stands for it")
        return self._chosen[given]

    def _next(self, spare: list[str]) -> str:
        """One that stands for nothing yet; when all do, they stand for several."""
        taken = list(self._chosen.values())
        return min(spare, key=taken.count)

    def _make_template(self) -> None:
        data = {"ImageId": "ami-0a11b1e00000001ee", "InstanceType": "m6i.large"}
        self._site.moto("ec2").create_launch_template(LaunchTemplateName=TEMPLATE, LaunchTemplateData=data)

    def _ec2(self, operation: str) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(self._site.moto("ec2"), operation)()
        return answer


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
