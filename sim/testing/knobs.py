"""Every number and choice that a file may hold, found in its model: half of it, twice of it, the other choice.

A file is drawn by turning few of its knobs, so that most of it stays as it is by default, and shrinking turns them all
back. A field that is added to a model is drawn without a word here.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Union, get_args, get_origin

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pydantic.fields import FieldInfo

from bluegreen.registry import Spec
from bluegreen.units import show_duration

FACTORS = (0.5, 2)
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Knob:
    """Where it is in the file, and what else it could say."""

    path: tuple[str, ...]
    values: tuple[Any, ...]


def knobs(spec: Spec, leave: frozenset[str] = frozenset()) -> tuple[Knob, ...]:
    """All knobs below `spec`, around the values it has. `leave`: names of fields that nobody turns."""
    return tuple(_below(spec, (), leave))


def turned(found: tuple[Knob, ...], most: int = 3) -> SearchStrategy[dict[str, Any]]:
    """Up to `most` of them turned: content for the file, nothing where nothing is turned. Not all combinations make
    sense; the model says which."""
    one = st.sampled_from(found).flatmap(
        lambda knob: st.sampled_from(knob.values).map(lambda value: (knob.path, value))
    )
    return st.lists(one, max_size=most, unique_by=lambda turn: turn[0]).map(_nested)


def _nested(turns: list[tuple[tuple[str, ...], Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for path, value in turns:
        here = content
        for key in path[:-1]:
            here = here.setdefault(key, {})
        here[path[-1]] = value
    return content


def _below(spec: Spec, path: tuple[str, ...], leave: frozenset[str]) -> Iterator[Knob]:
    for name, field in type(spec).model_fields.items():
        value, here = getattr(spec, name), (*path, field.alias or name)
        if name in leave or name == "kind":
            continue
        if isinstance(value, Spec):
            yield from _below(value, here, leave)
        elif found := tuple(other for other in _others(field, value) if _allowed(spec, name, other)):
            yield Knob(here, found)


def _allowed(spec: Spec, name: str, value: Any) -> bool:
    """Whether the spec takes it, all else as it is."""
    try:
        type(spec).model_validate({**spec.model_dump(by_alias=True), name: value})
    except ValueError:
        return False
    return True


def _others(field: FieldInfo, value: Any) -> Iterator[Any]:
    """What else the field could say, as people write it."""
    shape = _shape(field.annotation)
    if value is None and shape in (int, float):
        return  # nobody knows what would be much or little
    if get_origin(shape) is Literal:
        yield from (other for other in get_args(shape) if other != value)
    elif shape is bool:
        yield not value
    elif shape is timedelta:
        yield from (show_duration(length) for length in _lengths(value))
    elif shape is int:
        yield from sorted({max(1, int(value * factor)) for factor in FACTORS} - {value}) if value else (1, 2)
    elif shape is float:
        yield from _floats(field, value)


def _shape(annotation: Any) -> Any:
    """The type without `None` and annotations."""
    if get_origin(annotation) in (Union, types.UnionType):
        inner = [each for each in get_args(annotation) if each is not type(None)]
        return _shape(inner[0]) if len(inner) == 1 else None
    return _shape(get_args(annotation)[0]) if hasattr(annotation, "__metadata__") else annotation


def _lengths(value: timedelta | None) -> tuple[timedelta, ...]:
    if not value:
        return timedelta(minutes=1), timedelta(minutes=10)
    return tuple((value * factor) // MILLISECOND * MILLISECOND for factor in FACTORS)


def _floats(field: FieldInfo, value: float) -> Iterator[Any]:
    if not _is_share(field):
        yield from (value * factor for factor in FACTORS) if value else (1.0, 2.0)
        return
    around = [value * factor for factor in FACTORS] if value else [0.01, 0.1]
    yield from (f"{share * 100:.3g}%" for share in around if share <= 1)


def _is_share(field: FieldInfo) -> bool:
    return "parse_share" in repr(field.metadata) + repr(field.annotation)
