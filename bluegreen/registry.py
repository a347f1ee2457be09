"""A folder is a registry: each file in it defines one kind, as a frozen pydantic model with a literal `kind`.

Smallest use: `Strategy = one_of("bluegreen.strategies", Spec)` is a type for a pydantic field that accepts
any kind found in that folder and refuses others with the list of what was possible.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Spec(BaseModel):
    """A piece of a file that people write: frozen, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


def examples(*written: dict[str, Any]) -> ConfigDict:
    """For a kind's `model_config`: how people write it, shortest first, without its `kind`. Editors show them, from the
    schema; whoever draws plans at random draws from them (`examples_of`)."""
    return ConfigDict(json_schema_extra={"examples": list(written)})


def examples_of(kind: type[Spec]) -> tuple[dict[str, Any], ...]:
    """A kind's examples, each with its `kind`."""
    extra: Any = kind.model_config.get("json_schema_extra") or {}
    return tuple({"kind": kind.model_fields["kind"].default, **written} for written in extra.get("examples", ()))


def kinds(package: str, base: type[Spec]) -> dict[str, type[Spec]]:
    """Every kind defined in the package's files, by name, sorted."""
    folder = importlib.import_module(package)
    for module in pkgutil.iter_modules(folder.__path__):
        importlib.import_module(f"{package}.{module.name}")
    found = {
        sub.model_fields["kind"].default: sub
        for sub in _below(base)
        if sub.__module__.startswith(package + ".") and "kind" in sub.model_fields
    }
    return dict(sorted(found.items()))


def kind_of(spec: Spec) -> str:
    """The name under which people write this kind."""
    return str(type(spec).model_fields["kind"].default)


def one_of(package: str, base: type[Spec]) -> Any:
    """The union of all kinds in a folder, told apart by `kind`: for use as a pydantic field's type."""
    union = reduce(or_, kinds(package, base).values())
    return Annotated[union, Field(discriminator="kind")]


def _below(base: type[Spec]) -> list[type[Spec]]:
    return [found for sub in base.__subclasses__() for found in (sub, *_below(sub))]
