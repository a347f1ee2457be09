"""CloudWatch's alarms: the world's, in the API's shapes. Whatever an alarm may have and the world has not (actions
that do something, anomaly bands, other accounts) fails loudly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sim.alarms import AlarmSpec
from sim.cloud.cloudwatch_shapes import ACTIONS, composite_of, describe, metric_alarm_of
from sim.cloud.service import ACCOUNT, Answer, Params, Service
from sim.cloudwatch.states import Change, LoopError, TooManyError
from sim.cloudwatch.store import at_ms
from sim.errors import AwsError, NotModelled

PAGE, MOST_RECORDS = 50, 100
MOST_NAMES = 100
KINDS = {False: "MetricAlarm", True: "CompositeAlarm"}


class Alarms(Service):
    """The alarm half of CloudWatch."""

    def on_describe_alarms(self, params: Params) -> Answer:
        """Metric alarms unless asked for others. A name without an alarm is left out."""
        metrics = self.world.metrics
        names = [name for name in metrics.alarms if self._asked_for(name, params)]
        asked = params.get("AlarmTypes", ["MetricAlarm"])
        family = {"ChildrenOfAlarmName", "ParentsOfAlarmName"} & set(params)
        wanted = [name for name in names if family or self._kind(name) in asked]
        page, token = _page(wanted, params, PAGE)
        metric, composite = (
            [self._described(name) for name in page if self._kind(name) == kind] for kind in KINDS.values()
        )
        return {"MetricAlarms": metric, "CompositeAlarms": composite, **token}

    def on_put_metric_alarm(self, params: Params) -> Answer:
        self._put(params, metric_alarm_of(self.site.bindings, params))
        return {}

    def on_put_composite_alarm(self, params: Params) -> Answer:
        self._put(params, composite_of(params))
        return {}

    def on_delete_alarms(self, params: Params) -> Answer:
        """Those that exist are deleted though others do not."""
        metrics, names = self.world.metrics, list(dict.fromkeys(params["AlarmNames"]))
        known = [name for name in names if name in metrics.alarms]
        composites = [name for name in known if metrics.alarms[name].rule is not None]
        if len(names) > MOST_NAMES or len(composites) > 1:
            raise AwsError("ValidationError", f"at most {MOST_NAMES} alarms, and one of them composite")
        for name in sorted(known, key=composites.__contains__, reverse=True):
            if metrics.parents(name) and name in composites:
                raise AwsError("ResourceConflict", f"{name} is named by the rule of other composite alarms", 409)
            if metrics.parents(name):
                raise NotModelled(f"alarm {name} is deleted, and a composite alarm names it")
            metrics.remove_alarm(name)
        if len(known) < len(names):
            raise AwsError("ResourceNotFound", "an alarm of that name does not exist", 404)
        return {}

    def on_set_alarm_state(self, params: Params) -> Answer:
        name = params["AlarmName"]
        if name not in self.world.metrics.alarms:
            raise AwsError("ResourceNotFound", f"alarm {name} does not exist", 404)
        self.world.metrics.set_alarm_state(name, params["StateValue"], params["StateReason"])
        return {}

    def on_describe_alarm_history(self, params: Params) -> Answer:
        """Newest first unless asked otherwise; deleted alarms keep theirs."""
        if strange := {"AlarmContributorId"} & set(params):
            raise NotModelled(f"the rehearsal's alarm history has no {', '.join(strange)}")
        found = [change for change in self.world.metrics.alarm_history if _is_asked_for(change, params)]
        if params.get("ScanBy", "TimestampDescending") == "TimestampDescending":
            found.reverse()
        page, token = _page(found, params, MOST_RECORDS)
        return {"AlarmHistoryItems": [_item(change) for change in page], **token}

    # -- how

    def _kind(self, name: str) -> str:
        return KINDS[self.world.metrics.alarms[name].rule is not None]

    def _asked_for(self, name: str, params: Params) -> bool:
        if {"AlarmNames", "AlarmNamePrefix"} <= set(params):
            raise AwsError("ValidationError", "AlarmNames and AlarmNamePrefix cannot both be specified")
        if "ActionPrefix" in params:
            raise NotModelled("the rehearsal's alarms have no actions to ask for")
        metrics = self.world.metrics
        children = params.get("ChildrenOfAlarmName")
        parent = metrics.alarms.get(children) if children else None
        if children and (parent is None or parent.rules is None or name not in parent.rules.children):
            return False
        return (
            name in params.get("AlarmNames", [name])
            and name.startswith(params.get("AlarmNamePrefix", ""))
            and params.get("StateValue") in {None, metrics.alarm_state(name)}
            and ("ParentsOfAlarmName" not in params or name in metrics.parents(params["ParentsOfAlarmName"]))
        )

    def _put(self, params: Params, alarm: AlarmSpec) -> None:
        try:
            self.world.metrics.add_alarm(alarm)
        except LoopError as loop:
            raise NotModelled(f"{loop}: AWS would stop to evaluate these alarms") from loop
        except TooManyError as limit:
            raise AwsError("LimitExceeded", str(limit)) from limit
        except ValueError as wrong:
            raise AwsError("ValidationError", str(wrong)) from wrong
        self.made["alarm", alarm.name] = (dict(params), {})
        actions = [action for kind in ACTIONS for action in params.get(kind, ())]
        if actions and params.get("ActionsEnabled", True):
            self.world.notes.append(f"alarm {alarm.name}: its actions do nothing here")

    def _described(self, name: str) -> Answer:
        metrics = self.world.metrics
        alarm = metrics.alarms[name]
        asked, _ = self.made.get(("alarm", name), ({}, {}))
        mine = [change for change in metrics.alarm_history if change.alarm == name]
        configured = next(c for c in reversed(mine) if c.kind == "ConfigurationUpdate")
        moved = next((c for c in reversed(mine) if c.kind == "StateUpdate"), None)
        since = at_ms((moved or configured).at)
        return {
            "AlarmName": name,
            "AlarmArn": f"arn:aws:cloudwatch:{self.site.region}:{ACCOUNT}:alarm:{name}",
            "ActionsEnabled": asked.get("ActionsEnabled", True),
            **{kind: list(asked.get(kind, ())) for kind in ACTIONS},
            **({"AlarmActions": list(alarm.actions)} if alarm.actions else {}),
            "AlarmConfigurationUpdatedTimestamp": at_ms(configured.at),
            "StateValue": metrics.alarm_state(name),
            "StateReason": moved.why if moved else "Unchecked: Initial alarm creation",
            "StateUpdatedTimestamp": since,
            "StateTransitionedTimestamp": since,
            **describe(self.site.bindings, alarm, asked),
        }


def _page(found: Sequence[Any], params: Params, size: int) -> tuple[Sequence[Any], dict[str, str]]:
    token = str(params.get("NextToken", "0"))
    if not token.isdigit() or int(token) > len(found):
        raise AwsError("InvalidNextToken", "The next token specified is invalid.")
    first, size = int(token), params.get("MaxRecords", size)
    more = {"NextToken": str(first + size)} if first + size < len(found) else {}
    return found[first : first + size], more


def _is_asked_for(change: Change, params: Params) -> bool:
    kinds = params.get("AlarmTypes", ["MetricAlarm"])
    named = params.get("AlarmName", change.alarm) == change.alarm
    typed = KINDS[change.composite] in kinds or ("AlarmTypes" not in params and "AlarmName" in params)
    of_type = params.get("HistoryItemType", change.kind) == change.kind
    at = at_ms(change.at)
    return named and typed and of_type and params.get("StartDate", at) <= at <= params.get("EndDate", at)


def _item(change: Change) -> Answer:
    summary, data = change.why, {}
    if change.kind == "StateUpdate":
        summary = f"Alarm updated from {change.before} to {change.after}"
        data = {
            "version": "1.0",
            "oldState": {"stateValue": change.before},
            "newState": {"stateValue": change.after, "stateReason": change.why},
        }
    return {
        "AlarmName": change.alarm,
        "AlarmType": KINDS[change.composite],
        "Timestamp": at_ms(change.at),
        "HistoryItemType": change.kind,
        "HistorySummary": summary,
        "HistoryData": json.dumps(data or {"version": "1.0", "type": "Update"}),
    }
