"""The policy as IAM takes it."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from bluegreen.plan import Plan
from bluegreen.preview import policy
from bluegreen.preview.policy.arns import Arns
from bluegreen.preview.policy.grant import Grant

VERSION = "2012-10-17"
MAXIMUM = 6144
"""Characters of a managed policy, white space not counted (IAM User Guide, IAM and AWS STS quotas)."""

Document = dict[str, Any]


def grants_of(plan: Plan, roles: tuple[str, ...] = ()) -> tuple[Grant, ...]:
    """All that a rollout by this plan needs to be allowed. `roles`: names of those that machines may get."""
    arns = Arns(plan, roles)
    return tuple(_merged(grant for module in _parts() for grant in module.grants(plan, arns)))


def _merged(grants: Iterable[Grant]) -> list[Grant]:
    """Those on the same things under the same condition, in one statement each: a policy must be short."""
    found: dict[str, Grant] = {}
    for grant in grants:
        key = json.dumps([grant.resources, grant.condition])
        before = found.setdefault(key, grant)
        actions = tuple(dict.fromkeys((*before.actions, *grant.actions)))
        found[key] = replace(before, actions=actions, implied={**before.implied, **grant.implied})
    return list(found.values())


def _parts() -> Iterator[Any]:
    for found in pkgutil.iter_modules(policy.__path__):
        module = importlib.import_module(f"{policy.__name__}.{found.name}")
        if hasattr(module, "grants"):
            yield module


def documents(plan: Plan, roles: tuple[str, ...] = ()) -> list[Document]:
    """One policy; several when one would be larger than IAM takes."""
    return in_parts(grants_of(plan, roles))


def in_parts(grants: Iterable[Grant]) -> list[Document]:
    """One policy of all grants; several when one would be larger than IAM takes."""
    parts: list[list[Document]] = [[]]
    for grant in grants:
        statement = _statement(grant)
        if size(_document([*parts[-1], statement])) > MAXIMUM:
            parts.append([])
        parts[-1].append(statement)
    return [_document(statements) for statements in parts]


def size(document: Document) -> int:
    """As IAM counts it."""
    return len(json.dumps(document, separators=(",", ":")))


def _document(statements: list[Document]) -> Document:
    return {"Version": VERSION, "Statement": statements}


def _statement(grant: Grant) -> Document:
    statement: Document = {
        "Sid": grant.sid,
        "Effect": "Allow",
        "Action": _one_or_more(tuple(sorted(grant.actions))),
        "Resource": _one_or_more(grant.resources),
    }
    if grant.condition:
        conditions = grant.condition.items()
        statement["Condition"] = {
            operator: {key: _one_or_more(values) for key, values in keys.items()} for operator, keys in conditions
        }
    return statement


def _one_or_more(values: str | tuple[str, ...]) -> str | list[str]:
    if isinstance(values, str):
        return values
    return values[0] if len(values) == 1 else list(values)


def remarks(plan: Plan, roles: tuple[str, ...] = ()) -> Iterator[str]:
    """What a person should know about this policy."""
    if plan.candidate.clone is not None and not roles:
        yield "note: PassRoles names every role, since the file does not say which machines get; narrow it by --role"
    if "." in plan.service.zone:
        yield "note: the zone is given by name, so any zone may be read; give its id to narrow that"
    if plan.candidate.template is not None:
        yield "note: what the template makes needs permissions of its own, which only you can know"
    if plan.candidate.beanstalk is not None:
        yield "note: Elastic Beanstalk acts with the caller's permissions: add AdministratorAccess-AWSElasticBeanstalk"
    if len(set(plan.guard.accounts)) > 1 or len(set(plan.guard.regions)) > 1:
        yield "note: the guard lists several accounts or regions, so ARNs name any"
