"""Is a template worth trying? Asked of CloudFormation before anything is made. AWS is only read."""

from __future__ import annotations

from typing import Any

from bluegreen.aws.environments.stack_contents import APPLICATION, CLASSIC, GROUP, STACK
from bluegreen.aws.session import Api
from bluegreen.errors import Refused
from bluegreen.plan import Template

LARGEST = 51_200
"""Bytes of a template that comes with the request (CloudFormation User Guide, quotas)."""
HIDING = frozenset({STACK, "AWS::CloudFormation::CustomResource"})
"""Types behind which groups and balancers may be that a summary does not show."""


def parameters(template: Template) -> list[dict[str, str]]:
    """The plan's parameters as CloudFormation takes them: everything is text, lists are joined with commas."""
    return [{"ParameterKey": key, "ParameterValue": _text(value)} for key, value in template.parameters.items()]


def _text(value: bool | int | str | list[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)


def body_of(template: Template) -> str:
    """The template's text. Raises Refused when the file is not there (any more) or is no text."""
    try:
        return template.file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Refused(f"{template.file} is not UTF-8 text") from error
    except OSError as error:
        raise Refused(f"{template.file} cannot be read: {error.strerror}") from error


def check_template(api: Api, template: Template) -> list[str]:
    """What is wrong with the template or its parameters, one sentence each. Raises OperatingError when AWS cannot
    be asked."""
    try:
        body = body_of(template)
    except Refused as error:
        return [f"candidate.template.file: {error}"]
    size = len(body.encode())
    if size > LARGEST:
        return [
            f"candidate.template.file: {template.file.name} has {size} bytes, and CloudFormation takes {LARGEST} with a"
            " request: make it smaller, or move parts of it into nested stacks"
        ]
    try:
        api.call("cloudformation", "validate_template", TemplateBody=body)
        summary = api.call("cloudformation", "get_template_summary", TemplateBody=body)
    except Refused as error:
        return [f"candidate.template.file: {template.file.name}: {error}"]
    return _parameter_problems(summary, template) + _content_problems(summary, template)


def _parameter_problems(summary: dict[str, Any], template: Template) -> list[str]:
    declared = {entry["ParameterKey"]: entry for entry in summary.get("Parameters", ())}
    given = template.parameters
    unknown = [key for key in given if key not in declared]
    missing = [key for key, entry in declared.items() if key not in given and "DefaultValue" not in entry]
    problems = [
        f"candidate.template.parameters.{key}: the template has no such parameter; it has"
        f" {', '.join(sorted(declared)) or 'none'}"
        for key in unknown
    ]
    problems += [
        f"candidate.template.parameters.{key}: is missing; the template gives it no default"
        f" ({declared[key]['ParameterType']}{_about(declared[key])})"
        for key in missing
    ]
    return problems + [problem for key in given if key in declared for problem in _values(key, given[key], declared)]


def _about(entry: dict[str, Any]) -> str:
    return f": {' '.join(entry['Description'].split())}" if entry.get("Description") else ""


def _values(key: str, value: str | int | list[str], declared: dict[str, Any]) -> list[str]:
    """Of a parameter's constraints a summary tells only the allowed values."""
    allowed = declared[key].get("ParameterConstraints", {}).get("AllowedValues") or []
    if not allowed or _text(value) in allowed or isinstance(value, list):
        return []
    return [f"candidate.template.parameters.{key}: {value} is none of the allowed values {', '.join(allowed)}"]


def _content_problems(summary: dict[str, Any], template: Template) -> list[str]:
    """A rollout needs a group and a balancer: a template that surely has none need not be tried."""
    types = set(summary.get("ResourceTypes", ()))
    if summary.get("DeclaredTransforms") or any(kind in HIDING or kind.endswith("::MODULE") for kind in types):
        return []
    where = f"candidate.template.file: {template.file.name}"
    problems = []
    if GROUP not in types:
        problems.append(f"{where} has no Auto Scaling group ({GROUP})")
    if not types & {APPLICATION, CLASSIC}:
        problems.append(f"{where} has no balancer ({APPLICATION} or {CLASSIC})")
    return problems
