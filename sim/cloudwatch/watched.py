"""The values that an alarm looks at: the periods of its evaluation range, newest last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from bluegreen.metricmath.points import Points
from sim.alarms import COMPARE, AlarmSpec
from sim.cloudwatch.measures import LATENCY, least_samples
from sim.cloudwatch.store import Store

MINUTE = timedelta(minutes=1)


class Watched:
    """One metric alarm's view of the points."""

    def __init__(self, store: Store, alarm: AlarmSpec, extra: int) -> None:
        assert alarm.threshold is not None, f"{alarm.name} is composite"
        self._store, self._alarm, self._formula = store, alarm, alarm.formula
        self._length = alarm.period // MINUTE
        self._range = alarm.periods + extra
        self._values: Callable[[], Points] = self._by_formula if self._formula else self._by_measure
        if alarm.dimensions:
            self._values = lambda: [None] * self._range
        self._above, self._threshold = COMPARE[alarm.comparison], alarm.threshold

    def values(self) -> Points:
        return self._values()

    def breaching(self, values: Points) -> list[bool | None]:
        breaches, threshold = self._above, self._threshold
        return [None if value is None else breaches(value, threshold) for value in values]

    def too_few(self) -> bool:
        """The samples of the periods that count (the last N of those that exist) are too few for the percentile.
        That they are counted together is assumed; AWS says "during the evaluation period"."""
        alarm = self._alarm
        if alarm.low_samples == "evaluate" or alarm.percent is None or alarm.slot is None:
            return False
        samples = self._store.window(alarm.slot, LATENCY, "SampleCount", self._length, self._range)
        real = [count for count in samples if count is not None]
        return 0 < sum(real[-alarm.periods :]) < least_samples(alarm.percent)

    def _by_measure(self) -> Points:
        alarm = self._alarm
        assert alarm.slot is not None and alarm.measure is not None
        return self._store.window(alarm.slot, alarm.measure, alarm.statistic, self._length, self._range)

    def _by_formula(self) -> Points:
        alarm, formula = self._alarm, self._formula
        assert formula is not None
        if formula.local and self._length == 1 and alarm.slot is not None and not alarm.metrics:
            return self._store.formula(alarm.slot, formula, self._range)
        return formula({name: self._named(name) for name in formula.names})

    def _named(self, name: str) -> Points:
        slot, measure, statistic = self._alarm.slot, name, None
        if (metric := self._alarm.metrics.get(name)) is not None:
            slot, measure, statistic = metric.slot, metric.measure, metric.statistic
        assert slot is not None, "the spec was checked"
        return self._store.window(slot, measure, statistic, self._length, self._range)
