"""Machines that lifecycle hooks keep waiting before they come in service."""

from __future__ import annotations

from typing import Unpack

import simpy

from bluegreen.model import Slot
from sim.clock import ms
from sim.fleets.activities import Failure
from sim.fleets.history import History
from sim.fleets.hooks import HookSpec, Result, overall_limit
from sim.fleets.spec import FleetSpec
from sim.instance import Instance, State
from sim.machines import Surroundings


class Waiting(History):
    """Launching hooks: all must be completed, or run into their heartbeat with CONTINUE."""

    def __init__(self, slot: Slot, spec: FleetSpec, **surroundings: Unpack[Surroundings]) -> None:
        super().__init__(slot, spec, **surroundings)
        self.hooks: dict[str, HookSpec] = {}
        """By name."""
        self._holding: dict[str, dict[str, simpy.Event]] = {}  # by machine and hook: the event of its heartbeat's end
        self._held_since: dict[str, int] = {}

    def _admit(self, instance: Instance) -> None:
        """It runs: hooks first, then service."""
        hooks = [hook for hook in self.hooks.values() if hook.transition == "launching"]
        if not hooks:
            self._enter(instance)
            return
        instance.waiting = True
        self._holding[instance.id] = {}
        self._held_since[instance.id] = int(self._env.now)
        for hook in hooks:
            self._hold(instance, hook)
        if instance.booted:
            self._started(instance)

    def _hold(self, instance: Instance, hook: HookSpec) -> None:
        """A heartbeat begins."""
        in_time = hook.completes is not None and hook.completes < hook.heartbeat
        wait = ms(hook.completes if in_time and hook.completes is not None else hook.heartbeat)
        left = self._held_since[instance.id] + ms(overall_limit(hook.heartbeat)) - int(self._env.now)
        event = self._env.timeout(max(0, min(wait, left)))
        self._holding[instance.id][hook.name] = event
        result: Result = "CONTINUE" if in_time else hook.result

        def end(of: simpy.Event) -> None:
            if self._holding.get(instance.id, {}).get(hook.name) is of:
                self.complete(instance, hook.name, result)

        event.callbacks.append(end)

    def holds(self, instance: Instance, hook: str) -> bool:
        """Whether this hook keeps the machine waiting just now."""
        return hook in self._holding.get(instance.id, {})

    def heartbeat(self, instance: Instance, hook: str) -> None:
        """Its heartbeat begins anew (RecordLifecycleActionHeartbeat)."""
        self._hold(instance, self.hooks[hook])

    def complete(self, instance: Instance, hook: str, result: Result) -> None:
        """The hook's action is done (CompleteLifecycleAction)."""
        waiting = self._holding[instance.id]
        del waiting[hook]
        if result == "ABANDON":
            self._give_up(instance, Failure.HOOK)
        elif not waiting:
            self._let_go(instance)
            self._enter(instance)

    def _booted(self, instance: Instance) -> None:
        super()._booted(instance)
        if instance.waiting and instance.state is State.PENDING:
            self._started(instance)

    def _started(self, instance: Instance) -> None:
        """Its service answers: it says so to the hooks that wait for that."""
        for hook in list(self.hooks.values()):
            if hook.completes is None and self.holds(instance, hook.name):
                self.complete(instance, hook.name, "CONTINUE")

    def _let_go(self, instance: Instance) -> None:
        """No hook keeps it any more."""
        instance.waiting = False
        self._holding.pop(instance.id, None)
        self._held_since.pop(instance.id, None)

    def _give_up(self, instance: Instance, failure: Failure) -> None:
        """Its launch failed."""
        raise NotImplementedError
