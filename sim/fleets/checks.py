"""Health checks of the balancer, without a check of them being run.

A target is checked at fixed moments of its own. As long as its real state does not change, all results are the same,
so the moment of the next verdict is known: only that one is put into the environment, and taken back when the state
changes before. Rules: Application Load Balancer guide, target group health checks. While an overloaded machine fails
checks by chance, each check is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import simpy
from numpy.random import Generator as Rng

from sim.fleets.tally import Tally
from sim.instance import Health, Instance


class Checks(Tally):
    """`every` in milliseconds; `fails` and `passes` in a row make a verdict. A new target needs one pass."""

    def __init__(
        self,
        env: simpy.Environment,
        rng: Rng,
        settle: Callable[[], None],
        warm_up: int,
        cold: float,
        *,
        every: int,
        fails: int,
        passes: int,
    ) -> None:
        super().__init__(env, settle, warm_up, cold)
        self._rng = rng
        self._every, self._fails, self._passes = every, fails, passes
        self._chances: dict[str, float] = {}
        self._chance = 0.0

    def failing(self, chance: float, cause: str = "overload") -> None:
        """Checks of serving machines fail with this probability from now on, because of `cause`. 0: no more. Causes
        do not know of each other."""
        was = self._chance
        self._chances[cause] = chance
        self._chance = 1 - prod(1 - chance for chance in self._chances.values())
        if self._chance and not was:
            for instance in self.instances:
                if instance.attached and instance.able:
                    self._catch_up(instance)
                    self._foresee(instance)

    @property
    def instances(self) -> list[Instance]:
        """All machines, oldest first; terminated ones leave when they are gone."""
        raise NotImplementedError

    def _first_checks(self, instance: Instance) -> None:
        """The balancer knows it from now on."""
        instance.streak, instance.able = 0, self._answers(instance)
        instance.seen = self._last_check(instance)
        self._foresee(instance)

    def _recheck(self, instance: Instance) -> None:
        """Its real state may have changed just now."""
        if instance.attached and instance.able is not self._answers(instance):
            self._catch_up(instance)
            instance.able = not instance.able
            self._foresee(instance)

    def _last_check(self, instance: Instance) -> int:
        """The last moment before now at which it was, or would have been, checked."""
        before = int(self._env.now) - 1
        return before - (before - instance.phase) % self._every

    def _catch_up(self, instance: Instance) -> None:
        """Count the checks since the last one that was counted: all had the same result."""
        last = self._last_check(instance)
        checks = (last - instance.seen) // self._every
        if checks > 0:
            instance.streak = checks + (instance.streak if instance.passed is instance.able else 0)
            instance.passed, instance.seen = instance.able, last

    def _foresee(self, instance: Instance) -> None:
        """When will there be another verdict, if nothing changes? Everything up to now is counted."""
        instance.verdict = None
        if self._chance and instance.able:
            self._then(instance, instance.seen + self._every, self._draw)
            return
        if instance.health is (Health.HEALTHY if instance.able else Health.UNHEALTHY):
            return
        needed = self._fails
        if instance.able:
            needed = self._passes if instance.proven else 1
        if instance.passed is instance.able:
            needed -= instance.streak
        self._then(instance, instance.seen + max(1, needed) * self._every, self._decide)

    def _then(self, instance: Instance, at: int, what: Callable[[Instance], None]) -> None:
        event = self._env.timeout(max(0, at - self._env.now))
        instance.verdict = event

        def happen(of: simpy.Event) -> None:
            if instance.verdict is of:
                instance.verdict = None
                what(instance)

        event.callbacks.append(happen)

    def _decide(self, instance: Instance) -> None:
        self._judge(instance, Health.HEALTHY if instance.able else Health.UNHEALTHY)

    def _draw(self, instance: Instance) -> None:
        """One check of a machine that may be overloaded."""
        passed = not self._chance or float(self._rng.random()) >= self._chance
        instance.streak = instance.streak + 1 if passed is instance.passed else 1
        instance.passed, instance.seen = passed, int(self._env.now)
        if passed and (instance.streak >= self._passes or not instance.proven):
            self._judge(instance, Health.HEALTHY)
        elif not passed and instance.streak >= self._fails:
            self._judge(instance, Health.UNHEALTHY)
        if instance.attached:
            self._foresee(instance)

    def _judge(self, instance: Instance, health: Health) -> None:
        """The balancer's verdict."""
        if health is instance.health or not instance.attached:
            return
        if Health.HEALTHY in (health, instance.health):
            self._visible()
        self._count(instance, -1)
        instance.health = health
        instance.proven |= health is Health.HEALTHY
        self._count(instance, 1)
        if health is Health.UNHEALTHY:
            self._found_unhealthy(instance)
        else:
            self._found_healthy()

    def _found_healthy(self) -> None:
        """The balancer calls another one healthy."""

    def _found_unhealthy(self, instance: Instance) -> None:
        """The balancer calls it unhealthy; what the group makes of that."""
