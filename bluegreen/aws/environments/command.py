"""A slot that the team's own command makes: it says which balancer and group it made, and these are looked at and grown
like any others."""

from __future__ import annotations

from collections.abc import Mapping

from bluegreen.aws.environments import groups
from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.environments.named import NamedPlace
from bluegreen.aws.session import Api
from bluegreen.errors import Missing
from bluegreen.model import EnvironmentView, Presence
from bluegreen.outside.making import Making


class CommandWay:
    """`Way` by the team's own command."""

    def __init__(self, api: Api, making: Making) -> None:
        self._api, self._making = api, making
        self._place: NamedPlace | None = None

    def look(self) -> EnvironmentView:
        standing = self._making.standing()
        if standing.outputs is None:
            self._place = None
            return EnvironmentView(standing.presence, detail=standing.detail)
        place = self._at(standing.outputs)
        seen = place.seen()
        if seen.group is None or seen.balancer is None or groups.is_going(seen.group):
            said = f"balancer {place.balancer}, group {place.group}"
            return EnvironmentView(Presence.FAILED, detail=f"create said {said}; of these there is {seen}")
        return place.look_at(seen.group, seen.balancer)

    def create(self) -> None:
        self._making.create()

    def remove(self) -> None:
        self._place = None
        self._making.remove()

    def resize(self, instances: int) -> None:
        groups.resize(self._api, self._known().group, instances)

    def hold_scale_in(self, held: bool) -> None:
        groups.hold_scale_in(self._api, self._known().group, held)

    def facts(self) -> PlaceFacts | None:
        if self._place is None:
            outputs = self._making.standing().outputs
            if outputs is None:
                return None
            self._at(outputs)
        return self._known().facts()

    def problems(self) -> tuple[str, ...]:
        """Whether the commands can be run is not tried: they might do something."""
        return ()

    def _at(self, outputs: Mapping[str, str]) -> NamedPlace:
        if self._place is None:
            self._place = NamedPlace(self._api, outputs["group"], outputs["balancer"])
        return self._place

    def _known(self) -> NamedPlace:
        if self._place is None:
            raise Missing("the team's command has made nothing yet")
        return self._place
