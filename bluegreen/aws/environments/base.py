"""What every way to have an environment answers, and what all ways share: names, tags, and the facts about a place
that Route 53 records and metrics need.

One `Way` object stands for one slot. It reads and acts; it decides nothing and remembers nothing that AWS cannot
tell again after a crash (it may keep what never changes, like a balancer's DNS name).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

from bluegreen.aws.balancers import Balancer
from bluegreen.model import EnvironmentView, Slot

SERVICE_TAG = "bluegreen:service"
ROLLOUT_TAG = "bluegreen:rollout"
SLOT_TAG = "bluegreen:slot"


@dataclass(frozen=True, slots=True)
class Stamp:
    """The mark of one rollout on what it creates in one slot: a name that can be computed again after a crash, and
    tags that say what may be removed."""

    service: str
    rollout: str
    slot: Slot

    @property
    def name(self) -> str:
        """The name of everything there is one of; at most 32 characters, as balancers and target groups demand."""
        return self.name_of("")

    def name_of(self, part: str) -> str:
        """The name of one of several things of a kind, told apart by `part` (any text)."""
        digest = hashlib.sha256((self.rollout + part).encode()).hexdigest()
        return f"{self.service}-{self.slot}-{digest[:5]}"

    @property
    def tags(self) -> dict[str, str]:
        return {SERVICE_TAG: self.service, ROLLOUT_TAG: self.rollout, SLOT_TAG: str(self.slot)}

    def marks(self, tags: dict[str, str]) -> bool:
        """Whether something that carries these tags was made by this rollout, for this slot."""
        return tags.get(ROLLOUT_TAG) == self.rollout and tags.get(SLOT_TAG) == self.slot


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """Where a slot is: its balancer (DNS name, zone, metric dimensions, target groups) and its group's name."""

    balancer: Balancer
    group: str


class Way(Protocol):
    """One slot's environment, however it came to be. Every method may raise OperatingError; all are safe to
    repeat, also after a crash between any two AWS calls or a lost reply."""

    def look(self) -> EnvironmentView:
        """The environment as it is now. ABSENT only when nothing of it is left, so that removing goes on until
        then; READY when all of it is made and the balancer is active, however many instances serve yet."""
        ...

    def create(self) -> None:
        """Begin, or go on with, making it: whatever is missing is made, what is there is left alone."""
        ...

    def resize(self, instances: int) -> None:
        """Ask the group for at least `instances`, raising its maximum when that is lower. Never shrinks."""
        ...

    def hold_scale_in(self, held: bool) -> None:
        """Keep the group from shrinking by itself, or give that back."""
        ...

    def remove(self) -> None:
        """Begin, or go on with, removing it; come back until `look` says ABSENT."""
        ...

    def facts(self) -> PlaceFacts | None:
        """Where it is, or None while there is no balancer or no group."""
        ...

    def problems(self) -> tuple[str, ...]:
        """Asked once, before anything is touched: what a person has to mend first. One sentence each: what is
        wrong, where in the rollout file, what else is possible."""
        ...
