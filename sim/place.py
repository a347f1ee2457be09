"""A place: one slot's balancer, machines and software, and what they make of the requests that come."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import ceil, inf

from numpy.random import Generator

from bluegreen.model import Slot
from sim.backlog import Backlog, Flow
from sim.balancer import Balancer
from sim.callers import Caller
from sim.fleet import Fleet
from sim.impatience import ImpatienceSpec, Retrying
from sim.release import Release
from sim.served import Served
from sim.servers import COLLAPSED, COLLAPSED_LATENCY, Servers, Waits

__all__ = ["Place", "Served"]

HOUR = 3600.0
SHORTEST = 0.05
"""Seconds: retries are not followed in finer steps than this."""
MATERIAL = 0.05
"""The fleet is told when the chance that its health checks fail changed by so much."""


class Place:
    """One slot. It knows no clock: each stretch of time, in which nothing else changes, is handed to it."""

    def __init__(
        self,
        slot: Slot,
        fleet: Fleet,
        balancer: Balancer,
        rng: Generator,
        release: Release | None = None,
        *,
        impatience: ImpatienceSpec | None = None,
    ) -> None:
        self.slot, self.fleet, self.balancer, self.rng = slot, fleet, balancer, rng
        self.release = release or Release()
        self.leaked = 0.0
        """Share of its machines' capacity that is lost to leaks so far."""
        self.machine_seconds = 0.0
        """How long its machines were in service, all added up."""
        self.waiting = 0
        """Requests that wait for a machine."""
        self.callers: Sequence[Caller] = ()
        """Who calls it by its own name, whatever the weights say."""
        users, spec = impatience or ImpatienceSpec(), fleet.spec
        self.retrying = Retrying(users) if users.retries else None
        self.servers = Servers(spec)
        self.backlog = Backlog()
        self._patience = inf if users.patience is None else users.patience.total_seconds()
        self._machine = spec.capacity
        self._queue, self._wasted = spec.queue.total_seconds(), spec.wasted
        self._check_timeout = spec.check_timeout.total_seconds()
        self._owed = [0.0, 0.0, 0.0]  # parts of requests: answered, shed, given up
        self._failing = self._slow = 0.0

    # -- what is seen

    @property
    def healthy(self) -> bool:
        """Its balancer is healthy, as an alias that evaluates target health sees it."""
        return self.balancer.healthy(self.fleet.healthy)

    @property
    def capacity(self) -> float:
        """Requests/s that its machines can answer now."""
        return self.fleet.strength * self._machine * (1 - self.leaked) / self.release.latency_factor

    @property
    def moving(self) -> bool:
        """What becomes of requests changes by itself: some wait, come again, or the balancer does not cope yet."""
        return self.backlog.size > 0 or self.balancer.moving or (self.retrying is not None and self.retrying.size >= 1)

    @property
    def cost(self) -> float | None:
        """What its machines cost so far, in the currency of the spec's price; None without one."""
        price = self.fleet.spec.price
        return None if price is None else price * self.machine_seconds / HOUR

    # -- what happens

    def pass_time(self, length_s: float) -> None:
        """Time passes, whether or not requests come. To be called before `serve`, for the same stretch."""
        fleet = self.fleet
        if fleet.exists:
            self.machine_seconds += fleet.in_service * length_s
            if self.release.leak_per_hour:
                self.leaked = min(0.95, self.leaked + self.release.leak_per_hour * length_s / HOUR)
        else:
            self.leaked = 0.0

    def serve(self, requests: int, length_s: float, slow_s: float) -> Served:
        """What becomes of `requests` that users make evenly over `length_s` seconds; slower than `slow_s` is slow."""
        fleet, retrying = self.fleet, self.retrying
        strength = fleet.mean_strength(length_s)
        capacity = strength * self._machine * (1 - self.leaked) / self.release.latency_factor
        if retrying is None or self._calm(requests / length_s, capacity, retrying):
            done = self._pass(requests, 0, length_s, slow_s, capacity)
        else:
            done = self._again_and_again(requests, length_s, slow_s, capacity, retrying)
        fleet.worked(done.utilisation, length_s, done.requests - done.unreachable - done.rejected)
        return done

    # -- how

    def _calm(self, rate: float, capacity: float, retrying: Retrying) -> bool:
        """Nothing will fail, so that nothing will be tried again."""
        fleet, balancer, release = self.fleet, self.balancer, self.release
        able = balancer.active and not balancer.nodes.stranding and rate <= min(balancer.warm, capacity)
        fine = not release.fails and release.collapse_above is None and release.collapse_at is None
        answers = 0 < fleet.routed == fleet.answering
        return able and fine and answers and not self.backlog.size and retrying.size < 1

    def _again_and_again(
        self, requests: int, length_s: float, slow_s: float, capacity: float, retrying: Retrying
    ) -> Served:
        """In steps that are short against the time after which users try again."""
        steps = ceil(length_s / max(min(length_s, retrying.backoff / 4), SHORTEST))
        step, total, busy = length_s / steps, None, 0.0
        for k in range(steps):
            fresh = requests * (k + 1) // steps - requests * k // steps
            done = self._pass(fresh, retrying.release(fresh, step), step, slow_s, capacity)
            done.to_retry = retrying.failed(done.errors, step)
            busy += done.utilisation / steps
            total = done if total is None else total + done
        assert total is not None
        total.utilisation = busy
        return total

    def _pass(self, fresh: int, again: int, length_s: float, slow_s: float, capacity: float) -> Served:
        """One stretch: each request goes as far as it gets."""
        balancer, fleet, rng = self.balancer, self.fleet, self.rng
        coming = fresh + again
        if not balancer.active:
            return self._lost(fresh, again, unreachable=coming)
        unreachable = rejected = dead = timed_out = 0
        if balancer.nodes.stranding:
            unreachable = _part(rng, coming, balancer.nodes.stranded(length_s))
        arrived = coming - unreachable
        admitted = balancer.admit(arrived / length_s, length_s)
        routed, answering = fleet.routed, fleet.answering
        if not routed:
            return self._lost(fresh, again, unreachable=unreachable, rejected=arrived)
        if admitted < 1:
            rejected = _part(rng, arrived, 1 - admitted)
            arrived -= rejected
        if answering < routed:
            dead = _part(rng, arrived, 1 - answering / routed)
            arrived -= dead
            # Into a lost zone no connection comes about; a machine whose service is down refuses it.
            timed_out = dead if balancer.nodes.up < balancer.spec.nodes.zones else 0
        if capacity <= 0:
            return self._lost(
                fresh, again, unreachable=unreachable, rejected=rejected, dead=dead, timed_out=timed_out, stuck=arrived
            )
        done = Served(unreachable + rejected + dead + arrived, unreachable, rejected, dead)
        done.arrived, done.again, done.timed_out = fresh, again, timed_out
        if self.backlog.size or arrived > capacity * length_s:
            self._crowded(done, arrived, length_s, slow_s, capacity)
        else:
            self._steady(done, arrived, length_s, slow_s, capacity)
        return done

    def _steady(self, done: Served, arrived: int, length_s: float, slow_s: float, capacity: float) -> None:
        """All are answered as they come."""
        release = self.release
        load = arrived / length_s
        done.utilisation = utilisation = load / capacity
        share, service = release.fails, self.servers.service * release.latency_factor
        if release.collapses(load, utilisation):
            share, service = max(share, COLLAPSED), service * COLLAPSED_LATENCY
        late, done.latency = self.servers.steady(utilisation, service, slow_s)
        self._finish(done, arrived, share, late)
        if self._failing:
            self._tell_fleet(0.0)

    def _crowded(self, done: Served, arrived: int, length_s: float, slow_s: float, capacity: float) -> None:
        """More comes than can be answered at once, or some still waits."""
        release, balancer = self.release, self.balancer
        limit, room = min(balancer.idle_timeout, self._patience), capacity * self._queue
        with_surge = room + balancer.surge
        flow = self.backlog.flow(arrived, length_s, capacity, with_surge, patience=limit, wasted=self._wasted)
        answered, lost, given_up = self._whole(arrived, flow)
        done.requests += answered + lost + given_up - arrived
        done.dead += given_up
        if balancer.idle_timeout <= self._patience:
            done.timed_out += given_up
        else:
            done.given_up = given_up
        if balancer.surge:
            done.rejected, done.spilled = done.rejected + lost, lost
            longest = max(wait for _, _, wait in flow.waits) * capacity
            done.surge = round(max(0.0, longest - room))
        else:
            done.shed = lost
        load = arrived / length_s
        done.utilisation = max(load / capacity, flow.busy / (capacity * length_s))
        share, service = release.fails, self.servers.service * release.latency_factor
        if release.collapses(load, done.utilisation):
            share, service = max(share, COLLAPSED), service * COLLAPSED_LATENCY
        waits = _below(flow.waits, limit)
        late, done.latency = self.servers.crowded(waits, load / capacity, service, slow_s)
        self._slow += late * flow.joined  # they are slow when they are answered
        slow = min(self._slow, float(answered))
        self._slow = self._slow - slow if self.waiting else 0.0
        self._finish(done, answered, share, slow / answered if answered else 0.0)
        self._tell_fleet(self._check_fails(load, capacity))

    def _finish(self, done: Served, answered: int, share: float, late: float) -> None:
        """The software answers, some of it with errors."""
        if share > 0:
            done.failed = failed = _part(self.rng, answered, min(share, 1.0))
            answered -= failed
        done.slow = answered * late
        done.waiting = self.waiting

    def _lost(
        self,
        fresh: int,
        again: int,
        *,
        unreachable: int = 0,
        rejected: int = 0,
        dead: int = 0,
        timed_out: int = 0,
        stuck: int = 0,
    ) -> Served:
        """No request gets through to a machine, and those that waited go down with it; `stuck` had been sent to one."""
        self.backlog.clear()
        dead, self.waiting = dead + stuck + self.waiting, 0
        done = Served(unreachable + rejected + dead, unreachable, rejected, dead)
        done.arrived, done.again, done.timed_out = fresh, again, timed_out
        self._owed, self._slow = [0.0, 0.0, 0.0], 0.0
        if self._failing:
            self._tell_fleet(0.0)
        return done

    def _whole(self, arrived: int, flow: Flow) -> tuple[int, int, int]:
        """Whole requests: answered, shed, given up. What is left over counts later; nothing gets lost."""
        owed, present = self._owed, self.waiting + arrived
        for k, part in enumerate((flow.answered, flow.shed, flow.given_up)):
            owed[k] += part
        shed = min(int(owed[1] + 1e-6), present)
        given_up = min(int(owed[2] + 1e-6), present - shed)
        answered = min(int(owed[0] + 1e-6), present - shed - given_up)
        if not self.backlog.staying:
            answered, self._owed = present - shed - given_up, [0.0, 0.0, 0.0]
        else:
            self._owed = [owed[0] - answered, owed[1] - shed, owed[2] - given_up]
        self.waiting = present - answered - shed - given_up
        return answered, shed, given_up

    def _check_fails(self, load: float, capacity: float) -> float:
        """The chance that a health check finds its machine's queue full, or waits in it for too long."""
        waits = self.backlog.size / capacity
        if min(waits, self._queue) >= self._check_timeout:
            return 1.0
        full = waits >= self._queue * (1 - 1e-9) and load > capacity
        return 1 - capacity / load if full else 0.0

    def _tell_fleet(self, chance: float) -> None:
        """Only what matters."""
        if abs(chance - self._failing) > MATERIAL or (self._failing and not chance):
            self._failing = chance
            self.fleet.failing(chance)


def _below(waits: Waits, limit: float) -> Waits:
    """The waits that are not longer than `limit`; all of them the limit when none is."""
    kept = []
    for seconds, low, high in waits:
        if high <= limit:
            kept.append((seconds, low, high))
        elif low < limit:
            kept.append((seconds * (limit - low) / (high - low), low, limit))
    return tuple(kept) if any(seconds for seconds, _, _ in kept) else ((1.0, limit, limit),)


def _part(rng: Generator, count: int, share: float) -> int:
    """How many of `count`, each with the same chance."""
    if share <= 0 or share >= 1 or not count:
        return count if share >= 1 else 0
    return int(rng.binomial(count, share))


def reserve(places: Mapping[Slot, Place], slot: Slot, units: int, settle: Callable[[], None]) -> None:
    """ModifyCapacityReservation for a slot's balancer, beside what the Region's other ones have. Raises AwsError."""
    elsewhere = sum(place.balancer.reservation.units for other, place in places.items() if other is not slot)
    settle()
    places[slot].balancer.reservation.modify(units, elsewhere)
