"""What is drawn: a whole scenario, seed included. It *is* the run, and its printed form is the file that replays it."""

from __future__ import annotations

import json
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bluegreen.plan import Plan, load_plan, with_template_beside
from bluegreen.yamlfile import read_yaml
from sim.scenario import Scenario, catalogue, merge
from sim.scenefile import scenario_text


class Drawn(Scenario):
    """A scenario that Hypothesis drew. `rollout` is an absolute path, or nothing: the catalogue's shop."""

    def __repr__(self) -> str:
        return "\n" + scenario_text(self)

    __str__ = __repr__

    @cached_property
    def plan(self) -> Plan:
        """Raises ValidationError when the changes do not fit the rollout file, UserError when the file itself is
        wrong."""
        path = self.rollout or catalogue() / "rollouts" / "shop.rollout.yaml"
        return _changed(path, json.dumps(self.change, sort_keys=True, default=str)) if self.change else _as_it_is(path)

    @property
    def possible(self) -> bool:
        """Whether the rollout file with these changes is one that `bluegreen` would take."""
        try:
            return self.plan is not None
        except ValidationError:
            return False


@lru_cache(maxsize=64)
def _as_it_is(path: Path) -> Plan:
    return load_plan(path)


@lru_cache(maxsize=64)
def _changed(path: Path, change: str) -> Plan:
    return with_template_beside(Plan.model_validate(merge(content_of(path), json.loads(change))), path)


@lru_cache(maxsize=64)
def content_of(path: Path) -> Any:
    """A rollout file's content as plain data: thousands of runs read it. Raises UserError."""
    _as_it_is(path)
    return _plain(read_yaml(path))


def _plain(content: Any) -> Any:
    if isinstance(content, dict):
        return {str(key): _plain(value) for key, value in content.items()}
    return [_plain(value) for value in content] if isinstance(content, list) else content
