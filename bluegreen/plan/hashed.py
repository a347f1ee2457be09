"""Which plans are the same."""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePath
from typing import Any

from bluegreen.registry import Spec

ADDED = (
    "live.environment",
    "candidate.beanstalk",
    "candidate.command",
    "candidate.kept",
    "traffic",
    "fallback",
    "ask_for",
    "verify.checks",
    "hooks",
    "notify",
    "windows",
    "selftest",
    "team",
    "on_signal",
    "moved",
    "rollback.step",
    "rollback.every",
    "prewarm",
    "data",
)
"""What rollout files could not say from the beginning: left out of a plan's hash where it says nothing, so that a file
that did not change keeps its hash."""


def _drop_default(spec: Any, content: dict[str, Any], key: str, *below: str) -> None:
    """Take `key` out of what `spec` was dumped to, if it has its default there; or the key that is below it."""
    value = getattr(spec, key)
    if below:
        _drop_default(value, content[key], *below)
    elif value == type(spec).model_fields[key].default:
        del content[key]


PLACES = (
    "candidate.template.file",
    "candidate.command.folder",
    "fallback.page",
    *(f"data.{step}.{key}" for step in ("expand", "contract") for key in ("files", "folder", "config")),
)
"""Files and folders count by their names: where a checkout lies is no part of a plan."""


def hash_of(plan: Spec) -> str:
    """12 hex digits over the whole content."""
    content = plan.model_dump(mode="json", by_alias=True)
    for path in ADDED:
        _drop_default(plan, content, *path.split("."))
    for path in PLACES:
        _only_name(content, *path.split("."))
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _only_name(content: Any, key: str, *below: str) -> None:
    value = content.get(key) if isinstance(content, dict) else None
    if below:
        _only_name(value, *below)
    elif isinstance(value, list):
        content[key] = [PurePath(each).name for each in value]
    elif value is not None:
        content[key] = PurePath(value).name
