"""What CloudFormation would create, asked of itself before anything is made: a change set of type CREATE.

A change set needs a stack to hang on. CloudFormation makes an empty one for it (REVIEW_IN_PROGRESS), which costs and
holds nothing; both are deleted again whatever happens (CloudFormation User Guide, change sets).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bluegreen.aws.environments import stacks
from bluegreen.aws.environments.base import Stamp
from bluegreen.aws.environments.stack import CAPABILITIES
from bluegreen.aws.environments.stack_preflight import body_of, parameters
from bluegreen.aws.session import Api
from bluegreen.errors import Denied, Missing, Refused, Unreachable
from bluegreen.plan import Template

NAME = "preview"
LOOKS = 60
EVERY = timedelta(seconds=2)
EMPTY = "REVIEW_IN_PROGRESS"
WORKING = frozenset({"CREATE_PENDING", "CREATE_IN_PROGRESS"})
CLOUDFORMATION = "cloudformation"


@dataclass(frozen=True, slots=True)
class Change:
    """One resource that would be made."""

    action: str
    logical: str
    type: str

    def __str__(self) -> str:
        return f"{self.action.lower()} {self.logical} ({self.type})"


def preview(api: Api, template: Template, stamp: Stamp, sleep: Callable[[timedelta], None]) -> tuple[Change, ...]:
    """All that the template would create, sorted by logical id. `sleep` waits for CloudFormation. Raises Refused with
    its reason when it cannot work the template out, Denied when nothing may be made, Unreachable when it does not
    answer within two minutes."""
    stack = stamp.name
    status = _status(api, stack)
    if status not in ("", EMPTY):
        raise Refused(f"a stack {stack} is there already")
    if status == EMPTY:
        _forget(api, stack)  # an earlier preview was interrupted
    with ExitStack() as after:
        after.callback(_clear, api, stack)
        try:
            _ask(api, template, stamp)
        except Denied:
            after.pop_all()  # nothing was made, and who may make nothing may not delete it either
            raise
        return _answer(api, stack, sleep)


def _ask(api: Api, template: Template, stamp: Stamp) -> None:
    api.call(
        CLOUDFORMATION,
        "create_change_set",
        StackName=stamp.name,
        ChangeSetName=NAME,
        ChangeSetType="CREATE",
        TemplateBody=body_of(template),
        Parameters=parameters(template),
        Capabilities=CAPABILITIES,
        Tags=[{"Key": key, "Value": value} for key, value in stamp.tags.items()],
    )


def _answer(api: Api, stack: str, sleep: Callable[[timedelta], None]) -> tuple[Change, ...]:
    for _ in range(LOOKS):
        said = api.call(CLOUDFORMATION, "describe_change_set", StackName=stack, ChangeSetName=NAME)
        if said["Status"] == "FAILED":
            raise Refused(f"CloudFormation cannot work the template out: {said.get('StatusReason', 'no reason given')}")
        if said["Status"] not in WORKING:
            return _changes(api, stack, said)
        sleep(EVERY)
    raise Unreachable(f"CloudFormation had no change set of {stack} ready in {LOOKS * EVERY}")


def _changes(api: Api, stack: str, said: dict[str, Any]) -> tuple[Change, ...]:
    listed = list(said.get("Changes", ()))
    while token := said.get("NextToken"):
        said = api.call(CLOUDFORMATION, "describe_change_set", StackName=stack, ChangeSetName=NAME, NextToken=token)
        listed += said.get("Changes", ())
    found = [each["ResourceChange"] for each in listed if each.get("Type", "Resource") == "Resource"]
    changes = [Change(each["Action"], each["LogicalResourceId"], each["ResourceType"]) for each in found]
    return tuple(sorted(changes, key=lambda change: change.logical))


def _clear(api: Api, stack: str) -> None:
    """Only an empty stack is ever deleted."""
    _forget(api, stack)
    if _status(api, stack) == EMPTY:
        api.call(CLOUDFORMATION, "delete_stack", StackName=stack)


def _forget(api: Api, stack: str) -> None:
    with suppress(Missing, Refused):
        api.call(CLOUDFORMATION, "delete_change_set", StackName=stack, ChangeSetName=NAME)


def _status(api: Api, stack: str) -> str:
    """Empty when there is no such stack."""
    found = stacks.named(api, stack)
    return str(found["StackStatus"]) if found else ""
