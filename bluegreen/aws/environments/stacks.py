"""A CloudFormation stack by its name, and the one that made a group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bluegreen.aws.environments import groups
from bluegreen.aws.session import Api
from bluegreen.errors import Missing, Refused

STACK_TAG = "aws:cloudformation:stack-name"


def named(api: Api, name: str) -> dict[str, Any] | None:
    """None when there is no such stack. CloudFormation has no error code of its own for that, only words (API
    Reference, DescribeStacks)."""
    try:
        found = api.call("cloudformation", "describe_stacks", StackName=name)["Stacks"]
    except (Refused, Missing) as error:
        if "does not exist" in str(error):
            return None
        raise
    return found[0] if found else None


def stack_of(api: Api, group: dict[str, Any]) -> Mapping[str, Any]:
    """Empty when no stack made the group, or when that is deleted and has retained the group, whose tag stays. Raises
    OperatingError."""
    name = groups.tags(group).get(STACK_TAG)
    return (named(api, name) if name else None) or {}
