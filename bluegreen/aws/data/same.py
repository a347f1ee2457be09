"""The Data port for one source: where each slot says which database it uses, and whether that is the plan's.

User data, parameters and outputs hold secrets at times: what is told of them is only whether the name is in there.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bluegreen.aws.environments import groups, launches
from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.environments.built import STACK_TAG
from bluegreen.aws.session import Api
from bluegreen.errors import Refused
from bluegreen.model import DataView, Slot


class SameData:
    """`bluegreen.ports.Data`. There is nothing to make or to move."""

    def __init__(self, api: Api, facts: Callable[[Slot], PlaceFacts | None], source: str) -> None:
        self._api, self._facts, self._source = api, facts, source

    def look(self) -> DataView:
        return DataView("following", named={slot: self._named(slot) for slot in Slot})

    def prepare(self) -> None:
        raise Refused("both versions use one database: there is no copy to make")

    def move(self) -> None:
        raise Refused("both versions use one database: there is nothing to move")

    def _named(self, slot: Slot) -> Mapping[str, bool]:
        facts = self._facts(slot)
        group = groups.find(self._api, facts.group) if facts is not None else None
        if group is None:
            return {}
        return {place: self._source in text for place, text in self._places(group)}

    def _places(self, group: dict[str, Any]) -> Iterator[tuple[str, str]]:
        data = launches.data_of(self._api, group)
        if text := data.get("UserData", ""):
            yield "user data", _plain(str(text))
        stack = groups.tags(group).get(STACK_TAG)
        if stack:
            described = self._api.call("cloudformation", "describe_stacks", StackName=stack)["Stacks"][0]
            for kind, key in (("Parameter", "Parameters"), ("Output", "Outputs")):
                for each in described.get(key, ()):
                    yield f"{kind.lower()} {each[f'{kind}Key']}", str(each.get(f"{kind}Value", ""))


def _plain(text: str) -> str:
    """User data as machines get it."""
    try:
        return b64decode(text, validate=True).decode(errors="replace")
    except (binascii.Error, ValueError):
        return text
