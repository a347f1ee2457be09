"""A DynamoDB stream: every change of an item once, in the item's order, and no longer than a day (Amazon DynamoDB
Developer Guide, change data capture with DynamoDB Streams).

Records lie in shards by their item's key. Shards are read one after the other, so between items no order is promised,
and none is kept here either. Left out: shards that split, and the limit of two readers per shard.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import simpy
from pydantic import Field

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration
from sim.clock import ms, now_ms


class StreamSpec(Spec):
    """How long records are kept, and how they are spread."""

    retention: PositiveDuration = parse_duration("24h")
    """Documented; older records are trimmed. AWS may keep them a little longer, here they go at once."""
    shards: int = Field(4, ge=1)
    """AWS chooses the number; assumed."""


class TrimmedData(Exception):
    """Records were asked for that are kept no longer (TrimmedDataAccessException): `lost` of them."""

    def __init__(self, lost: int) -> None:
        super().__init__(f"{lost} records were trimmed before they were read")
        self.lost = lost


@dataclass(frozen=True, slots=True)
class Record:
    """One change of one item. `number` counts within the shard; `at` is in milliseconds of the environment."""

    number: int
    at: int
    key: str
    value: Any


class Stream:
    """The changes of one table. The cost of a write or read does not grow with what is kept."""

    def __init__(self, spec: StreamSpec, env: simpy.Environment) -> None:
        self.spec, self._env = spec, env
        self._retention = ms(spec.retention)
        self._kept: list[deque[Record]] = [deque() for _ in range(spec.shards)]
        self._written = [0] * spec.shards

    def write(self, key: str, value: Any) -> None:
        """An item was changed."""
        shard = crc32(key.encode()) % self.spec.shards
        self._kept[shard].append(Record(self._written[shard], now_ms(self._env), key, value))
        self._written[shard] += 1
        self._trim(shard)

    def read(self, shard: int, position: int) -> list[Record]:
        """All records of the shard from `position` on. Raises TrimmedData when some of them are gone."""
        oldest = self.horizon(shard)
        if position < oldest:
            raise TrimmedData(oldest - position)
        kept = self._kept[shard]
        return [kept[index] for index in range(position - oldest, len(kept))]

    def horizon(self, shard: int) -> int:
        """The oldest position that can still be read."""
        self._trim(shard)
        return self._written[shard] - len(self._kept[shard])

    def _trim(self, shard: int) -> None:
        kept, limit = self._kept[shard], now_ms(self._env) - self._retention
        while kept and kept[0].at < limit:
            kept.popleft()


class Consumer:
    """Copies a stream, and counts what it came too late for."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._positions = [stream.horizon(shard) for shard in range(stream.spec.shards)]
        self.lost = 0

    def read(self) -> list[Record]:
        """Everything new. What was trimmed is counted as lost, and passed over."""
        return [record for shard in range(len(self._positions)) for record in self._read(shard)]

    def _read(self, shard: int) -> list[Record]:
        try:
            found = self._stream.read(shard, self._positions[shard])
        except TrimmedData as gone:
            self.lost += gone.lost
            self._positions[shard] += gone.lost
            found = self._stream.read(shard, self._positions[shard])
        self._positions[shard] += len(found)
        return found
