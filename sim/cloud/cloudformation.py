"""CloudFormation: the stacks of a rehearsal are ours altogether; `sim/cloud/formation` knows how they live.

The rollout's template is taken as it is. What a rollout depends on is made in moto through the other services; the
rest is passed over, and `world.notes` says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.cloud.formation.blueprint import Blueprint, draw
from sim.cloud.formation.changesets import ChangeSets
from sim.cloud.formation.nodes import NO_VALUE, Open
from sim.cloud.formation.parameters import NoSuchThing, check_things, text_of_default, values
from sim.cloud.formation.reading import invalid
from sim.cloud.formation.stack import REVIEW, Stack
from sim.cloud.formation.template import LANGUAGE, Template, parse
from sim.cloud.formation.values import Values
from sim.cloud.formation.workshop import Workshop
from sim.cloud.service import ACCOUNT, Answer, Params, Service, Site
from sim.errors import AwsError, NotModelled

LARGEST = 51_200
IAM = ("AccessKey", "Group", "InstanceProfile", "ManagedPolicy", "Policy", "Role", "User", "UserToGroupAddition")
NAMES = ("GroupName", "InstanceProfileName", "ManagedPolicyName", "RoleName", "UserName")
KNOWN_MACROS = (LANGUAGE, "AWS::Include", "AWS::Serverless-2016-10-31")
PAGE = 100


class CloudFormation(Service):
    """Stacks by name; deleted ones by id only."""

    name = "cloudformation"

    def __init__(self, site: Site, peers: Mapping[str, Service] | None = None) -> None:
        super().__init__(site)
        self.peers: Mapping[str, Service] = peers if peers is not None else {}
        """The other services by name, through which resources are made."""
        self._stacks: dict[str, Stack] = {}  # by id
        self._changes = ChangeSets()

    # -- templates ----------------------------------------------------------------------------------------------------

    def on_validate_template(self, params: Params) -> Answer:
        template = self._template(params)
        keys = ("ParameterKey", "DefaultValue", "NoEcho", "Description")
        shown = [{key: entry[key] for key in keys if key in entry} for entry in _declared(template)]
        answer = {"Parameters": shown, "Capabilities": self._capabilities(template)}
        return answer | {"DeclaredTransforms": list(template.transforms), "Description": template.description}

    def on_get_template_summary(self, params: Params) -> Answer:
        template = self._template(params)
        return {
            "Parameters": _declared(template),
            "Description": template.description,
            "Capabilities": self._capabilities(template),
            "ResourceTypes": list(dict.fromkeys(str(r["Type"]) for r in template.resources.values())),
            "DeclaredTransforms": list(template.transforms),
        }

    # -- stacks -------------------------------------------------------------------------------------------------------

    def on_create_stack(self, params: Params) -> Answer:
        name = params["StackName"]
        if self._by_name(name) is not None:
            raise AwsError("AlreadyExistsException", f"Stack [{name}] already exists")
        stack, impossible = self._draw(params)
        self._stacks[stack.id] = stack
        stack.create(impossible)
        return {"StackId": stack.id}

    def on_delete_stack(self, params: Params) -> Answer:
        """Deleting what is not there succeeds."""
        stack = self._find(params["StackName"])
        if stack is not None:
            stack.delete()
        return {}

    def on_describe_stacks(self, params: Params) -> Answer:
        if "StackName" in params:
            return {"Stacks": [_described(self._existing(params["StackName"]))]}
        return {"Stacks": [_described(stack) for stack in self._stacks.values() if stack.deleted is None]}

    def on_describe_stack_events(self, params: Params) -> Answer:
        events = self._existing(params["StackName"]).events[::-1]
        start = int(params.get("NextToken", "0"))
        more = {"NextToken": str(start + PAGE)} if start + PAGE < len(events) else {}
        return {"StackEvents": [dict(event) for event in events[start : start + PAGE]], **more}

    def on_describe_stack_resources(self, params: Params) -> Answer:
        name = params["StackName"]
        stack = self._existing(name)
        listed = self._listed(name, "Timestamp")
        return {"StackResources": [{"StackId": stack.id, "StackName": stack.name, **entry} for entry in listed]}

    def on_list_stack_resources(self, params: Params) -> Answer:
        return {"StackResourceSummaries": self._listed(params["StackName"], "LastUpdatedTimestamp")}

    # -- change sets --------------------------------------------------------------------------------------------------

    def on_create_change_set(self, params: Params) -> Answer:
        if params.get("ChangeSetType", "UPDATE") != "CREATE":
            raise NotModelled("the rehearsal has change sets that create a stack, and no others")
        name, stack = params["ChangeSetName"], self._by_name(params["StackName"])
        if stack is not None and stack.status != REVIEW:
            raise invalid(
                f"Stack [{stack.name}] already exists and cannot be created again with the changeSet [{name}]."
            )
        drawn, impossible = self._draw(params)
        empty = stack or drawn
        made = self._changes.add(empty, name, drawn, impossible, self.site.now())
        if stack is None:
            self._stacks[drawn.id] = drawn
            drawn.review()
        return {"Id": made.id, "StackId": empty.id}

    def on_describe_change_set(self, params: Params) -> Answer:
        found = self._changes.find(self._existing(params["StackName"]), params["ChangeSetName"])
        return found.described(self.site.now(), int(params.get("NextToken", "0")))

    def on_delete_change_set(self, params: Params) -> Answer:
        self._changes.remove(self._existing(params["StackName"]), params["ChangeSetName"])
        return {}

    # -- how it works -------------------------------------------------------------------------------------------------

    def _draw(self, params: Params) -> tuple[Stack, str]:
        """A stack that has not begun, and why it will roll back before anything is made, or nothing. Raises AwsError
        for what CloudFormation refuses at once."""
        name = params["StackName"]
        template = self._template(params)
        self._check_capabilities(template, params.get("Capabilities", []))
        identity = f"arn:aws:cloudformation:{self.site.region}:{ACCOUNT}:stack/{name}/{len(self._stacks):08d}"
        found = values(template.parameters, params.get("Parameters", []), self._note)
        worked = self._values(template, found, name, identity)
        blueprint = draw(worked, self.site.plan.candidate.template, self.site.region)
        if template.rules:
            self._note("the template's Rules are not checked")
        stack = Stack(identity, name, self._workshop(name, identity, params, blueprint), blueprint, params)
        worked.ref, worked.attribute = stack.ref, stack.attribute
        return stack, _impossible(template, found)

    def _listed(self, name: str, time: str) -> list[Answer]:
        """A stack's resources. Nested stacks are there, and nothing is in them."""
        if self._is_nested(name):
            return []
        return [
            {
                "LogicalResourceId": resource.logical,
                "PhysicalResourceId": resource.physical,
                "ResourceType": resource.kind,
                time: resource.since,
                "ResourceStatus": resource.status,
                **({"ResourceStatusReason": resource.reason} if resource.reason else {}),
            }
            for resource in self._existing(name).resources.values()
        ]

    def _is_nested(self, name: str) -> bool:
        kept = (resource for stack in self._stacks.values() for resource in stack.resources.values())
        return any(resource.physical == name and resource.kind == "AWS::CloudFormation::Stack" for resource in kept)

    def _template(self, params: Params) -> Template:
        if "TemplateURL" in params:
            raise invalid("S3 error: The specified bucket does not exist")
        body = params.get("TemplateBody", "")
        if len(body.encode()) > LARGEST:
            raise invalid(
                f"1 validation error detected: Value '{body[:40]}...' at 'templateBody' failed to satisfy constraint:"
                f" Member must have length less than or equal to {LARGEST}"
            )
        template = parse(body, self.site.region)
        for macro in template.transforms:
            if macro not in KNOWN_MACROS:
                raise invalid(f"No transform named {ACCOUNT}::{macro} found.")
            if macro != LANGUAGE:
                self._note(f"the transform {macro} is not run: what it would make of the template is not rehearsed")
        return template

    def _capabilities(self, template: Template) -> list[str]:
        iam = [r for r in template.resources.values() if str(r["Type"]).removeprefix("AWS::IAM::") in IAM]
        if not iam:
            return []
        named = any(key in (resource.get("Properties") or {}) for resource in iam for key in NAMES)
        return ["CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"]

    def _check_capabilities(self, template: Template, given: list[str]) -> None:
        needed = self._capabilities(template)
        if needed == ["CAPABILITY_IAM"] and "CAPABILITY_NAMED_IAM" in given:
            needed = []
        needed += ["CAPABILITY_AUTO_EXPAND"] if set(template.transforms) - {"AWS::Include"} else []
        missing = [capability for capability in needed if capability not in given]
        if missing:
            raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{', '.join(missing)}]")

    def _values(self, template: Template, found: Mapping[str, Any], name: str, identity: str) -> Values:
        region = self.site.region
        pseudo = {
            "AWS::AccountId": ACCOUNT,
            "AWS::NotificationARNs": [],
            "AWS::NoValue": NO_VALUE,
            "AWS::Partition": "aws",
            "AWS::Region": region,
            "AWS::StackId": identity,
            "AWS::StackName": name,
            "AWS::URLSuffix": "amazonaws.com",
        }
        zones = [z["ZoneName"] for z in self.site.moto("ec2").describe_availability_zones()["AvailabilityZones"]]
        return Values(template, found, pseudo, {region: tuple(sorted(zones))}, Open, _open, self._note)

    def _workshop(self, name: str, identity: str, params: Params, blueprint: Blueprint) -> Workshop:
        tags = {tag["Key"]: tag["Value"] for tag in params.get("Tags", [])}
        return Workshop(self.site, self.peers, name, identity, tags, blueprint.chosen, self._note)

    def _note(self, line: str) -> None:
        line = f"CloudFormation: {line}"
        if line not in self.world.notes:
            self.world.notes.append(line)

    def _by_name(self, name: str) -> Stack | None:
        return next((s for s in self._stacks.values() if s.name == name and s.deleted is None), None)

    def _find(self, name: str) -> Stack | None:
        return self._stacks.get(name) or self._by_name(name)

    def _existing(self, name: str) -> Stack:
        stack = self._find(name)
        if stack is None:
            raise invalid(f"Stack with id {name} does not exist")
        return stack


def _open(logical: str, attribute: str) -> Open:
    return Open(f"{logical}.{attribute}")


def _impossible(template: Template, found: Mapping[str, Any]) -> str:
    """Why the stack will roll back before anything is made, or nothing."""
    try:
        check_things(template.parameters, found)
    except NoSuchThing as reason:
        return f"{reason}."
    return ""


def _declared(template: Template) -> list[Answer]:
    """The parameters as GetTemplateSummary tells them."""
    return [
        {
            "ParameterKey": key,
            "ParameterType": declared["Type"],
            "NoEcho": str(declared.get("NoEcho", False)).lower() == "true",
            **({"DefaultValue": text_of_default(declared)} if "Default" in declared else {}),
            **({"Description": str(declared["Description"])} if "Description" in declared else {}),
            "ParameterConstraints": {"AllowedValues": [str(value) for value in declared.get("AllowedValues", ())]},
        }
        for key, declared in template.parameters.items()
    ]


def _described(stack: Stack) -> Answer:
    given = {entry["ParameterKey"]: entry.get("ParameterValue", "") for entry in stack.asked.get("Parameters", [])}
    answer: Answer = {
        "StackId": stack.id,
        "StackName": stack.name,
        "CreationTime": stack.created,
        "StackStatus": stack.status,
        "DisableRollback": bool(stack.asked.get("DisableRollback", False)),
        "NotificationARNs": [],
        "Capabilities": stack.asked.get("Capabilities", []),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()],
        "Tags": stack.asked.get("Tags", []),
        "Outputs": stack.outputs,
    }
    answer |= {"StackStatusReason": stack.reason} if stack.reason else {}
    return answer | ({"DeletionTime": stack.deleted} if stack.deleted else {})
