"""A team's table, without DynamoDB: items in a dict, written all or nothing and only as expected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from bluegreen.lease.store import Conflict, Item, Key, Write, fits

if TYPE_CHECKING:
    from sim.memory.calls import Calls

T = TypeVar("T")


@dataclass(slots=True)
class Table:
    """`bluegreen.lease.store.Store`. With `calls` each call takes its time and meets the weather, as on DynamoDB."""

    calls: Calls | None = None
    items: dict[Key, Item] = field(default_factory=dict)

    def get(self, key: Key) -> Item | None:
        return self._ask("GetItem", lambda: self.items.get(key))

    def range(self, partition: str, prefix: str, after: str = "") -> tuple[tuple[Key, Item], ...]:
        return self._ask("Query", lambda: self._range(partition, prefix, after))

    def write(self, *writes: Write) -> None:
        single = len(writes) == 1 and writes[0].item is not None
        self._ask("PutItem" if single else "TransactWriteItems", lambda: self._write(writes))

    def _range(self, partition: str, prefix: str, after: str) -> tuple[tuple[Key, Item], ...]:
        keys = [key for key in self.items if key.partition == partition and key.sort.startswith(prefix)]
        return tuple((key, self.items[key]) for key in sorted(keys) if key.sort > after)

    def _write(self, writes: tuple[Write, ...]) -> None:
        assert len({write.key for write in writes}) == len(writes), "DynamoDB refuses two writes of one item"
        if wrong := tuple(write.key for write in writes if not fits(self.items.get(write.key), write.expected)):
            raise Conflict(wrong)
        self.items |= {write.key: dict(write.item) for write in writes if write.item is not None}

    def _ask(self, operation: str, answer: Callable[[], T]) -> T:
        return answer() if self.calls is None else self.calls.ask(f"dynamodb:{operation}", answer)
