"""A team's commands at the data, while they run and when they end: a command that is killed has done nothing. A
migration that is killed is begun again: SQL files of the engine's go on where they were, a program begins anew
(assumed: it does not say how far it was)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import simpy

from bluegreen.data.base import Data
from bluegreen.data.schema import Schema as SchemaPlan
from sim.clock import now_ms
from sim.data.schema import Code, Database, Schema


@dataclass(slots=True)
class _Run:
    name: str
    began: int
    alive: bool = True


class Migrating:
    """The schema, and what is being done to it."""

    def __init__(self, data: Data | None, changed: Callable[[], None], env: simpy.Environment) -> None:
        self.database = Database()
        self._env, self._changed = env, changed
        self._needs_new = isinstance(data, SchemaPlan) and data.expand is not None
        self._runs: list[_Run] = []
        goes_on = data.steps() if isinstance(data, SchemaPlan) else ()
        self._spent = {name: 0 for name, step in goes_on if step.program() is None}
        """How long runs of SQL files have worked that were killed (ms)."""
        self.cut_off = 0
        """How often a migration was killed half way."""

    @property
    def running(self) -> bool:
        """A migration holds its locks."""
        return any(run.name in ("expand", "contract") for run in self._runs)

    def errors(self, *, new: bool) -> float:
        """The share of a version's requests that do not find the form they need. A rollout that never expands has new
        code that needs nothing new."""
        if new and not self._needs_new:
            return 0.0
        return self.database.errors({Code.NEW if new else Code.OLD: 1.0})

    def left(self, name: str, takes: int) -> int:
        """Of what a command takes (ms), what is still to be done."""
        return max(0, takes - self._spent.get(name, 0))

    def begin(self, name: str, until: int, *, passes: bool, does: Callable[[], None]) -> None:
        """It ends at `until` (ms), and has done what it does if it passes."""
        run = _Run(name, now_ms(self._env))
        self._runs.append(run)
        self._env.timeout(max(0, until - now_ms(self._env))).callbacks.append(lambda _: self._end(run, does, passes))

    def kill(self) -> None:
        """All that runs dies."""
        for run in self._runs:
            self._cut_off(run)
            self.cut_off += run.name in ("expand", "contract")
        self._runs.clear()

    def stop(self, name: str) -> None:
        """One of them is ended."""
        for run in [run for run in self._runs if run.name == name]:
            self._cut_off(run)
            self._runs.remove(run)

    def _cut_off(self, run: _Run) -> None:
        run.alive = False
        if run.name in self._spent:
            self._spent[run.name] += now_ms(self._env) - run.began

    def done(self, name: str) -> None:
        """A migration has passed. Twice is as good as once, and what somebody has contracted stays so: tools remember
        what they have applied."""
        wanted = [Schema.EXPANDED] if name == "expand" else [Schema.EXPANDED, Schema.CONTRACTED]
        order = list(Schema)
        for state in wanted:
            if order.index(state) > order.index(self.database.schema):
                self.database.move(state)

    def _end(self, run: _Run, does: Callable[[], None], passes: bool) -> None:
        if not run.alive:
            return
        self._changed()
        self._runs.remove(run)
        if passes:
            does()
        self._changed()
