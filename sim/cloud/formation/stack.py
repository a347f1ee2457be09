"""One stack's life in virtual time: its resources are made as soon as what they need is there, it waits for signals,
rolls back when one fails, and is deleted in reverse (CloudFormation User Guide, stack creation events, CreationPolicy).
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from simpy import AllOf, AnyOf, Event

from sim.clock import ms
from sim.cloud.formation.blueprint import Blueprint
from sim.cloud.formation.makers import APPLICATION, GROUP, make
from sim.cloud.formation.nodes import Open, text
from sim.cloud.formation.workshop import Made, Workshop
from sim.cloud.service import Answer
from sim.errors import AwsError
from sim.instance import State

Life = Generator[Event, Any, None]

SECONDS: Mapping[str, int] = {
    "AWS::AutoScaling::AutoScalingGroup": 15,
    "AWS::CloudFront::Distribution": 240,
    "AWS::EC2::NatGateway": 100,
    "AWS::ElastiCache::CacheCluster": 300,
    "AWS::ElasticLoadBalancing::LoadBalancer": 10,
    "AWS::IAM::InstanceProfile": 125,
    "AWS::IAM::Role": 15,
    "AWS::RDS::DBCluster": 60,
    "AWS::RDS::DBInstance": 400,
}
"""How long creating takes, where it takes longer than `OTHERS`. By experience; AWS publishes no figures. An
application balancer takes as long as the world's balancers provision."""
REVIEW = "REVIEW_IN_PROGRESS"
OTHERS = 5
LOOK_EVERY = timedelta(seconds=5)
"""How often signals, and machines that go, are looked for."""


@dataclass(slots=True)
class Resource:
    """One resource of a stack, as far as it is."""

    logical: str
    kind: str
    status: str
    since: datetime
    reason: str = ""
    physical: str = ""
    made: Made | None = None


@dataclass(slots=True)
class Stack:
    """A stack and its history."""

    id: str
    name: str
    shop: Workshop
    blueprint: Blueprint
    asked: Mapping[str, Any]
    """The CreateStack request."""
    status: str = ""
    reason: str = ""
    created: datetime | None = None
    deleted: datetime | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    events: list[Answer] = field(default_factory=list)
    """Oldest first."""
    outputs: list[Answer] = field(default_factory=list)
    """Once it is complete."""
    _halted: bool = False
    _failed: Event | None = None

    # -- creating --------------------------------------------------------------

    def review(self) -> None:
        """Be there for a change set, with nothing in it."""
        self.created = self.shop.site.now()
        self._turn(REVIEW, "User Initiated")

    def create(self, impossible: str = "") -> None:
        """Begin. `impossible` is why it will roll back at once."""
        env = self.shop.site.world.env
        self.created = self.shop.site.now()
        self._turn("CREATE_IN_PROGRESS", "User Initiated")
        self._failed = env.event()
        env.process(self._roll_back(impossible) if impossible else self._create())

    def _create(self) -> Life:
        env = self.shop.site.world.env
        processes: dict[str, Event] = {}
        for logical in self.blueprint.resources:
            needed = [processes[need] for need in sorted(self.blueprint.needs[logical])]
            processes[logical] = env.process(self._make(logical, needed))
        assert self._failed is not None
        yield AnyOf(env, [AllOf(env, list(processes.values())), self._failed])
        if self._halted:
            return
        if self._failed.triggered:
            failed = [r.logical for r in self.resources.values() if r.status == "CREATE_FAILED"]
            yield from self._roll_back(f"The following resource(s) failed to create: [{', '.join(failed)}].")
            return
        try:
            self.outputs = self._work_out_outputs()
        except AwsError as refused:
            yield from self._roll_back(f"{refused.message}.")
            return
        self._turn("CREATE_COMPLETE")

    def _work_out_outputs(self) -> list[Answer]:
        values = self.blueprint.values
        return [
            {"OutputKey": key, "OutputValue": text(values.of(output["Value"]))}
            for key, output in values.template.outputs.items()
            if "Condition" not in output or values.condition(output["Condition"])
        ]

    def _make(self, logical: str, needed: list[Event]) -> Life:
        yield AllOf(self.shop.site.world.env, needed)
        if self._halted or self._failed is None or self._failed.triggered:
            return
        definition = self.blueprint.resources[logical]
        resource = Resource(logical, definition["Type"], "", self.shop.site.now())
        self.resources[logical] = resource
        self._note(resource, "CREATE_IN_PROGRESS")
        try:
            properties = self.blueprint.properties(logical)
            resource.made = make(self.shop, resource.kind, logical, properties)
        except AwsError as refused:
            self._fail(resource, refused.message)
            return
        resource.physical = text(resource.made.physical)
        self._note(resource, "CREATE_IN_PROGRESS", "Resource creation Initiated")
        yield self._wait(self._length(resource.kind))
        yield from self._signals(resource, definition.get("CreationPolicy"))
        if not self._halted and resource.status == "CREATE_IN_PROGRESS":
            self._note(resource, "CREATE_COMPLETE")

    def _signals(self, resource: Resource, policy: Any) -> Life:
        """Machines signal when they have started: those of the slot's group, as soon as they serve."""
        signal = (policy or {}).get("ResourceSignal")
        if signal is None:
            return
        if resource.kind != GROUP or resource.logical != self.shop.chosen.group:
            self.shop.note(f"{resource.logical}: its creation policy counts as signalled")
            return
        count, timeout = self.blueprint.signals(signal)
        until = self.shop.site.now() + timeout
        signalled = self._serving()
        while len(signalled) < count and not self._halted:
            if self.shop.site.now() >= until:
                self._fail(resource, f"Failed to receive {count} resource signal(s) within the specified duration")
                return
            yield self._wait(LOOK_EVERY)
            signalled |= self._serving()

    def _serving(self) -> set[str]:
        """Machines whose service has started."""
        fleet = self.shop.site.world.places[self.shop.site.bindings.candidate].fleet
        return {machine.id for machine in fleet.instances if machine.state is State.SERVING}

    def _fail(self, resource: Resource, reason: str) -> None:
        self._note(resource, "CREATE_FAILED", reason)
        if self._failed is not None and not self._failed.triggered:
            self._failed.succeed()

    def _roll_back(self, reason: str) -> Life:
        self._halted = True
        for resource in self.resources.values():
            if resource.status == "CREATE_IN_PROGRESS":
                self._note(resource, "CREATE_FAILED", "Resource creation cancelled")
        failure = self.asked.get("OnFailure", "DO_NOTHING" if self.asked.get("DisableRollback") else "ROLLBACK")
        if failure == "DO_NOTHING":
            self._turn("CREATE_FAILED", reason)
            return
        self._turn("ROLLBACK_IN_PROGRESS", f"{reason} Rollback requested by user.")
        yield self._wait(timedelta(seconds=OTHERS))
        yield from self._undo()
        if self.status == "ROLLBACK_IN_PROGRESS":
            self._turn("ROLLBACK_COMPLETE")

    # -- deleting --------------------------------------------------------------

    def delete(self) -> None:
        """Begin; nothing when that is under way or done."""
        if self.status.startswith("DELETE_") and self.status != "DELETE_FAILED":
            return
        self._halted = True
        self._turn("DELETE_IN_PROGRESS", "User Initiated")
        self.shop.site.world.env.process(self._delete())

    def _delete(self) -> Life:
        yield self._wait(timedelta(seconds=OTHERS))
        stuck = yield from self._undo()
        if stuck:
            self._turn("DELETE_FAILED", f"The following resource(s) failed to delete: [{', '.join(stuck)}].")
            return
        self.deleted = self.shop.site.now()
        self._turn("DELETE_COMPLETE")

    def _undo(self) -> Generator[Event, Any, list[str]]:
        """Delete in reverse. Gives the logical ids of what could not be deleted."""
        stuck = []
        for resource in reversed(list(self.resources.values())):
            if resource.status.startswith("DELETE_COMPLETE"):
                continue
            if self.blueprint.resources[resource.logical].get("DeletionPolicy") == "Retain":
                self._note(resource, "DELETE_SKIPPED")
                continue
            self._note(resource, "DELETE_IN_PROGRESS")
            try:
                if resource.made is not None and resource.made.undo is not None:
                    resource.made.undo()
            except AwsError as refused:
                self._note(resource, "DELETE_FAILED", refused.message)
                stuck.append(resource.logical)
                continue
            yield self._wait(timedelta(seconds=1))
            yield from self._machines_go(resource)
            self._note(resource, "DELETE_COMPLETE")
        return stuck

    def _machines_go(self, resource: Resource) -> Life:
        """A group is deleted when its last machine is gone."""
        if resource.kind == GROUP and resource.made is not None and resource.made.undo is not None:
            while self._group_exists(resource.physical):
                yield self._wait(LOOK_EVERY)

    def _group_exists(self, name: str) -> bool:
        found = self.shop.act("autoscaling", "DescribeAutoScalingGroups", AutoScalingGroupNames=[name])
        return bool(found["AutoScalingGroups"])

    # -- what is asked of it --------------------------------------------------------------

    def ref(self, logical: str) -> Any:
        """What Ref gives for a resource that is made."""
        made = self.resources[logical].made
        assert made is not None, f"{logical} is not made yet"
        return made.physical

    def attribute(self, logical: str, name: str) -> Any:
        """What Fn::GetAtt gives for a resource that is made; something open when nobody knows."""
        made = self.resources[logical].made
        assert made is not None, f"{logical} is not made yet"
        return made.attributes.get(name, Open(f"{self.resources[logical].physical}.{name}"))

    # -- how it works --------------------------------------------------------------

    def _length(self, kind: str) -> timedelta:
        if kind == APPLICATION:
            return self.shop.site.world.spec.balancer.provisioning
        return timedelta(seconds=SECONDS.get(kind, OTHERS))

    def _wait(self, length: timedelta) -> Event:
        return self.shop.site.world.env.timeout(ms(length))

    def _turn(self, status: str, reason: str = "") -> None:
        self.status, self.reason = status, reason
        self._event(self.name, self.id, "AWS::CloudFormation::Stack", status, reason)

    def _note(self, resource: Resource, status: str, reason: str = "") -> None:
        resource.status, resource.reason, resource.since = status, reason, self.shop.site.now()
        self._event(resource.logical, resource.physical, resource.kind, status, reason)

    def _event(self, logical: str, physical: str, kind: str, status: str, reason: str) -> None:
        event = {
            "StackId": self.id,
            "EventId": f"{logical}-{status}-{len(self.events)}",
            "StackName": self.name,
            "LogicalResourceId": logical,
            "PhysicalResourceId": physical,
            "ResourceType": kind,
            "Timestamp": self.shop.site.now(),
            "ResourceStatus": status,
        }
        self.events.append({**event, "ResourceStatusReason": reason} if reason else event)
