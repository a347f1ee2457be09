"""CloudWatch, as far as balancers and groups feed it: one point per minute and measure, published late, absent when
nothing happened; and the alarms on them. The parts are in `sim/cloudwatch`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import datetime, timedelta

import simpy

from bluegreen.metricmath.points import Points
from bluegreen.model import Slot
from bluegreen.units import Duration, parse_duration
from sim.alarms import AlarmSpec, AlarmState, EvaluationSpec
from sim.clock import ms
from sim.cloudwatch.measures import ERROR_RATE, MEASURES, Row, Source
from sim.cloudwatch.states import Change, States
from sim.cloudwatch.store import Series, Store
from sim.served import Served

__all__ = ["ERROR_RATE", "MEASURES", "Metrics", "MetricsSpec"]

Told = Callable[[Slot, Served], Served]


class MetricsSpec(EvaluationSpec):
    """How CloudWatch behaves."""

    delay: Duration = parse_duration("60s")
    """From a minute's end until its points can be read. Assumed; AWS gives no figure for balancers."""


class Metrics:
    """Points and alarms. Times of points are the starts of their minutes."""

    def __init__(self, spec: MetricsSpec, env: simpy.Environment) -> None:
        self.spec = spec
        self.gap: Set[Slot] = set()
        """Slots whose points are lost."""
        self.told: Sequence[Told] = ()
        """What balancers make of what happened before they count it, one after the other. A knob for faults."""
        self.delay = spec.delay
        self._open: dict[Slot, list[Served]] = {slot: [] for slot in Slot}
        self._store = Store(env)
        self._states = States(self._store, env, extra=spec.extra_periods, premature=spec.premature)

    @property
    def delay(self) -> timedelta:
        """From a minute's end until its points can be read. A knob: it counts for minutes that end from now on."""
        return self._delay

    @delay.setter
    def delay(self, delay: timedelta) -> None:
        self._delay, self._delay_ms = delay, ms(delay)

    # -- fed by the world

    def count(self, slot: Slot, done: Served) -> None:
        """Add what happened in one stretch. A client that found no balancer is seen by nobody."""
        for told in self.told:
            done = told(slot, done)
        self._open[slot].append(done)

    def close(self, slot: Slot, gauges: Mapping[str, float]) -> None:
        """The minute that ends now becomes points. `gauges`: values that do not depend on requests."""
        stretches, self._open[slot] = self._open[slot], []
        self._store.add(slot, None if slot in self.gap else Row(stretches, gauges), self._delay_ms)

    def judge(self) -> None:
        """All alarms look; once a minute, after the minutes were closed."""
        self._states.judge()

    # -- read by the cloud

    def series(self, slot: Slot, measure: str, since: datetime, until: datetime) -> Series:
        """The published points of the minutes that begin in [since, until), oldest first. Raises ValueError for what
        is not measured."""
        return self._store.series(slot, measure, since, until)

    def column(self, slot: Slot, measure: str, statistic: str | None = None) -> Points:
        """A value for each minute from the beginning on, published or not. Not to be altered. Raises ValueError for
        what is not measured."""
        return self._store.column(slot, measure, statistic)

    def rows(self, slot: Slot) -> Sequence[Row | None]:
        """All minutes from the beginning on, published or not; None for a lost one. It grows."""
        return self._store.rows(slot)

    def published(self, slot: Slot, minute: int) -> bool:
        """Whether the minute of that number can be read."""
        return self._store.published(slot, minute)

    def ready(self, slot: Slot) -> tuple[int, bool]:
        """How many minutes from the beginning on are published, and whether some after them are too. What is published
        never changes."""
        return self._store.ready(slot)

    def periods(self, slot: Slot, wanted: Source, minutes: int, since: datetime, until: datetime) -> Series:
        """The same by any statistic, in periods of so many minutes. They begin at multiples of their length (assumed),
        from the one that `since` is in."""
        return self._store.periods(slot, wanted, minutes, since, until)

    # -- alarms

    def add_alarm(self, alarm: AlarmSpec) -> None:
        """A new alarm has insufficient data; one of the same name is replaced and keeps its state (PutMetricAlarm).
        Raises ValueError for a rule that names unknown alarms, or itself."""
        self._states.put(alarm)

    def remove_alarm(self, name: str) -> None:
        """Nothing when there is none. Raises ValueError while a composite alarm names it."""
        self._states.remove(name)

    @property
    def alarms(self) -> Mapping[str, AlarmSpec]:
        return self._states.specs

    def alarm_state(self, name: str) -> AlarmState:
        """Raises KeyError when there is no such alarm."""
        return self._states.state(name)

    def set_alarm_state(self, name: str, state: AlarmState, why: str = "") -> None:
        """SetAlarmState: until the next evaluation, on a composite alarm until a child of it changes. Raises
        KeyError."""
        self._states.set(name, state, why)

    @property
    def forced_alarms(self) -> Mapping[str, AlarmState]:
        """Alarms that are stuck in a state, whatever they watch. A knob: setting it takes effect at once, and an alarm
        that is let go is judged again at the next minute. Names of alarms that do not exist do nothing."""
        return self._states.forced

    @forced_alarms.setter
    def forced_alarms(self, held: Mapping[str, AlarmState]) -> None:
        self._states.forced = held

    def parents(self, name: str) -> Sequence[str]:
        """The composite alarms whose rules name it."""
        return self._states.parents(name)

    @property
    def alarm_history(self) -> Sequence[Change]:
        """All changes of alarms and of their states, oldest first; also of alarms that are gone."""
        return self._states.history
