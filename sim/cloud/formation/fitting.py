"""A resource's properties -> an API call's parameters. Most properties are named like the parameters they become;
templates write numbers as text, one thing where a list is wanted, and `true` as a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape

from sim.cloud.formation.nodes import Open, text
from sim.cloud.formation.reading import invalid

WORDS = {"true": True, "false": False}


def fit(properties: Mapping[str, Any], shape: StructureShape, keep: Sequence[str]) -> dict[str, Any]:
    """The kept properties, as the API's shape has them; those that it does not know are left out. Raises AwsError."""
    kept = {key: properties[key] for key in keep if key in properties}
    return {key: _value(value, shape.members[key], f"#/{key}") for key, value in kept.items() if key in shape.members}


def _value(value: Any, shape: Shape, where: str) -> Any:
    if isinstance(shape, StructureShape):
        return _structure(value, shape, where)
    if isinstance(shape, ListShape):
        values = value if isinstance(value, list) else [value]
        return [_value(each, shape.member, f"{where}/{index}") for index, each in enumerate(values)]
    if isinstance(shape, MapShape):
        return value
    if isinstance(value, dict | list):
        raise _mistyped(where, "String" if shape.type_name == "string" else "Number", value)
    return _scalar(value, shape.type_name, where)


def _structure(value: Any, shape: StructureShape, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _mistyped(where, "JSONObject", value)
    return {
        key: _value(inner, shape.members[key], f"{where}/{key}") for key, inner in value.items() if key in shape.members
    }


def _scalar(value: Any, kind: str, where: str) -> Any:
    if kind in {"integer", "long"}:
        if isinstance(value, bool) or not text(value).strip().lstrip("-").isdigit():
            raise _mistyped(where, "Integer", value)
        return int(text(value))
    if kind == "boolean":
        if text(value).lower() not in WORDS:
            raise _mistyped(where, "Boolean", value)
        return WORDS[text(value).lower()]
    return text(value) if kind == "string" else value


def _mistyped(where: str, wanted: str, value: Any) -> Exception:
    if isinstance(value, Open):
        return invalid(f"{where}: its value ({value}) is known outside of the rehearsal only: give it as a parameter")
    found = {dict: "JSONObject", list: "JSONArray", str: "String", bool: "Boolean"}.get(type(value), "Number")
    return invalid(f"{where}: expected type: {wanted}, found: {found}")
