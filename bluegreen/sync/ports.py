"""The ports of the copier: a table, and its stream. DynamoDB stands behind them, or tables in memory.

Every method may raise `OperatingError`: Throttled, Unreachable and Busy pass, and after them nobody knows whether a
write has happened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from bluegreen.errors import OperatingError, UserError
from bluegreen.lease.store import ABSENT, Absent
from bluegreen.sync.change import Record
from bluegreen.sync.marks import Image

Expected = Absent | Mapping[str, Mapping[str, Any] | None]
"""What must be there for a write to happen: no item; or an item with these attributes, None for one that it lacks."""

NOTHING: Final = ABSENT


class Differs(OperatingError):
    """What is there is not as expected, so nothing was written. `there` is the item, if there is one."""

    def __init__(self, there: Image | None) -> None:
        super().__init__("the item was changed by somebody else")
        self.there = there


class Trimmed(UserError):
    """The stream has forgotten changes that were not read yet: it keeps them for 24 hours. What is missing nobody can
    tell, so the copier must begin anew."""


class Forgotten(OperatingError):
    """The stream no longer has the record after which reading should go on (TrimmedDataAccessException)."""

    lasting = True


class Expired(OperatingError):
    """The place in a shard was kept too long to be read from (15 minutes): find it again."""


class Shard(NamedTuple):
    """A part of a stream. A child is read after its parent; a parent that is not listed was forgotten."""

    id: str
    parent: str | None = None


class Page(NamedTuple):
    """Records of one shard in their order, and where it goes on: None at the end of a shard that was closed."""

    records: tuple[Record, ...]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class Listing:
    """The shards of a stream, and the stream's own name, which is another one when it was switched off and on."""

    stream: str
    shards: tuple[Shard, ...]


class Table(Protocol):
    """The items of one side. Reads see every write that was answered before."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The attributes of the key: one or two."""
        ...

    def get(self, key: Image) -> Image | None: ...

    def put(self, image: Image, expected: Expected) -> None:
        """Raises Differs."""
        ...

    def delete(self, key: Image, expected: Expected) -> None:
        """Raises Differs."""
        ...

    def mark(self, key: Image, marks: Image, expected: Expected) -> None:
        """Set these attributes, and leave the others. Raises Differs."""
        ...

    def scan(self, after: Image | None, limit: int) -> tuple[tuple[Image, ...], Image | None]:
        """Some items, and the key after which to go on, None at the end."""
        ...


class Feed(Protocol):
    """The stream of one table."""

    def listing(self) -> Listing:
        """Raises Missing when the table has no stream."""
        ...

    def cursor(self, shard: str, after: str | None) -> str:
        """Where to read: after the record of this sequence number, or from the shard's oldest record. Raises
        Forgotten when that record is no longer kept, Missing when the shard is not."""
        ...

    def read(self, cursor: str, limit: int) -> Page:
        """Up to `limit` records. None do not mean that there are none. Raises Expired, Forgotten."""
        ...
