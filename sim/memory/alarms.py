"""How the world's alarms are set up, as `bluegreen/aws/metrics/alarms.py` reads it from DescribeAlarms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from bluegreen.model import AlarmView, Slot
from sim.cloudwatch.measures import DERIVED, source
from sim.cloudwatch.names import APPLICATION, MEASURES
from sim.cloudwatch.store import at_ms, begin_of, first_minute

if TYPE_CHECKING:
    from sim.alarms import AlarmSpec
    from sim.metrics import Metrics


def alarm_view(metrics: Metrics, alarm: AlarmSpec, known: Mapping[Slot, bool]) -> AlarmView:
    """`known`: the slots that have a balancer. Of another slot nothing is told but how it judges."""
    slots = {alarm.slot, *(its.slot for its in alarm.metrics.values())} - {None}
    told = bool(alarm.dimensions) or all(known[slot] for slot in slots if slot is not None)
    plain = alarm.measure is not None and alarm.measure not in DERIVED
    return AlarmView(
        name=alarm.name,
        state=metrics.alarm_state(alarm.name),
        namespace=APPLICATION if told and plain else "",
        metric=_called(alarm.measure or "") if told and plain else "",
        dimensions=tuple(alarm.dimensions.items()),
        period=round(alarm.period.total_seconds()) if told and alarm.rule is None else 0,
        periods=0 if alarm.rule else alarm.periods,
        datapoints=0 if alarm.rule else alarm.needed,
        threshold=alarm.threshold,
        comparison="" if alarm.rule else alarm.comparison,
        statistic=_statistic(alarm) if plain and told else "",
        missing=alarm.treat_missing,
        rule=alarm.rule or "",
        expression=told and not plain and alarm.rule is None,
        watches=tuple(slot for slot in Slot if slot in slots and known[slot] and not alarm.dimensions),
        strangers=", ".join(f"{name} {value}" for name, value in alarm.dimensions.items()),
        since=_since(metrics, alarm.name),
    )


def newest_point(metrics: Metrics, alarm: AlarmSpec, until: datetime) -> datetime | None:
    """The newest published minute before `until` in which anything that the alarm watches has a point."""
    if alarm.dimensions:
        return None
    watched = [(its.slot, its.measure, its.statistic) for its in alarm.metrics.values()]
    if alarm.slot is not None and alarm.measure is not None:
        derived = alarm.measure in DERIVED  # of which requests are a part
        watched.append((alarm.slot, "requests", None) if derived else (alarm.slot, alarm.measure, alarm.statistic))
    newest = [_newest(metrics, *each, first_minute(until)) for each in watched]
    return max((at for at in newest if at is not None), default=None)


def _newest(metrics: Metrics, slot: Slot, measure: str, statistic: str | None, stop: int) -> datetime | None:
    column = metrics.column(slot, measure, statistic)[:stop]
    minutes = (minute for minute in reversed(range(len(column))) if column[minute] is not None)
    return next((begin_of(minute) for minute in minutes if metrics.published(slot, minute)), None)


def _called(measure: str) -> str:
    """What CloudWatch calls it, for application balancers."""
    return next((name for (its, name), what in MEASURES.items() if (its, what) == (APPLICATION, measure)), measure)


def _statistic(alarm: AlarmSpec) -> str:
    assert alarm.measure is not None
    return source(alarm.measure, alarm.statistic).statistic


def _since(metrics: Metrics, name: str) -> datetime:
    """When its state last changed, or it was made."""
    mine = [change for change in metrics.alarm_history if change.alarm == name]
    moved = [change.at for change in mine if change.kind == "StateUpdate"]
    made = [change.at for change in mine if change.kind == "ConfigurationUpdate"]
    return at_ms((moved or made)[-1])
