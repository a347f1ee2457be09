"""Whether old and new code can both work with each state of the schema: the schema check, before users come."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from bluegreen.checks.base import Check


class SchemaCompatible(Check):
    """`bluegreen schema-check` beside the engine, on a throw-away database. It fails when either version does not work
    with the expanded schema, with rows of the other one there, or new code not with the contracted one. When that
    cannot be found out it is unknown."""

    kind: Literal["schema"] = "schema"
    file: Path
    """The schema check's own file (docs/schema.md)."""
