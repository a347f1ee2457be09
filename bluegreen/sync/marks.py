"""The two attributes by which a copied item is known: its version, and the newest write of the other side in it.

The application sets the version, in every write, to a whole number that grows with every write of the item: the time in
milliseconds, or one more than the version it read, whichever is more. The origin is the copier's own: `blue 17` says
that blue's write of version 17 is in this item. When that is the item's version, the item is a copy; when the version
has moved on, the item was written here on top of what had come from blue. An application need not know of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from bluegreen.errors import UserError

Image = Mapping[str, Mapping[str, Any]]
"""An item, or its key, as DynamoDB's API has it: `{"id": {"S": "a1"}, "version": {"N": "17"}}`."""


class Stamp(NamedTuple):
    """A write: its version, and the side on which it was made. Version 0 is an item that never had one."""

    version: int
    side: str

    def __str__(self) -> str:
        return f"{self.side} {self.version}"


@dataclass(frozen=True, slots=True)
class Marks:
    """How items are marked. `first` is the side that wins when two versions are equal."""

    first: str
    second: str
    version: str = "version"
    origin: str = "sync_origin"

    def other(self, side: str) -> str:
        """The side that `side` is not."""
        return self.second if side == self.first else self.first

    def version_of(self, image: Image | None) -> int:
        """0 without one. Raises UserError when the attribute is something else: it belongs to the application, and is
        not ours to overwrite."""
        if image is None or self.version not in image:
            return 0
        text = image[self.version].get("N", "")
        if not text.isdecimal():
            raise UserError(f"{self.version}: must be a whole number, 0 or more; an item has {image[self.version]}")
        return int(text)

    def seen(self, image: Image | None) -> Stamp | None:
        """The newest write of another side that is in this item, as far as it tells."""
        text = str((image or {}).get(self.origin, {}).get("S", ""))
        side, _, version = text.rpartition(" ")
        return Stamp(int(version), side) if side in (self.first, self.second) and version.isdecimal() else None

    def stamp(self, image: Image, here: str) -> Stamp:
        """The write that made this item of `here`'s table what it is."""
        version, seen = self.version_of(image), self.seen(image)
        return seen if seen == (version, self.other(here)) else Stamp(version, here)

    def marked(self, image: Image, version: int, seen: Stamp | None) -> Image:
        """The item with these marks."""
        bare = {**self.bare(image), self.version: {"N": str(version)}}
        return bare if seen is None else {**bare, self.origin: {"S": str(seen)}}

    def bare(self, image: Image) -> dict[str, Mapping[str, Any]]:
        """The item without marks: what the application means by it."""
        return {name: value for name, value in image.items() if name not in (self.version, self.origin)}

    def raw(self, image: Image) -> dict[str, Mapping[str, Any] | None]:
        """The marks as they stand, None for one that is not there: what a write may expect to find unchanged."""
        return {name: image.get(name) for name in (self.version, self.origin)}

    def newer(self, one: Stamp, other: Stamp) -> bool:
        """Whether `one` wins over `other`: the higher version, or at equal ones the first side."""
        return one.version > other.version or (
            one.version == other.version and one.side == self.first and other.side != self.first
        )
