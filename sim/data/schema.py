"""A schema that changes while two versions of the code run: expand, migrate, contract (Danilo Sato, "ParallelChange",
martinfowler.com).

Expanding adds the new form beside the old one and hurts nobody. Contracting removes the old form: from then on the old
code fails, so it must wait until no request reaches the old slot any more and nobody wants to roll back.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Code(StrEnum):
    """Which form the code was written for."""

    OLD = "old"
    NEW = "new"


class Schema(StrEnum):
    """Which forms the database has."""

    OLD = "old"
    EXPANDED = "expanded"
    CONTRACTED = "contracted"


NEXT: Mapping[Schema, frozenset[Schema]] = {
    Schema.OLD: frozenset({Schema.EXPANDED}),
    Schema.EXPANDED: frozenset({Schema.OLD, Schema.CONTRACTED}),
    Schema.CONTRACTED: frozenset(),
}
"""The steps there are. What contracting has removed is gone: there is no step back."""


WORKS: Mapping[Schema, frozenset[Code]] = {
    Schema.OLD: frozenset({Code.OLD}),
    Schema.EXPANDED: frozenset({Code.OLD, Code.NEW}),
    Schema.CONTRACTED: frozenset({Code.NEW}),
}
"""The code that finds the form it needs."""


def sees(reader: Code, writer: Code, schema: Schema, *, bridged: bool) -> bool:
    """Whether what `writer` wrote is there for `reader`. `bridged`: the new code writes both forms and reads either,
    without which neither version sees what the other one wrote, and a roll-back loses it."""
    return {reader, writer} <= WORKS[schema] and (reader == writer or bridged)


class Database:
    """A database in one of the schema's states."""

    def __init__(self, schema: Schema = Schema.OLD) -> None:
        self.schema = schema

    def move(self, to: Schema) -> None:
        """Expand, contract, or take an expansion back. Raises ValueError for steps that do not exist."""
        if to not in NEXT[self.schema]:
            raise ValueError(f"a schema that is {self.schema} cannot become {to}")
        self.schema = to

    def errors(self, shares: Mapping[Code, float]) -> float:
        """The share of requests that fail, given each version's share of requests."""
        return sum(share for code, share in shares.items() if code not in WORKS[self.schema])
