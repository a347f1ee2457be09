"""A sync file: which two stores, and how they are kept together and compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, RootModel, model_validator

from bluegreen.plan.service import Guard
from bluegreen.registry import Spec
from bluegreen.sync.marks import Marks
from bluegreen.sync.merging import LastWriter, Rule
from bluegreen.units import PositiveDuration, parse_duration
from bluegreen.yamlfile import load

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
SideName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]
TableName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{3,255}$")]


class Place(Spec):
    """A DynamoDB table."""

    table: TableName
    region: str = ""
    """Default: the session's (AWS_REGION)."""
    endpoint: str = ""
    """Where DynamoDB is asked, if not where AWS has it."""


class Side(Place):
    """One of the two tables, and what it is called: blue, green, or else."""

    side: SideName


class Publish(Spec):
    """What is told to CloudWatch, once a minute."""

    namespace: Annotated[str, Field(pattern=r"^[A-Za-z0-9_./#:-]+$", max_length=255)] = "Bluegreen/Sync"
    region: str = ""
    """Default: the session's."""


class Sampling(Spec):
    """How samples are compared."""

    sample: int = Field(200, ge=1, le=100_000)
    """So many items, half of them drawn from either side."""
    patience: PositiveDuration = parse_duration("5s")
    """What differs is looked at again after this time: it may have been on its way."""
    every: PositiveDuration = parse_duration("1m")
    """While `bluegreen sync run` runs."""


class DynamoSync(Spec):
    """Two DynamoDB tables. `first` is the one that serves now: it is copied whole, and wins when versions are equal."""

    kind: Literal["dynamodb"]
    name: Name
    guard: Guard
    first: Side
    second: Side
    state: Place
    """A table with the keys pk and sk (text), like a team's; it may be the team's own, and neither of the two."""
    both_ways: bool = True
    baseline: bool = True
    """Whether `first` is copied whole. False: the team did that itself, after the stream of `first` was switched on and
    less than a day ago; all that the stream still has is carried over."""
    version: Annotated[str, Field(min_length=1, max_length=255)] = "version"
    """The attribute that the application sets in every write."""
    origin: Annotated[str, Field(min_length=1, max_length=255)] = "sync_origin"
    """The attribute that the copier sets."""
    conflict: Rule = LastWriter()
    remember: PositiveDuration = parse_duration("7d")
    """How long deletes are remembered, if the state table removes items by its attribute `expires`."""
    lease: PositiveDuration = parse_duration("1m")
    """How long a copier that says nothing keeps another one from beginning."""
    workers: int = Field(8, ge=1, le=64)
    """So many items are written at a time."""
    page: int = Field(500, ge=1, le=1000)
    publish: Publish | None = None
    compare: Sampling = Sampling()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _two_sides(self.first.side, self.second.side)
        places = [(one.table, one.region, one.endpoint) for one in (self.first, self.second, self.state)]
        if len(set(places)) < 3:
            raise ValueError("first, second and state must be three tables")
        if self.version == self.origin:
            raise ValueError("version and origin must be two attributes")
        if not self.both_ways and self.conflict != LastWriter():
            raise ValueError(
                "a rule for conflicts needs both_ways: true; one way, what it makes of two would stay apart"
            )
        return self

    @property
    def marks(self) -> Marks:
        """How items are marked."""
        return Marks(self.first.side, self.second.side, self.version, self.origin)


class Database(Spec):
    """A PostgreSQL database, and what it is called."""

    side: SideName
    url_from: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")]
    """The environment variable that has its URL, so that no password stands in a file."""


class PostgresSync(Spec):
    """Two PostgreSQL databases that somebody else keeps together: by logical replication, or by writing to both."""

    kind: Literal["postgres"]
    name: Name
    first: Database
    second: Database
    tables: Annotated[tuple[Annotated[str, Field(pattern=r"^[^.\s]+(\.[^.\s]+)?$")], ...], Field(min_length=1)]
    """As `table` or `schema.table`; each needs a primary key."""
    ignore: dict[str, tuple[str, ...]] = {}
    """By table: columns that may differ."""
    publish: Publish | None = None
    guard: Guard | None = None
    """Needed to publish."""
    compare: Sampling = Sampling()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _two_sides(self.first.side, self.second.side)
        if self.publish is not None and self.guard is None:
            raise ValueError("publish needs a guard: the accounts and regions that may be written to")
        if unknown := sorted(set(self.ignore) - set(self.tables)):
            raise ValueError(f"ignore: {', '.join(unknown)} is none of the tables")
        return self


class SyncFile(RootModel[Annotated[DynamoSync | PostgresSync, Field(discriminator="kind")]]):
    """A sync file of either kind."""


def load_sync(path: Path) -> DynamoSync | PostgresSync:
    """Raises UserError with one line for each problem."""
    return load(path, SyncFile).root


def _two_sides(first: str, second: str) -> None:
    if first == second:
        raise ValueError(f"first and second are both called {first}; give them two names, like blue and green")
