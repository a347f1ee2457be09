"""The Environments port: each slot's own way, side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bluegreen.aws.environments.base import PlaceFacts, Way
from bluegreen.aws.environments.beanstalk import EnvironmentWay
from bluegreen.aws.environments.built import built
from bluegreen.aws.session import Api
from bluegreen.model import EnvironmentView, Slot


@dataclass(frozen=True, slots=True)
class Places:
    """`bluegreen.ports.Environments`, and the facts that traffic and metrics need."""

    ways: Mapping[Slot, Way]
    api: Api

    def look(self, slot: Slot) -> EnvironmentView:
        return self.ways[slot].look()

    def create(self, slot: Slot) -> None:
        self.ways[slot].create()

    def resize(self, slot: Slot, instances: int) -> None:
        self.ways[slot].resize(instances)

    def hold_scale_in(self, slot: Slot, held: bool) -> None:
        self.ways[slot].hold_scale_in(held)

    def built(self, slot: Slot) -> Mapping[str, str]:
        return built(self.api, self.facts(slot))

    def remove(self, slot: Slot) -> None:
        self.ways[slot].remove()

    def facts(self, slot: Slot) -> PlaceFacts | None:
        """Where the slot is, or None while there is nothing to point at."""
        return self.ways[slot].facts()

    def properties(self, slot: Slot) -> Mapping[str, str] | None:
        """What a Beanstalk environment tells its code; None: the slot is none."""
        way = self.ways[slot]
        return way.properties() if isinstance(way, EnvironmentWay) else None

    def problems(self) -> tuple[str, ...]:
        """What a person has to mend before anything is touched, of both slots."""
        return tuple(problem for slot in sorted(self.ways) for problem in self.ways[slot].problems())
