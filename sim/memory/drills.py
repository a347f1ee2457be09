"""The Drills port of this tier: the engine's own adapter, on the world's alarms with no wire between."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bluegreen.aws.metrics.drill import Drills
from bluegreen.errors import Missing
from sim.cloudwatch.store import at_ms
from sim.memory.calls import Calls
from sim.metrics import Metrics

Answer = dict[str, Any]


class Alarms:
    """`bluegreen.aws.session.Api`, as far as drills ask it."""

    def __init__(self, calls: Calls, metrics: Metrics) -> None:
        self._calls, self._metrics = calls, metrics

    def call(self, service: str, operation: str, **params: Any) -> Answer:
        """One request, one answer. Raises OperatingError."""
        answer: Callable[[Mapping[str, Any]], Answer] = getattr(self, f"_{operation}")
        name = re.sub(r"(?:^|_)([a-z])", lambda found: found[1].upper(), operation)
        return self._calls.ask(f"{service}:{name}", lambda: answer(params))

    def collect(self, service: str, operation: str, key: str, **params: Any) -> Sequence[Answer]:
        found: Sequence[Answer] = self.call(service, operation, **params)[key]
        return found

    def _describe_alarms(self, params: Mapping[str, Any]) -> Answer:
        child = params.get("ParentsOfAlarmName")
        names = self._metrics.parents(child) if child else [n for n in params["AlarmNames"] if n in self._known]
        found = [self._described(name) for name in names]
        composite = [each for each in found if "AlarmRule" in each]
        return {"MetricAlarms": [each for each in found if each not in composite], "CompositeAlarms": composite}

    def _set_alarm_state(self, params: Mapping[str, Any]) -> Answer:
        if params["AlarmName"] not in self._known:
            raise Missing(f"cloudwatch set_alarm_state: ResourceNotFound: alarm {params['AlarmName']} does not exist")
        self._metrics.set_alarm_state(params["AlarmName"], params["StateValue"], params["StateReason"])
        return {}

    def _describe_alarm_history(self, params: Mapping[str, Any]) -> Answer:
        since: datetime = params["StartDate"]
        mine = [each for each in self._metrics.alarm_history if each.alarm == params["AlarmName"]]
        moved = [each for each in mine if each.kind == "StateUpdate" and at_ms(each.at) >= since]
        states = [{"newState": {"stateValue": each.after, "stateReason": each.why}} for each in reversed(moved)]
        return {"AlarmHistoryItems": [{"HistoryData": json.dumps(each)} for each in states]}

    @property
    def _known(self) -> Mapping[str, Any]:
        return self._metrics.alarms

    def _described(self, name: str) -> Answer:
        alarm, actions = self._known[name], {"AlarmActions": list(self._known[name].actions)}
        rule = {} if alarm.rule is None else {"AlarmRule": alarm.rule}
        shown = {"AlarmName": name, "StateValue": self._metrics.alarm_state(name), "ActionsEnabled": True}
        return {**shown, **actions, **rule}


def drills(calls: Calls, metrics: Metrics) -> Drills:
    """The port of one engine."""
    account: Any = Alarms(calls, metrics)
    return Drills(account)


def is_drill(metrics: Metrics, name: str, mark: str) -> bool:
    """Whether an alarm stands as a drill has set it."""
    if metrics.alarm_state(name) != "ALARM":
        return False
    moved = [each for each in metrics.alarm_history if each.alarm == name and each.kind == "StateUpdate"]
    return bool(moved) and moved[-1].why.startswith(mark)
