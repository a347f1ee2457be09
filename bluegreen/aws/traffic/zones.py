"""The hosted zone of a service, found by its name or id."""

from __future__ import annotations

import re
from typing import Any

from bluegreen.answers import normal
from bluegreen.aws.session import Api
from bluegreen.errors import Missing, Refused

_ID = re.compile(r"^(/hostedzone/)?([0-9A-Z]{8,32})$")
"""Capitals and digits, no dot: no zone's name looks like that."""


class Zones:
    """Finds the zone once: ids never change."""

    def __init__(self, api: Api, zone: str) -> None:
        self._api = api
        self._zone = zone
        self._id = ""

    def id(self) -> str:
        """The zone's id without its prefix. Raises Missing when there is none, Refused when there are several (a
        public and a private zone may share a name)."""
        if not self._id:
            given = _ID.match(self._zone)
            self._id = given[2] if given else self._by_name()
        return self._id

    def name(self) -> str:
        """The zone's name, to compare by. Raises Missing when there is no such zone."""
        return normal(self._api.call("route53", "get_hosted_zone", Id=self.id())["HostedZone"]["Name"])

    def _by_name(self) -> str:
        listed = self._api.call("route53", "list_hosted_zones_by_name", DNSName=self._zone, MaxItems="10")[
            "HostedZones"
        ]
        found = [_id_of(zone) for zone in listed if normal(zone["Name"]) == normal(self._zone)]
        if not found:
            raise Missing(f"there is no hosted zone {self._zone} in this account")
        if len(found) > 1:
            raise Refused(f"several hosted zones are called {self._zone}: give one of the ids {', '.join(found)}")
        return found[0]


def _id_of(zone: dict[str, Any]) -> str:
    return str(zone["Id"]).removeprefix("/hostedzone/")
