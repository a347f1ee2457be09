"""What else was possible: the keys of a place in a file, and the names that are nearest to one nobody knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

Schema = Mapping[str, Any]

FEW = 12
"""So many names are read at a glance."""


def instead(name: str, known: Collection[str]) -> str:
    """`; did you mean ...?`, else the names there are when these are few, else nothing."""
    if near := get_close_matches(name, known, n=3):
        return f"; did you mean {' or '.join(near)}?"
    return f"; possible are {', '.join(sorted(known))}" if 0 < len(known) <= FEW else ""


def keys_at(model: type[BaseModel], location: Sequence[int | str]) -> tuple[str, ...]:
    """The keys that a model takes at a place, which is told as pydantic does: keys, indices, names of kinds."""
    schema = model.model_json_schema()
    named = schema.get("$defs", {})
    here = _meant(schema, named)
    for part in location:
        here = [found for each in here for found in _inside(each, part, named)]
    return tuple(dict.fromkeys(key for each in here for key in each.get("properties", ())))


def _meant(schema: Schema, named: Schema) -> list[Schema]:
    """Not what it refers to, but that; several when it may be one of several."""
    if "$ref" in schema:
        return _meant(named[schema["$ref"].rpartition("/")[2]], named)
    return [found for each in schema["anyOf"] for found in _meant(each, named)] if "anyOf" in schema else [schema]


def _inside(schema: Schema, part: int | str, named: Schema) -> list[Schema]:
    """What may stand at a key or index, or is meant by the name of a kind."""
    kinds = schema.get("discriminator", {}).get("mapping", {})
    if part in kinds:
        return _meant({"$ref": kinds[part]}, named)
    found = schema.get("properties", {}).get(part) or (schema.get("items") if isinstance(part, int) else None)
    return _meant(found, named) if found else []
