"""EC2 and STS: stand-ins. Networks, images and launch templates are settings, which moto keeps well enough; the
machines themselves are the world's fleets."""

from __future__ import annotations

from bluegreen.model import Slot
from sim.cloud.service import Answer, Params, Service
from sim.effects import Created, Removed
from sim.errors import AwsError


class Ec2(Service):
    """Networks as they are, and launch templates that may be made, copied and removed."""

    name = "ec2"
    moto = frozenset(
        [
            "describe_vpcs",
            "describe_subnets",
            "describe_security_groups",
            "describe_images",
            "describe_launch_templates",
            "describe_launch_template_versions",
            "create_launch_template_version",
            "modify_launch_template",
            "describe_tags",
            "describe_availability_zones",
            "describe_key_pairs",
        ]
    )
    throttle = AwsError("RequestLimitExceeded", "Request limit exceeded.", 503)

    def on_create_launch_template(self, params: Params) -> Answer:
        answer: Answer = self.aws.create_launch_template(**params)
        self.world.record(Created(self._slot(answer["LaunchTemplate"]), _name(answer)))
        return answer

    def on_delete_launch_template(self, params: Params) -> Answer:
        named = {key: params[key] for key in ("LaunchTemplateId", "LaunchTemplateName") if key in params}
        plural = {f"{key}s": [value] for key, value in named.items()}
        slot = self._slot(self.aws.describe_launch_templates(**plural)["LaunchTemplates"][0])
        answer: Answer = self.aws.delete_launch_template(**params)
        self.world.record(Removed(slot, _name(answer)))
        return answer

    def _slot(self, template: Answer) -> Slot:
        return self.site.bindings.by_tags(template.get("Tags", []))


class Sts(Service):
    """Who is asking."""

    name = "sts"
    moto = frozenset({"get_caller_identity"})


def _name(answer: Answer) -> str:
    return f"launch-template/{answer['LaunchTemplate']['LaunchTemplateName']}"
