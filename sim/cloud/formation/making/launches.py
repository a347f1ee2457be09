"""Launch templates and launch configurations: what a group starts its machines from."""

from __future__ import annotations

from sim.cloud.formation.nodes import text
from sim.cloud.formation.reading import invalid
from sim.cloud.formation.workshop import Made, Properties, Workshop, text_or

DATA = ("ImageId", "InstanceType", "KeyName")


def launch_template(shop: Workshop, logical: str, properties: Properties) -> Made:
    name = text_or(properties.get("LaunchTemplateName"), shop.name(logical))
    given = properties["LaunchTemplateData"]
    data = {key: text(given[key]) for key in DATA if key in given}
    tags = [{"ResourceType": "launch-template", "Tags": shop.all_tags(logical, {})}]
    made = shop.act(
        "ec2",
        "CreateLaunchTemplate",
        LaunchTemplateName=name,
        LaunchTemplateData=data or {"InstanceType": "m6i.large"},
        TagSpecifications=tags,
    )["LaunchTemplate"]
    identity = made["LaunchTemplateId"]
    versions = {"LatestVersionNumber": "1", "DefaultVersionNumber": "1", "LaunchTemplateId": identity}

    def undo() -> None:
        shop.act("ec2", "DeleteLaunchTemplate", LaunchTemplateId=identity)

    return Made(identity, versions, undo)


def launch_configuration(shop: Workshop, logical: str, properties: Properties) -> Made:
    if "InstanceId" not in properties and not {"ImageId", "InstanceType"} <= properties.keys():
        raise invalid(
            "Valid requests must contain either the InstanceID parameter or both the ImageId and InstanceType"
        )
    name = text_or(properties.get("LaunchConfigurationName"), shop.name(logical))
    params = shop.fit("autoscaling", "CreateLaunchConfiguration", properties, DATA)
    shop.act(
        "autoscaling",
        "CreateLaunchConfiguration",
        LaunchConfigurationName=name,
        **{"ImageId": "ami-0a11b1e00000001ee", "InstanceType": "m6i.large"} | params,
    )

    def undo() -> None:
        operation = "DeleteLaunchConfiguration"
        shop.act("autoscaling", operation, LaunchConfigurationName=name)

    return Made(name, {}, undo)
