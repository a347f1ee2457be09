"""What AWS says of its resource types: which exist, what they need, which attributes they have.

cfn-lint, on which moto depends, brings the public resource schemas along. Only its data is read: importing it takes
half a second. The layout of that data is no promise, so a test watches over it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sim.cloud.formation.nodes import Open

OURS = ("AWS::", "Alexa::")
"""Types under these names are AWS's own; others are modules and types that an account has registered."""

CUSTOM = "AWS::CloudFormation::CustomResource"
"""Has whatever properties and attributes its author gave it."""


@cache
def _folder() -> Path:
    spec = find_spec("cfnlint")
    assert spec is not None and spec.origin is not None, "cfn-lint is missing; moto[cloudformation] brings it"
    return Path(spec.origin).parent / "data" / "schemas"


@cache
def _files(region: str) -> Mapping[str, str]:
    """Type -> name of its schema's file. Regions that cfn-lint does not know count as us-east-1."""
    folder = _folder() / "providers"
    file = folder / f"{region}.json"
    files: Mapping[str, str] = json.loads((file if file.is_file() else folder / "us-east-1.json").read_text("utf-8"))
    return files


@cache
def schema(kind: str, region: str) -> Mapping[str, Any] | None:
    """The schema of a type; None for a type that AWS does not have there, or that is not AWS's."""
    file = _files(region).get(kind)
    if file is None:
        return None
    found: Mapping[str, Any] = json.loads((_folder() / "resources" / f"{file}.json").read_text("utf-8"))
    return found


def is_unknown(kind: str, region: str) -> bool:
    """Whether it is no name of a type, or claims to be AWS's type and is not."""
    if kind.count("::") < (1 if kind.startswith("Custom::") else 2):
        return True
    return kind.startswith(OURS) and not kind.endswith("::MODULE") and kind not in _files(region)


def attributes(schema_: Mapping[str, Any]) -> Mapping[str, str]:
    """What Fn::GetAtt may ask for, with dots, and the JSON type of each."""
    paths = [path.removeprefix("/properties/") for path in schema_.get("readOnlyProperties", ())]
    names = {path.replace("/properties/", ".").replace("/", ".") for path in paths} | set(schema_["properties"])
    return {name: _type_of(schema_, name) for name in sorted(names)}


def _type_of(schema_: Mapping[str, Any], name: str) -> str:
    kind = schema_["properties"].get(name, {}).get("type", "string")
    return kind if isinstance(kind, str) else "string"


def identified_by_arn(schema_: Mapping[str, Any]) -> bool:
    """Whether Ref gives an ARN."""
    identifier = schema_.get("primaryIdentifier") or [""]
    return len(identifier) == 1 and str(identifier[0]).endswith("Arn")


def complaints(schema_: Mapping[str, Any], properties: Mapping[str, Any]) -> list[str]:
    """What CloudFormation finds wrong with a resource's properties before it makes it: what is missing, what does not
    exist, and lists, objects and single values in each other's place. The values are judged by the services."""
    if schema_["typeName"] == CUSTOM:
        return [f"#: required key [{key}] not found" for key in schema_["required"] if key not in properties]
    return list(_complaints(properties, {**schema_, "type": "object"}, schema_, "#"))


def _complaints(value: Any, here: Mapping[str, Any], root: Mapping[str, Any], where: str) -> Iterator[str]:
    if "$ref" in here:
        here = root["definitions"].get(here["$ref"].removeprefix("#/definitions/"), {})
    found = "JSONObject" if isinstance(value, dict) else "JSONArray" if isinstance(value, list) else "String"
    match here.get("type"):
        case "object" if not isinstance(value, dict):
            if "properties" in here:  # others may be JSON in a text
                yield f"{where}: expected type: JSONObject, found: {found}"
        case "object":
            yield from _complaints_of_object(value, here, root, where)
        case "array" if not isinstance(value, list):
            if not isinstance(value, Open):
                yield f"{where}: expected type: JSONArray, found: {found}"
        case "array":
            for index, element in enumerate(value):
                yield from _complaints(element, here.get("items", {}), root, f"{where}/{index}")
        case "string" | "integer" | "number" | "boolean" as kind if isinstance(value, dict | list):
            yield f"{where}: expected type: {kind.capitalize()}, found: {found}"


def _complaints_of_object(
    value: Mapping[str, Any], here: Mapping[str, Any], root: Mapping[str, Any], where: str
) -> Iterator[str]:
    known = here.get("properties", {})
    yield from (f"{where}: required key [{key}] not found" for key in here.get("required", ()) if key not in value)
    for key, inner in value.items():
        if key in known:
            yield from _complaints(inner, known[key], root, f"{where}/{key}")
        elif here.get("additionalProperties") is False and not here.get("patternProperties"):
            yield f"{where}: extraneous key [{key}] is not permitted"


def has_attribute(schema_: Mapping[str, Any], name: str) -> bool:
    """Whether Fn::GetAtt may ask for it. Lenient: properties count too, and whatever is below one."""
    if schema_["typeName"] in {CUSTOM, "AWS::CloudFormation::Stack"}:
        return True
    return bool({name, name.partition(".")[0]} & attributes(schema_).keys())
