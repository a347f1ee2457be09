"""A slot as a CloudFormation stack: made from the operator's own template, found by its resources, removed as a whole.

The stack's name is computed from the rollout, so after a crash or a lost reply the next look finds it again. A stack
that failed to create is left for CloudFormation to roll back, and removed like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bluegreen.aws.environments import groups, stacks
from bluegreen.aws.environments.base import PlaceFacts, Stamp
from bluegreen.aws.environments.stack_contents import Unclear, find_place
from bluegreen.aws.environments.stack_preflight import body_of, check_template, parameters
from bluegreen.aws.session import Api
from bluegreen.errors import Missing, Refused
from bluegreen.model import EnvironmentView, Presence
from bluegreen.plan import Template

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
"""The operator has named the template in the rollout file: that is the consent which CloudFormation asks for."""

COMPLETE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE"})
FAILED = frozenset({"CREATE_FAILED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"})
UNTOUCHABLE = frozenset({"DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"})
"""A stack that is going already, or that will have gone as far as it can by itself."""
CANCELLED = "Resource creation cancelled"
"""What CloudFormation says of resources that stopped because another one failed."""


@dataclass(slots=True)
class StackWay:
    """`Way` by CloudFormation."""

    api: Api
    template: Template
    stamp: Stamp
    _place: PlaceFacts | None = field(default=None, init=False)
    """Kept once the stack is complete and its balancer active: names do not change then."""

    def look(self) -> EnvironmentView:
        group = groups.find(self.api, self._place.group) if self._place else None
        if self._place and group and not groups.is_going(group):
            try:
                return groups.view(self.api, group, self._place.balancer, Presence.READY)
            except Missing:  # the balancer is gone: look afresh next time
                self._place = None
                raise
        self._place = None
        stack = self._stack()
        return EnvironmentView(Presence.ABSENT) if stack is None else self._look_at(stack)

    def create(self) -> None:
        if self._stack() is None:
            self.api.call(
                "cloudformation",
                "create_stack",
                StackName=self.stamp.name,
                TemplateBody=body_of(self.template),
                Parameters=parameters(self.template),
                Capabilities=CAPABILITIES,
                Tags=[{"Key": key, "Value": value} for key, value in self.stamp.tags.items()],
            )

    def resize(self, instances: int) -> None:
        groups.resize(self.api, self._group(), instances)

    def hold_scale_in(self, held: bool) -> None:
        groups.hold_scale_in(self.api, self._group(), held)

    def remove(self) -> None:
        stack = self._stack()
        self._place = None
        if stack is None or stack["StackStatus"] in UNTOUCHABLE:
            return
        if not self._is_ours(stack):
            raise Refused(f"the stack {self.stamp.name} was not made by this rollout: it is left alone")
        self.api.call("cloudformation", "delete_stack", StackName=stack["StackId"])

    def facts(self) -> PlaceFacts | None:
        """The place, as soon as the stack has a group and a balancer; also of a stack that is half made."""
        if self._place is None:
            stack = self._stack()
            place = find_place(self.api, stack["StackId"], self.template) if stack else None
            return place if isinstance(place, PlaceFacts) else None
        return self._place

    def problems(self) -> tuple[str, ...]:
        return tuple(check_template(self.api, self.template))

    # -- how it works ---------------------------------------------------------------------------------------------

    def _stack(self) -> dict[str, Any] | None:
        """The stack by its name, which a deleted stack no longer has."""
        found = stacks.named(self.api, self.stamp.name)
        return found if found and found["StackStatus"] != "DELETE_COMPLETE" else None

    def _look_at(self, stack: dict[str, Any]) -> EnvironmentView:
        status = stack["StackStatus"]
        if not self._is_ours(stack):
            return EnvironmentView(Presence.FAILED, detail=f"a stack {self.stamp.name} exists that is not ours")
        if status in FAILED:
            return EnvironmentView(Presence.FAILED, detail=f"stack {status}: {self._why(stack)}")
        if status == "DELETE_IN_PROGRESS":
            return EnvironmentView(Presence.REMOVING, detail=f"stack {status}")
        if status not in COMPLETE:
            return EnvironmentView(Presence.CREATING, detail=f"stack {status}{self._newest(stack)}")
        return self._look_inside(stack)

    def _look_inside(self, stack: dict[str, Any]) -> EnvironmentView:
        """The stack is complete: is what we need in it?"""
        place = find_place(self.api, stack["StackId"], self.template)
        if isinstance(place, Unclear):
            return EnvironmentView(Presence.FAILED, detail=place.why)
        group = groups.find(self.api, place.group)
        if group is None or groups.is_going(group):
            return EnvironmentView(Presence.FAILED, detail=f"the stack's group {place.group} is gone")
        if not place.balancer.serves:
            detail = f"balancer {place.balancer.name} is {place.balancer.state}"
            return groups.view(self.api, group, place.balancer, Presence.CREATING, detail)
        self._place = place
        return groups.view(self.api, group, place.balancer, Presence.READY)

    def _group(self) -> str:
        """The name of the group. Raises Missing while the stack has none."""
        place = self.facts()
        if place is None:
            raise Missing(f"the stack {self.stamp.name} has no Auto Scaling group with a balancer")
        return place.group

    def _is_ours(self, stack: dict[str, Any]) -> bool:
        return self.stamp.marks({tag["Key"]: tag["Value"] for tag in stack.get("Tags", ())})

    def _newest(self, stack: dict[str, Any]) -> str:
        """What happened last, for the journal. One page: events come newest first."""
        found = self.api.call("cloudformation", "describe_stack_events", StackName=stack["StackId"])["StackEvents"]
        of_resources = [event for event in found if event.get("PhysicalResourceId") != stack["StackId"]]
        if not of_resources:
            return ""
        event = of_resources[0]
        return f": {event['LogicalResourceId']} ({event['ResourceType']}) {event['ResourceStatus']}"

    def _why(self, stack: dict[str, Any]) -> str:
        """The first resource that failed and its reason: later ones mostly follow from it. When none did, why the
        stack itself was given up."""
        events = self.api.collect("cloudformation", "describe_stack_events", "StackEvents", StackName=stack["StackId"])
        wanted = "DELETE_FAILED" if stack["StackStatus"].startswith("DELETE") else "CREATE_FAILED"
        for event in reversed(events):  # they come newest first
            reason = event.get("ResourceStatusReason", "")
            itself = event.get("PhysicalResourceId") == stack["StackId"]
            if event.get("ResourceStatus") == wanted and not itself and not reason.startswith(CANCELLED):
                return f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}"
        given_up = [e for e in events if e.get("ResourceStatus") in FAILED and e.get("ResourceStatusReason")]
        return str(given_up[-1]["ResourceStatusReason"]) if given_up else "CloudFormation gives no reason"
