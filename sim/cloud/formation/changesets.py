"""Change sets of type CREATE: what a stack would make, worked out before anything is made, on an empty stack that is
there for them alone (CloudFormation User Guide, change sets; BC CreateChangeSet, DescribeChangeSet).

None is ever executed: a rollout makes its stack itself, when it is time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sim.cloud.formation.stack import Stack
from sim.cloud.service import Answer
from sim.errors import AwsError

WORKS = timedelta(seconds=5)
"""How long CloudFormation works on one. By experience; AWS publishes no figure."""
ON_ONE_PAGE = 100


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """One of them."""

    id: str
    name: str
    drawn: Stack
    """The stack as it would be. The one that is there is empty."""
    impossible: str
    """Why CloudFormation cannot work it out, or nothing."""
    made: datetime

    def described(self, now: datetime, start: int) -> Answer:
        """DescribeChangeSet, from the `start`-th change on."""
        answer: Answer = {
            "ChangeSetName": self.name,
            "ChangeSetId": self.id,
            "StackName": self.drawn.name,
            "CreationTime": self.made,
            "Status": "CREATE_COMPLETE",
            "ExecutionStatus": "AVAILABLE",
        }
        if now - self.made < WORKS:
            return answer | {"Status": "CREATE_IN_PROGRESS", "ExecutionStatus": "UNAVAILABLE", "Changes": []}
        if self.impossible:
            failed = {"Status": "FAILED", "ExecutionStatus": "UNAVAILABLE", "StatusReason": self.impossible}
            return answer | failed | {"Changes": []}
        changes = [_added(logical, dict(it)) for logical, it in self.drawn.blueprint.resources.items()]
        more = {"NextToken": str(start + ON_ONE_PAGE)} if start + ON_ONE_PAGE < len(changes) else {}
        return answer | {"Changes": changes[start : start + ON_ONE_PAGE]} | more


@dataclass(slots=True)
class ChangeSets:
    """Those of all stacks, by the stack's id."""

    kept: dict[str, list[ChangeSet]] = field(default_factory=dict)

    def add(self, stack: Stack, name: str, drawn: Stack, impossible: str, now: datetime) -> ChangeSet:
        """On the empty `stack`. Raises AwsError."""
        others = self.kept.setdefault(stack.id, [])
        if any(each.name == name for each in others):
            raise AwsError("AlreadyExistsException", f"ChangeSet {name} already exists")
        identity = stack.id.replace(":stack/", ":changeSet/").replace(f"/{stack.name}/", f"/{name}/")
        made = ChangeSet(identity, name, drawn, impossible, now)
        others.append(made)
        return made

    def find(self, stack: Stack, name: str) -> ChangeSet:
        """By name or id. Raises AwsError."""
        for each in self.kept.get(stack.id, ()):
            if name in (each.name, each.id):
                return each
        raise AwsError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)

    def remove(self, stack: Stack, name: str) -> None:
        """Removing what is not there succeeds."""
        self.kept[stack.id] = [each for each in self.kept.get(stack.id, ()) if name not in (each.name, each.id)]


def _added(logical: str, resource: Answer) -> Answer:
    change = {
        "Action": "Add",
        "LogicalResourceId": logical,
        "ResourceType": resource["Type"],
        "Scope": [],
        "Details": [],
    }
    return {"Type": "Resource", "ResourceChange": change}
