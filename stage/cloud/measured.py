"""Measures of a slot, as the scenario's alarms name them, published minute by minute in the namespace `Stage`."""

from __future__ import annotations

from collections.abc import Sequence

from bluegreen.metricmath.formula import Formula
from sim.alarms import AlarmSpec
from sim.cloudwatch.measures import COUNTED, DERIVED, LATENCY, source
from sim.cloudwatch.names import APPLICATION, MEASURES
from stage.cloud.director import Director
from stage.cloud.metrics import MINUTE, Metric, Store
from stage.pace import Pace

NAMES = {measure: name for (namespace, name), measure in MEASURES.items() if namespace == APPLICATION}


class Measured:
    """Publishes a point when a minute of the balancers is published."""

    def __init__(self, store: Store, director: Director, alarms: Sequence[AlarmSpec], pace: Pace) -> None:
        self._store, self._director, self._alarms, self._pace = store, director, alarms, pace
        self._done = pace.seconds() // MINUTE * MINUTE

    def look(self) -> None:
        """Called often."""
        published = self._store.published()
        while self._done + MINUTE <= published:
            for alarm in self._alarms:
                value = self._value(alarm, self._done)
                if value is not None:
                    self._store.put(Metric("Stage", alarm.name), value, self._done)
            self._done += MINUTE

    def _value(self, alarm: AlarmSpec, minute: float) -> float | None:
        if alarm.expression is not None:
            return self._formula(alarm, Formula(alarm.expression), minute)
        assert alarm.measure is not None, "an alarm on a measure"
        if alarm.measure in DERIVED:
            return self._formula(alarm, DERIVED[alarm.measure], minute)
        return self._named(alarm, alarm.measure, alarm.statistic, minute)

    def _formula(self, alarm: AlarmSpec, formula: Formula, minute: float) -> float | None:
        if all(self._named(alarm, name, None, minute) is None for name in formula.names):
            return None
        return formula({name: [self._named(alarm, name, None, minute)] for name in formula.names})[0]

    def _named(self, alarm: AlarmSpec, measure: str, statistic: str | None, minute: float) -> float | None:
        wanted = source(measure, statistic)
        name = NAMES.get(LATENCY if wanted.measure.startswith("latency") else wanted.measure)
        for gate in self._director.of(alarm.slot) if alarm.slot and name else ():
            dimensions = gate.dimensions[0] if wanted.measure in (*COUNTED, LATENCY) else gate.dimensions[-1]
            metric = Metric(APPLICATION, str(name), dimensions)
            series = self._store.series(metric, wanted.statistic, MINUTE, minute, minute + MINUTE)
            if minute in series:
                return series[minute]
        return None
