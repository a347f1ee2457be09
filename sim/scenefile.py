"""A scenario as its file: the opposite of `load_scenario`, for what was drawn, shrunk or found.

Only what differs from an ordinary day is written, so that a person sees at once what it takes. Reading the text gives
the same scenario again; a property test holds both to it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bluegreen.registry import Spec
from bluegreen.yamlfile import write_yaml
from sim.scenario import Scenario


def scenario_content(scenario: Scenario) -> dict[str, Any]:
    """The file as plain data, without what is as by default."""
    return _of_spec(scenario)


def scenario_text(scenario: Scenario) -> str:
    """The text of its file. Paths are as they are in the scenario; `save_scenario` makes them relative."""
    return write_yaml(scenario_content(scenario))


def save_scenario(scenario: Scenario, path: Path, comment: str = "") -> None:
    """Write the file, with `comment` above it. Paths of other files are written as seen from its folder, so that all of
    it can be moved together. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = "".join(f"# {line}".rstrip() + "\n" for line in comment.splitlines())
    path.write_text(head + scenario_text(_seen_from(scenario, path.parent)), encoding="utf-8")


def _seen_from(scenario: Scenario, folder: Path) -> Scenario:
    update: dict[str, Any] = {"name": ""}  # the file's own
    if scenario.rollout is not None:
        update["rollout"] = _relative(scenario.rollout, folder)
    demand = scenario.world.demand
    if demand.recorded is not None:
        there = demand.model_copy(update={"recorded": _relative(demand.recorded, folder)})
        update["world"] = scenario.world.model_copy(update={"demand": there})
    return scenario.model_copy(update=update)


def _relative(path: Path, folder: Path) -> Path:
    return Path(os.path.relpath(path, folder.resolve())) if path.is_absolute() else path


def _of_spec(spec: Spec) -> dict[str, Any]:
    """What is not as it is by default, under the names that people write, and the kind in any case."""
    dumped = spec.model_dump(mode="json", by_alias=True)
    content = {}
    for name, field in type(spec).model_fields.items():
        value, key = getattr(spec, name), field.alias or name
        if name == "kind" or field.is_required() or value != field.get_default(call_default_factory=True):
            content[key] = _of(value, dumped.get(key))
    return dict(sorted(content.items(), key=lambda item: item[0] != "kind"))


def _of(value: Any, dumped: Any) -> Any:
    """`dumped` is the same as plain data."""
    if isinstance(value, Spec):
        return _of_spec(value)
    if isinstance(value, list | tuple):
        return [_of(inner, plain) for inner, plain in zip(value, dumped, strict=True)]
    if isinstance(value, Mapping):
        return {plain: _of(inner, dumped[plain]) for inner, plain in zip(value.values(), dumped, strict=True)}
    return value if isinstance(value, date) else dumped  # YAML knows dates
