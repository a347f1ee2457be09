"""Drills of alarms on CloudWatch: SetAlarmState, its trace in the alarm's history, and what would fire with it.

A state that was set lasts until the next evaluation, often seconds, so history is the proof; on a composite alarm it
would stick until a child changes (CloudWatch API Reference, SetAlarmState, DescribeAlarmHistory).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bluegreen.errors import Missing, Refused
from bluegreen.model import DrillView
from bluegreen.selftest.spec import DRILL

if TYPE_CHECKING:
    from bluegreen.aws.session import Api

BOTH = ["MetricAlarm", "CompositeAlarm"]
ACTIONS = ("AlarmActions", "OKActions", "InsufficientDataActions")
"""Of each state: the drill goes to one, and the way back leads to another."""

Described = Mapping[str, Any]


def is_drill(described: Described) -> bool:
    """The alarm stands as a drill has set it: nothing is wrong, and nobody knows."""
    return described["StateValue"] == "ALARM" and str(described.get("StateReason", "")).startswith(DRILL)


def _actions(described: Described) -> Iterator[str]:
    for key in ACTIONS if described.get("ActionsEnabled") else ():
        yield from described.get(key, ())


class Drills:
    """Of one account."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def look(self, names: Sequence[str], since: datetime) -> Sequence[DrillView]:
        """Alarms that do not exist are left out. Raises OperatingError."""
        return [self._view(alarm, since) for alarm in self._described(AlarmNames=list(names))]

    def drill(self, name: str) -> None:
        """There and back again. Raises OperatingError; Refused when CloudWatch did not take the state."""
        self._set(name, "ALARM", f"{DRILL}: can this alarm reach ALARM?")
        if self._one(name)["StateValue"] != "ALARM":
            raise Refused(f"alarm {name} was set to ALARM and is not")
        # CloudWatch would look by itself, but perhaps only in a minute; what it finds then counts in any case.
        self._set(name, "OK", f"{DRILL} is over")

    # -- how it works ---------------------------------------------------------------------------------------------

    def _view(self, alarm: Described, since: datetime) -> DrillView:
        above = [alarm, *self._above([alarm["AlarmName"]])]
        fires = [action for each in above for action in _actions(each)]
        composite = "AlarmRule" in alarm
        heard = not composite and any(self._reached(str(alarm["AlarmName"]), since))
        return DrillView(alarm["AlarmName"], heard, tuple(dict.fromkeys(fires)), composite)

    def _above(self, names: Sequence[str]) -> list[Described]:
        """The composite alarms whose rules name any of these, and those above them. A question for parents is answered
        with names only (API Reference, DescribeAlarms)."""
        found: dict[str, Described] = {}
        asked = list(names)
        while asked:
            parents = [each["AlarmName"] for each in self._described(ParentsOfAlarmName=asked.pop())]
            fresh = [name for name in dict.fromkeys(parents) if name not in found]
            found |= {each["AlarmName"]: each for each in (self._described(AlarmNames=fresh) if fresh else ())}
            asked += fresh
        return list(found.values())

    def _reached(self, name: str, since: datetime) -> Iterator[bool]:
        asked: dict[str, Any] = {"AlarmName": name, "HistoryItemType": "StateUpdate", "StartDate": since}
        for item in self._api.collect("cloudwatch", "describe_alarm_history", "AlarmHistoryItems", **asked):
            new = json.loads(item["HistoryData"]).get("newState", {})
            yield new.get("stateValue") == "ALARM" and str(new.get("stateReason", "")).startswith(DRILL)

    def _one(self, name: str) -> Described:
        found = self._described(AlarmNames=[name])
        if not found:
            raise Missing(f"there is no CloudWatch alarm {name}")
        return found[0]

    def _described(self, **asked: Any) -> list[Described]:
        answer = self._api.call("cloudwatch", "describe_alarms", AlarmTypes=BOTH, **asked)
        return [*answer.get("MetricAlarms", ()), *answer.get("CompositeAlarms", ())]

    def _set(self, name: str, state: str, why: str) -> None:
        self._api.call("cloudwatch", "set_alarm_state", AlarmName=name, StateValue=state, StateReason=why)
