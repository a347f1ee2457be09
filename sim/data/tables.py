"""Tables with streams, in memory: `bluegreen.sync.ports` without DynamoDB.

What moto's streams leave out is here: shards that end and have children, records that are kept for a day, places in a
shard that expire after 15 minutes, pages that end, items that their time to live removes, and times to the second
(Amazon DynamoDB Developer Guide, change data capture with DynamoDB Streams; API reference, GetShardIterator).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zlib import crc32

from bluegreen.errors import Missing
from bluegreen.lease.store import Absent
from bluegreen.sync.change import Record
from bluegreen.sync.marks import Image
from bluegreen.sync.ports import Differs, Expected, Expired, Forgotten, Listing, Page, Shard
from bluegreen.sync.state import text_of

RETENTION = timedelta(hours=24)
CURSOR_LIFE = timedelta(minutes=15)
Now = Callable[[], datetime]
Heard = Callable[["StreamedTable", Image, "Image | None", "Image | None"], None]


@dataclass(slots=True)
class Part:
    """A shard: the records of some keys, in order."""

    id: str
    parent: str | None
    records: list[Record] = field(default_factory=list)
    closed: datetime | None = None
    """When it ended."""
    trimmed: int = 0
    """The newest sequence number that is gone."""


@dataclass(slots=True)
class StreamedTable:
    """`Table` and `Feed`. `heard` is told of every change: the key, the item before and after it."""

    name: str
    now: Now
    keys: tuple[str, ...] = ("id",)
    shards: int = 2
    heard: Heard | None = None
    items: dict[str, Image] = field(default_factory=dict)
    label: int = 1
    parts: list[Part] = field(default_factory=list)
    _sequence: int = 0
    _cursors: dict[str, tuple[str, int, datetime]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parts = [Part(f"shard-{number}", None) for number in range(self.shards)]

    # -- the table -----------------------------------------------------------------------------------------------------

    def get(self, key: Image) -> Image | None:
        return self.items.get(text_of(key))

    def put(self, image: Image, expected: Expected) -> None:
        key = {name: image[name] for name in self.keys}
        self._change(key, dict(image), expected)

    def delete(self, key: Image, expected: Expected) -> None:
        self._change(key, None, expected)

    def mark(self, key: Image, marks: Image, expected: Expected) -> None:
        self._change(key, {**key, **(self.get(key) or {}), **marks}, expected)

    def scan(self, after: Image | None, limit: int) -> tuple[tuple[Image, ...], Image | None]:
        start = "" if after is None else text_of({name: after[name] for name in self.keys})
        found = [self.items[key] for key in sorted(self.items) if key > start]
        last = {name: found[limit - 1][name] for name in self.keys} if len(found) > limit else None
        return tuple(found[:limit]), last

    def write(self, key: Image, image: Image | None, *, expired: bool = False) -> None:
        """What an application does, or the table's time to live: whatever is there."""
        self._set(key, image, expired=expired)

    def _change(self, key: Image, image: Image | None, expected: Expected) -> None:
        there = self.get(key)
        if not _fits(there, expected):
            raise Differs(there)
        self._set(key, image)

    def _set(self, key: Image, image: Image | None, *, expired: bool = False) -> None:
        there = self.get(key)
        if there == image:
            return  # no record is made of a write that changes nothing
        if image is None:
            del self.items[text_of(key)]
        else:
            self.items[text_of(key)] = image
        self._sequence += 1
        created = self.now().replace(microsecond=0)
        self._part_of(key).records.append(Record(str(self._sequence), created, key, there, image, expired))
        if self.heard is not None:
            self.heard(self, key, there, image)

    # -- the stream ----------------------------------------------------------------------------------------------------

    def listing(self) -> Listing:
        self._trim()
        return Listing(f"{self.name}/{self.label}", tuple(Shard(part.id, part.parent) for part in self.parts))

    def cursor(self, shard: str, after: str | None) -> str:
        self._trim()
        part = self._find(shard)
        number = 0 if after is None else int(after)
        if after is not None and number <= part.trimmed:
            raise Forgotten(f"{after} is trimmed")
        return self._cursor(part.id, number)

    def read(self, cursor: str, limit: int) -> Page:
        self._trim()
        shard, after, made = self._cursors[cursor]
        if self.now() - made >= CURSOR_LIFE:
            raise Expired("the iterator has expired")
        part = self._find(shard)
        if 0 < after < part.trimmed:
            raise Forgotten(f"{after} is trimmed")
        left = [record for record in part.records if int(record.sequence) > after]
        page = tuple(left[:limit])
        ended = part.closed is not None and len(left) <= limit
        return Page(page, None if ended else self._cursor(shard, int(page[-1].sequence) if page else after))

    def split(self) -> None:
        """Every open shard ends, and has a child that goes on."""
        for part in [part for part in self.parts if part.closed is None]:
            part.closed = self.now()
            self.parts.append(Part(f"shard-{len(self.parts)}", part.id))

    def anew(self) -> None:
        """The stream is switched off and on."""
        self.label += 1
        self.parts = [Part(f"shard-{self.label}-{number}", None) for number in range(self.shards)]

    def _part_of(self, key: Image) -> Part:
        open_ones = [part for part in self.parts if part.closed is None]
        return open_ones[crc32(text_of(key).encode()) % len(open_ones)]

    def _find(self, shard: str) -> Part:
        for part in self.parts:
            if part.id == shard:
                return part
        raise Missing(f"ResourceNotFoundException: {shard}")

    def _cursor(self, shard: str, after: int) -> str:
        name = f"{shard}@{after}#{len(self._cursors)}"
        self._cursors[name] = (shard, after, self.now())
        return name

    def _trim(self) -> None:
        limit = self.now() - RETENTION
        for part in self.parts:
            gone = [int(record.sequence) for record in part.records if record.created <= limit]
            part.trimmed = max([part.trimmed, *gone])
            part.records = part.records[len(gone) :]
        self.parts = [part for part in self.parts if part.records or part.closed is None or part.closed > limit]


def _fits(there: Image | None, expected: Expected) -> bool:
    if isinstance(expected, Absent):
        return there is None
    return there is not None and all(there.get(name) == value for name, value in expected.items())
