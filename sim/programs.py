"""A team's own commands in a rehearsal: nothing is run, the scenario says how long they take and how they end. They die
with the engine, and what they had made by then is nothing (assumed); the mark beside the journal stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import simpy
from pydantic import Field

from bluegreen.outside.making import Ended, Mark, Step
from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration
from sim.clock import ms, now_ms
from sim.names import Names


class CommandSpec(Spec):
    """How a team's own commands answer."""

    takes: PositiveDuration = parse_duration("4m")
    """`create`."""
    code: int = Field(0, ge=0, le=255)
    """What `create` exits with. What fails has made nothing."""
    says: str = "applying"
    """The last line that it writes before its JSON."""
    removes_in: PositiveDuration = parse_duration("2m")


@dataclass(slots=True)
class _Run:
    ends: int
    ended: Ended | None = None
    alive: bool = True


class SimPrograms:
    """`bluegreen.outside.making.Programs`. `make` and `take` are done when `create` and `remove` have succeeded."""

    def __init__(
        self,
        env: simpy.Environment,
        spec: CommandSpec,
        names: Names,
        make: Callable[[], None],
        take: Callable[[], None],
    ) -> None:
        self._env, self._spec, self._names = env, spec, names
        self._does: dict[Step, Callable[[], None]] = {"create": make, "remove": take}
        self._runs: dict[Step, _Run] = {}
        self._mark = Mark()
        self._there = False

    def reborn(self) -> None:
        """The engine died, and its commands with it."""
        for run in self._runs.values():
            run.alive = False
        self._runs.clear()

    def begin(self, step: Step) -> None:
        length = {"create": self._spec.takes, "remove": self._spec.removes_in}.get(step, parse_duration("1s"))
        run = self._runs[step] = _Run(now_ms(self._env) + ms(length))
        self._env.timeout(ms(length)).callbacks.append(lambda _: self._end(step, run))

    def ended(self, step: Step) -> Ended | None:
        return self._runs[step].ended

    def begun(self, step: Step) -> bool:
        return step in self._runs

    def last(self, step: Step) -> str:
        return self._spec.says

    def stop(self, step: Step) -> None:
        if run := self._runs.pop(step, None):
            run.alive = False

    def mark(self) -> Mark:
        return self._mark

    def keep(self, mark: Mark) -> None:
        self._mark = mark

    def _end(self, step: Step, run: _Run) -> None:
        if not run.alive:
            return
        if step == "create" and self._spec.code:
            run.ended = Ended(self._spec.code, f"exit code {self._spec.code}: {self._spec.says}")
            return
        if step == "look" and not self._there:
            run.ended = Ended(3, "exit code 3")
            return
        if step in self._does and self._there != (step == "create"):
            self._there = step == "create"
            self._does[step]()
        said = json.dumps({"balancer": self._names.balancer, "group": self._names.group})
        run.ended = Ended(0, "exit code 0", (self._spec.says, said))
