"""A template's text -> its content, JSON or YAML with short forms (`!Ref`), refused with the words that AWS uses."""

from __future__ import annotations

import json
from typing import Any

import yaml  # type: ignore[import-untyped]

from sim.errors import AwsError

PLAIN = frozenset({"Ref", "Condition"})
"""Short forms whose long form has no `Fn::` before it."""


class TemplateLoader(yaml.CSafeLoader):  # type: ignore[misc]
    """YAML as CloudFormation reads it: short forms become long ones, dates stay text."""


TemplateLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _short_form(loader: TemplateLoader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = node.value
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in PLAIN else f"Fn::{name}": value}


TemplateLoader.add_multi_constructor("!", _short_form)


def invalid(message: str) -> AwsError:
    """How CloudFormation refuses a request."""
    return AwsError("ValidationError", message)


def read(body: str) -> dict[str, Any]:
    """The content, with all keys as text. Raises AwsError."""
    content = _json(body) if body.lstrip().startswith("{") else _yaml(body)
    if not isinstance(content, dict):
        raise invalid("Template format error: unsupported structure.")
    return content


def _json(body: str) -> Any:
    try:
        return json.loads(body)
    except json.JSONDecodeError as error:
        # A flow mapping of YAML begins like JSON.
        try:
            return _yaml(body)
        except AwsError:
            where = f"(line {error.lineno}, column {error.colno})"
            raise invalid(f"Template format error: JSON not well-formed. {where}") from None


def _yaml(body: str) -> Any:
    try:
        return json.loads(json.dumps(yaml.load(body, TemplateLoader)))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise invalid(f"Template format error: YAML not well-formed.{where}") from None
    except (yaml.YAMLError, ValueError, TypeError) as error:
        # An anchor within itself, binary data, keys that are lists, characters that YAML forbids.
        raise invalid(f"Template format error: YAML not well-formed. ({error})") from None
