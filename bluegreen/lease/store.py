"""What a team shares: a table of items that are written all or nothing, and only where they are as expected.

The port, and the words of it. DynamoDB stands behind it (`bluegreen/aws/team/`), or a dict in rehearsals and tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, NamedTuple, Protocol

from bluegreen.errors import OperatingError

Value = str | int | bytes | bool
Item = Mapping[str, Value]


class Key(NamedTuple):
    """Where an item is: items of one partition are read together, in the order of their sort keys."""

    partition: str
    sort: str


class Absent(Enum):
    """Expected: there is no such item."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Write:
    """One item of a write: put `item`, or only check when it is None, where what is there is as `expected`: absent,
    these values, or anything (None)."""

    key: Key
    item: Item | None
    expected: Absent | Item | None = None


class Conflict(OperatingError):
    """What is there is not as expected, so nothing was written. `at`: the keys of those items."""

    def __init__(self, at: tuple[Key, ...]) -> None:
        super().__init__(f"changed by somebody else: {', '.join('/'.join(key) for key in at)}")
        self.at = at


class Store(Protocol):
    """The table. Reads see every write that was answered before. Each method may raise OperatingError; after any but
    Conflict nobody knows whether a write has happened."""

    def get(self, key: Key) -> Item | None: ...

    def range(self, partition: str, prefix: str, after: str = "") -> tuple[tuple[Key, Item], ...]:
        """The items whose sort key begins with `prefix` and comes after `after`, in order."""
        ...

    def write(self, *writes: Write) -> None:
        """All of them or none. No two of the same item. Raises Conflict."""
        ...


def fits(there: Item | None, expected: Absent | Item | None) -> bool:
    """Whether what is there is as expected."""
    if expected is None:
        return True
    if isinstance(expected, Absent):
        return there is None
    return there is not None and all(there.get(name) == value for name, value in expected.items())
