"""Alarms' states: who changes them, when, and why. Metric alarms are judged once a minute, composite alarms when the
state of an alarm that they name has changed, or they themselves were made or altered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Literal

import simpy

from sim.alarms import AlarmSpec, AlarmState, Premature, evaluate
from sim.cloudwatch.store import Store
from sim.cloudwatch.watched import Watched

MOST_PARENTS = 150
"""Composite alarms that one alarm can be named in."""


class LoopError(ValueError):
    """A composite alarm would depend on itself."""


class TooManyError(ValueError):
    """More than AWS allows."""


@dataclass(frozen=True, slots=True)
class Change:
    """One item of an alarm's history."""

    at: int  # milliseconds
    alarm: str
    kind: Literal["ConfigurationUpdate", "StateUpdate"]
    before: AlarmState | None
    """None: the alarm was just made."""
    after: AlarmState | None
    """None: the alarm was deleted."""
    why: str
    composite: bool = False


class States:
    """All alarms of the world."""

    def __init__(self, store: Store, env: simpy.Environment, *, extra: int, premature: Premature) -> None:
        self._store, self._env = store, env
        self._extra, self._premature = extra, premature
        self.specs: dict[str, AlarmSpec] = {}
        self.history: list[Change] = []
        """Oldest first; what is deleted keeps its history."""
        self._states: dict[str, AlarmState] = {}
        self._watched: dict[str, Watched] = {}
        self._composites: list[str] = []  # children before those that name them
        self._due: set[str] = set()  # composites to be judged though no child has changed
        self._forced: dict[str, AlarmState] = {}

    # -- which there are

    def put(self, alarm: AlarmSpec) -> None:
        """A new alarm has insufficient data, one of the same name keeps its state. Raises ValueError."""
        name, new = alarm.name, alarm.name not in self.specs
        if not new and (self.specs[name].rule is None) is not (alarm.rule is None):
            raise ValueError(f"alarm {name} exists, and is of the other kind (metric or composite)")
        self._check(alarm)
        self.specs[name] = alarm
        if alarm.rule is None:
            self._watched[name] = Watched(self._store, alarm, self._extra)
        else:
            self._due.add(name)
            self._sort()
        before = None if new else self._states[name]
        why = "created" if new else "updated"
        after = self._states.setdefault(name, "INSUFFICIENT_DATA")
        self._write("ConfigurationUpdate", name, before, after, f"Alarm {name!r} {why}")
        if name in self._forced:
            self._follow([name] if self._change(name, self._forced[name], "held by a fault") else [])

    def remove(self, name: str) -> None:
        """Nothing when there is none. Raises ValueError while a composite alarm names it."""
        if name not in self.specs:
            return
        if parents := self.parents(name):
            raise ValueError(f"alarm {name} is named by the rule of {', '.join(parents)}")
        self._write("ConfigurationUpdate", name, self._states[name], None, f"Alarm {name!r} deleted")
        self._watched.pop(name, None)
        del self.specs[name], self._states[name]
        self._due.discard(name)
        self._sort()

    def parents(self, name: str) -> list[str]:
        """The composite alarms whose rules name it."""
        return [parent for parent in self._composites if name in self._children(parent)]

    def _children(self, name: str) -> tuple[str, ...]:
        rule = self.specs[name].rules
        return rule.children if rule else ()

    def _check(self, alarm: AlarmSpec) -> None:
        children = alarm.rules.children if alarm.rules else ()
        if unknown := [child for child in children if child not in self.specs]:
            raise ValueError(f"the rule of {alarm.name} names alarms that do not exist: {', '.join(unknown)}")
        for child in children:
            if len(set(self.parents(child)) | {alarm.name}) > MOST_PARENTS:
                raise TooManyError(f"alarm {child} is named by {MOST_PARENTS} composite alarms already")
        try:
            self._order({**{name: self._children(name) for name in self._composites}, alarm.name: children})
        except CycleError as cycle:
            raise LoopError(f"the rule of {alarm.name} would depend on itself: {' < '.join(cycle.args[1])}") from None

    def _sort(self) -> None:
        children = {name: self._children(name) for name, alarm in self.specs.items() if alarm.rule is not None}
        self._composites = [name for name in self._order(children) if name in children]

    @staticmethod
    def _order(children: Mapping[str, Iterable[str]]) -> list[str]:
        return list(TopologicalSorter(children).static_order())

    # -- in which state

    def state(self, name: str) -> AlarmState:
        """Raises KeyError when there is no such alarm."""
        return self._states[name]

    @property
    def forced(self) -> Mapping[str, AlarmState]:
        """Alarms that are stuck in a state, whatever they watch. A knob: setting it takes effect at once; an alarm let
        go is judged again at the next minute."""
        return dict(self._forced)

    @forced.setter
    def forced(self, held: Mapping[str, AlarmState]) -> None:
        self._due |= {name for name in self._forced if name in self._composites}
        self._forced = dict(held)
        self._follow([name for name, state in held.items() if self._change(name, state, "held by a fault")])

    def set(self, name: str, state: AlarmState, why: str) -> None:
        """SetAlarmState: until the next evaluation; on a composite alarm, until a child of it changes. Raises
        KeyError."""
        if name not in self.specs:
            raise KeyError(name)
        self._due.discard(name)
        self._follow([name] if self._change(name, state, why) else [])

    def judge(self) -> None:
        """All alarms look; once a minute, after the minutes were closed."""
        if self.specs:
            self._follow([name for name, watched in self._watched.items() if self._look(name, watched)])

    def _look(self, name: str, watched: Watched) -> bool:
        """Whether its state changed."""
        if name in self._forced:
            return self._change(name, self._forced[name], "held by a fault")
        alarm, before = self.specs[name], self._states[name]
        values = watched.values()
        points = watched.breaching(values)
        state = evaluate(points, alarm.periods, alarm.needed, alarm.treat_missing, before, premature=self._premature)
        if state == before or watched.too_few():
            return False
        return self._change(name, state, _reason(alarm, values, points))

    def _follow(self, changed: list[str]) -> None:
        """Composite alarms follow the alarms that they name."""
        if not changed and not self._due:
            return
        moved, self._due, due = set(changed), set(), self._due
        for name in self._composites:
            if name in due or not moved.isdisjoint(self._children(name)):
                rule = self.specs[name].rules
                assert rule is not None
                state = self._forced.get(name, "ALARM" if rule.holds(self._states) else "OK")
                said = "holds" if state == "ALARM" else "does not hold"
                if self._change(name, state, f"its rule {rule.text!r} {said}"):
                    moved.add(name)

    def _change(self, name: str, state: AlarmState, why: str) -> bool:
        before = self._states.get(name)
        if before is None or before == state:
            return False
        self._states[name] = state
        self._write("StateUpdate", name, before, state, why)
        return True

    def _write(
        self,
        kind: Literal["ConfigurationUpdate", "StateUpdate"],
        name: str,
        before: AlarmState | None,
        after: AlarmState | None,
        why: str,
    ) -> None:
        composite = self.specs[name].rule is not None
        self.history.append(Change(int(self._env.now), name, kind, before, after, why, composite))


def _reason(alarm: AlarmSpec, values: list[float | None], points: list[bool | None]) -> str:
    """In the manner of CloudWatch."""
    real = [(value, point) for value, point in zip(values, points, strict=True) if value is not None][-alarm.periods :]
    shown = ", ".join(f"{value:.6g}" for value, _ in reversed(real))
    missing = alarm.periods - len(real)
    treated = f"; {missing} missing, treated as {alarm.treat_missing}" if missing else ""
    breaching = sum(point is True for _, point in real)
    wanted = f"{alarm.comparison} {alarm.threshold:g}"
    return (
        f"{breaching} of the last {alarm.periods} data points [{shown}] were {wanted}; "
        f"{alarm.needed} are needed for ALARM{treated}"
    )
