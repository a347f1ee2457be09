"""`AnyStep`: a step in a file that people write, whichever way it is applied: by a schema check to a database of its
own, by a rollout to the one in use.

expand: migrations/V2__add_display_name.sql
expand: {kind: folder, folder: migrations, after: 1, upto: 2}
expand: {kind: alembic, revision: ae1027a6acf}
expand: {run: [flyway, migrate, -target=2]}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator

from bluegreen.registry import one_of
from bluegreen.schema.apply.base import Apply


def as_sql(given: object) -> object:
    """A file, or a list of them, is SQL."""
    plain = isinstance(given, str) or (
        isinstance(given, list | tuple) and given and all(isinstance(each, str) for each in given)
    )
    return {"kind": "sql", "files": given} if plain else given


def as_step(given: object) -> object:
    """What has nothing but a program to `run` is a command."""
    if isinstance(given, dict) and "run" in given and "kind" not in given:
        return {"kind": "command", **given}
    return as_sql(given)


if TYPE_CHECKING:
    AnyStep = Apply
else:
    AnyApply = one_of("bluegreen.schema.apply", Apply)
    AnyStep = Annotated[AnyApply, BeforeValidator(as_step, json_schema_input_type=AnyApply | str | tuple[str, ...])]
