"""The fast tier: the engine's ports straight on the world, no AWS API between.

    with Memory(world, plan, spec) as memory:
        ports = memory.connect(rollout_id)

It asks what `bluegreen.aws` asks, call by call, of the same world: each call takes its virtual time, meets the same
weather, and may be the moment at which the engine dies. What is missing is AWS itself, its wire formats, rules and
names: that is the moto tier's. A test runs the whole catalogue on both and compares the decisions.
"""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from bluegreen.errors import UserError
from bluegreen.ports import Ports
from sim.cloudspec import CloudSpec, stand_in
from sim.memory.calls import Calls
from sim.memory.data import data_port, data_problems
from sim.memory.drills import drills
from sim.memory.store import Store
from sim.memory.table import Table
from sim.memory.traffic import Traffic
from sim.memory.wiring import wire

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from sim.world import World


class Memory:
    """What a rollout meets instead of AWS."""

    def __init__(self, world: World, plan: Plan, spec: CloudSpec | None = None) -> None:
        self.world, self.plan = world, plan
        self.spec = spec or CloudSpec()
        self._calls = Calls(world)
        self._store = Store(world, plan, self.spec)
        self._table = Table(self._calls)

    def __enter__(self) -> Self:
        for alarm in (*self.spec.alarms, *stand_in(self.plan, self.spec, self.world.notes)):
            self.world.metrics.add_alarm(alarm)
        if self.plan.fallback is not None:  # its adapter comes with boto3, which no run may load on its way
            importlib.import_module("sim.memory.fallback")
        return self

    def __exit__(self, *error: object) -> None:
        """Nothing is kept open."""

    def preflight(self, rollout_id: str) -> None:
        """What this tier does not know is said, and the calls of a preflight take their time. Its findings are the
        moto tier's to make."""
        if problems := self._unknown():
            raise UserError("\n".join(f"the memory tier cannot rehearse this: {problem}" for problem in problems))
        parts = wire(self._calls, self._store, self.plan)
        parts.traffic.preflight()
        parts.environments.preflight()
        parts.metrics.preflight(self.plan)
        if found := [*self._fallback_problems(), *data_problems(self._calls, self._store)]:
            raise UserError("\n".join(found))

    def connect(self, rollout_id: str) -> Ports:
        """The ports of an engine that begins, or begins again: it knows nothing yet."""
        self._store.programs.reborn()
        parts = wire(self._calls, self._store, self.plan)
        drilling = drills(self._calls, self.world.metrics)
        ports = Ports(parts.traffic, parts.environments, parts.metrics, prewarm=parts.prewarm, drills=drilling)
        if self.plan.data is not None:
            ports = replace(ports, data=data_port(self._calls, self._store, parts.environments))
        if self.plan.fallback is None:
            return ports
        from sim.memory.fallback import fallback, slot_checks  # noqa: PLC0415

        checks = None
        if self.plan.service.records == "cname" and isinstance(parts.traffic, Traffic):
            checks = slot_checks(self._calls, self._store, rollout_id, parts.environments.facts)
            parts.traffic.check_of = checks.of
        return replace(ports, fallback=fallback(self._calls, self._store, checks))

    def table(self) -> Table:
        """The team's, as an engine reaches it."""
        return self._table

    def _fallback_problems(self) -> list[str]:
        """The engine's own adapter is asked: it comes with boto3, which others need not wait for."""
        if self.plan.fallback is None:
            return []
        from sim.memory.fallback import problems  # noqa: PLC0415

        return problems(self._calls, self._store)

    def _unknown(self) -> list[str]:
        found = []
        if self.plan.candidate.template is not None:
            found.append("candidate.template needs CloudFormation; rehearse it on the moto tier")
        if self.spec.record in ("latency", "none") or not self.spec.zone_exists:
            found.append("cloud.record and cloud.zone_exists are for preflights, which only the moto tier makes")
        return found
