"""A team's own rule for two writes of an item that did not know of each other.

A Python callable, `package.module:function`, gets two items and returns the one that shall be: `merge(key, first,
second)`, each a dict as DynamoDB's API has it, without marks; `first` is the write of the side that is named first. Or
a command, which gets {"key": ..., "first": ..., "second": ...} as JSON on its standard input, bytes in base64, and
prints the item. Either is asked once for each conflict, and must answer the same to the same question: after a crash it
may be asked again.
"""

from __future__ import annotations

import importlib
import json
import subprocess
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from bluegreen.errors import UserError
from bluegreen.registry import Spec
from bluegreen.sync.marks import Image
from bluegreen.sync.state import text_of
from bluegreen.units import PositiveDuration, parse_duration, show_duration

Merge = Callable[[Image, Image, Image], Image]


class LastWriter(Spec):
    """The higher version wins; of equal ones, that of the side named first."""

    kind: Literal["last_writer"] = "last_writer"


class PythonMerge(Spec):
    """A function decides."""

    kind: Literal["python"] = "python"
    function: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$", examples=["shop.merging:carts"])]


class CommandMerge(Spec):
    """A command decides."""

    kind: Literal["command"] = "command"
    command: Annotated[tuple[str, ...], Field(min_length=1)]
    timeout: PositiveDuration = parse_duration("10s")


Rule = Annotated[LastWriter | PythonMerge | CommandMerge, Field(discriminator="kind")]


def merge_of(rule: LastWriter | PythonMerge | CommandMerge) -> Merge | None:
    """The rule as a function, None for the last writer. Raises UserError when there is no such function."""
    if isinstance(rule, PythonMerge):
        return _checked(_found(rule.function), rule.function)
    if isinstance(rule, CommandMerge):
        return _checked(_asking(rule.command, rule.timeout), " ".join(rule.command))
    return None


def _found(name: str) -> Merge:
    module, _, function = name.partition(":")
    try:
        found: Merge = getattr(importlib.import_module(module), function)
    except (ImportError, AttributeError) as error:
        raise UserError(f"conflict.function: {name} cannot be imported: {error}") from error
    if not callable(found):
        raise UserError(f"conflict.function: {name} is not a function")
    return found


def _asking(command: Sequence[str], timeout: timedelta) -> Merge:
    def ask(key: Image, first: Image, second: Image) -> Image:
        question = json.dumps({name: json.loads(text_of(part)) for name, part in _named(key, first, second)})
        try:
            done = subprocess.run(
                command, input=question, capture_output=True, text=True, timeout=timeout.total_seconds(), check=False
            )
        except subprocess.TimeoutExpired as error:
            raise UserError(f"conflict.command: no answer after {show_duration(timeout)}") from error
        except OSError as error:
            raise UserError(f"conflict.command: {command[0]} cannot be started: {error.strerror}") from error
        if done.returncode:
            raise UserError(f"conflict.command: exit code {done.returncode}: {done.stderr.strip()[-500:]}")
        try:
            answer: Image = json.loads(done.stdout)
        except ValueError as error:
            raise UserError(f"conflict.command: printed no JSON: {done.stdout[:200]!r}") from error
        return answer

    return ask


def _named(key: Image, first: Image, second: Image) -> list[tuple[str, Image]]:
    return [("key", key), ("first", first), ("second", second)]


def _checked(merge: Merge, name: str) -> Merge:
    """An answer that is not an item, or another item, would be written nowhere or over something else."""

    def checked(key: Image, first: Image, second: Image) -> Image:
        made = merge(key, first, second)
        shaped = isinstance(made, dict) and all(isinstance(value, dict) and len(value) == 1 for value in made.values())
        if not shaped:
            raise UserError(f"conflict: {name} must return an item as DynamoDB's API has it, not {made!r:.200}")
        if any(made.get(attribute) != value for attribute, value in key.items()):
            raise UserError(f"conflict: {name} must keep the item's key {text_of(key)}; it returned {made!r:.200}")
        return made

    return checked
