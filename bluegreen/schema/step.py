"""`AnyStep`: a step in a file that people write, whichever way it is applied.

expand: migrations/V2__add_display_name.sql
expand: {kind: folder, folder: migrations, after: 1, upto: 2}
expand: {kind: alembic, revision: ae1027a6acf}
expand: {kind: command, run: [flyway, migrate, -target=2]}
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


if TYPE_CHECKING:
    AnyStep = Apply
else:
    AnyApply = one_of("bluegreen.schema.apply", Apply)
    AnyStep = Annotated[AnyApply, BeforeValidator(as_sql, json_schema_input_type=AnyApply | str | tuple[str, ...])]
