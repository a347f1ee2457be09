"""The Data port for one source: where each slot says which database it uses, and whether that is the plan's.

User data, parameters, outputs and environment properties hold secrets at times: what is told of them is only whether
the name is in there.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterator, Mapping

from bluegreen.aws.environments import groups, launches
from bluegreen.aws.environments.places import Places
from bluegreen.aws.environments.stacks import stack_of
from bluegreen.aws.session import Api
from bluegreen.data.same import PROPERTY, named_in
from bluegreen.errors import Refused
from bluegreen.model import DataView, Slot


class SameData:
    """`bluegreen.ports.Data`. There is nothing to make or to move."""

    def __init__(self, api: Api, places: Places, source: str) -> None:
        self._api, self._places, self._source = api, places, source

    def look(self) -> DataView:
        return DataView("following", named={slot: self._named(slot) for slot in Slot})

    def prepare(self) -> None:
        raise Refused("both versions use one database: there is no copy to make")

    def move(self) -> None:
        raise Refused("both versions use one database: there is nothing to move")

    def _named(self, slot: Slot) -> Mapping[str, bool]:
        told = self._places.properties(slot)
        texts = self._of_group(slot) if told is None else ((f"{PROPERTY} {name}", text) for name, text in told.items())
        return {place: named_in(self._source, text) for place, text in texts}

    def _of_group(self, slot: Slot) -> Iterator[tuple[str, str]]:
        facts = self._places.facts(slot)
        group = groups.find(self._api, facts.group) if facts is not None else None
        if group is None:
            return
        data = launches.data_of(self._api, group)
        if text := data.get("UserData", ""):
            yield "user data", _plain(str(text))
        stack = stack_of(self._api, group)
        for kind, key in (("Parameter", "Parameters"), ("Output", "Outputs")):
            for each in stack.get(key, ()):
                yield f"{kind.lower()} {each[f'{kind}Key']}", str(each.get(f"{kind}Value", ""))


def _plain(text: str) -> str:
    """User data as machines get it."""
    try:
        return b64decode(text, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return text
