"""The world: everything that a rollout meets and does not control, in virtual time.

It owns the environment, the seed and the parts. The cloud tells it what the engine asked for; faults turn its
knobs; samples and effects tell what happened.

Nothing is polled. Between two changes the world is constant, so requests flow by closed forms; whoever changes
something calls `settle` first, which accounts for the time up to now: in whole minutes while nothing moves, in short
steps while shares, queues or balancers still do.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any

import simpy
from numpy.random import Generator as Rng

from bluegreen.model import BOTH, Slot
from bluegreen.plan import Plan
from bluegreen.traffic.target_groups import TargetGroups
from sim.api import Api
from sim.balancer import Balancer
from sim.buckets import Buckets
from sim.clients import Clients
from sim.clock import Environment, SimClock, ms, now_ms
from sim.data.hazards import Hazards
from sim.data.tier import DataTier, has_tier
from sim.demand import Demand
from sim.direct import Direct, Sticky, clients_of
from sim.dns import Dns
from sim.draws import generator
from sim.effects import Effect
from sim.fleet import Fleet
from sim.machines import ZONES
from sim.metrics import Metrics
from sim.page import ClientsOrPage
from sim.place import Place, Served
from sim.routing import Listener, Registered, Routing
from sim.samples import Record, Sums
from sim.sharing import SharedBalancer
from sim.worldspec import WorldSpec

MINUTE = ms(timedelta(minutes=1))
Users = Clients | Direct | Sticky | ClientsOrPage


class World:
    """One world. `live` serves from the beginning; the candidate's place is empty."""

    zones = ZONES

    def __init__(self, spec: WorldSpec, plan: Plan, seed: int) -> None:
        self.spec, self.plan, self.seed = spec, plan, seed
        self.env = Environment()
        self.clock = SimClock(self.env)
        self.effects: list[Effect] = []
        self.watchers: list[Callable[[Effect], None]] = []
        self.samples: list[Record] = []
        self.on_sample: list[Callable[[Record], None]] = []
        self.notes: list[str] = []
        """What the rehearsal passed over or stood in for."""
        self.zones_down: set[str] = set()
        """Letters of the Availability Zones that are lost, out of `zones`; see `lose_zone`."""
        self.stretches = 0
        """How many stretches of constant state the flow was worked out for: the world's own events."""
        self._lost: list[str] = []
        self._rngs: dict[str, Rng] = {}
        self._started = self._settling = False
        self._at = self._sampled = 0
        self._step, self._every, self._slow = ms(spec.step), ms(spec.sample), spec.slow.total_seconds()
        self._sums = {slot: Sums() for slot in Slot}
        self._shown = self._unheard = 0  # requests that got the page, and that found no way, since the last sample
        self._counted_under: dict[Slot, Slot] = {}
        self._served: dict[Slot, Served] = {}
        self.api = Api(self.rng("api"))
        self.shared: SharedBalancer | None = self._shared_balancer()
        """The one balancer, where both slots stand behind it."""
        self.places = {slot: self._place(slot) for slot in Slot}
        self._blue, self._green = self.places[Slot.BLUE], self.places[Slot.GREEN]
        self.demand = Demand(spec.demand, self.rng("demand"))
        self.metrics = Metrics(spec.metrics, self.env)
        self.dns = self._routing()
        """Who decides where a request goes: DNS, unless the plan moves traffic behind one balancer."""
        self._serve_already(self.places[plan.live.slot], self.demand.rate(0))
        if plan.candidate.kept is not None:
            self._serve_already(self.places[plan.live.slot.other], 0.0)
        self.clients: Users = clients_of(plan, spec, self.dns, self.rng("clients"))
        self._split = self.rng("split")
        self.buckets = Buckets()
        self.hazards = Hazards()
        self.data = self._data_tier() if has_tier(plan) else None
        """The databases behind the slots; None: they are no matter of the plan."""
        if plan.fallback is not None and isinstance(self.dns, Dns) and isinstance(self.clients, Clients):
            self.clients = ClientsOrPage(self.clients, self.dns, plan, generator(seed, "clients"))

    def rng(self, name: str) -> Rng:
        """The generator of that name: derived from the seed, the same object each time."""
        if name not in self._rngs:
            self._rngs[name] = generator(self.seed, name)
        return self._rngs[name]

    def record(self, effect: Effect) -> None:
        """Something was done to the control plane."""
        self.effects.append(effect)
        for watch in self.watchers:
            watch(effect)

    def start(self) -> None:
        """Set the world going, at time zero."""
        assert not self._started, "the world was started already"
        self._started = True
        self.env.process(self._minutes())

    # -- zones ----------------------------------------------------------------------------------------------------

    def lose_zone(self, zone: str) -> None:
        """An Availability Zone is lost, with all that is in it: machines, nodes of balancers, users' way to it. One
        that is lost twice must be restored twice."""
        self._lost.append(zone)
        self._zones_changed()

    def restore_zone(self, zone: str) -> None:
        """It is back, unless another fault still keeps it down."""
        self._lost.remove(zone)
        self._zones_changed()

    def _zones_changed(self) -> None:
        down = set(self._lost)
        assert down <= set(self.zones), f"zones are {self.zones}, not {sorted(down)}"
        if down == self.zones_down:
            return
        self.settle()
        self.zones_down.clear()
        self.zones_down.update(down)
        for place in self.places.values():
            place.fleet.zones_changed()
            place.balancer.zones_changed(self.zones_down)
        self.clients.zones_changed(self.zones_down)

    # -- the flow of requests -------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Account for the time up to now. To be called before anything that matters to requests changes."""
        now = now_ms(self.env)
        if self._settling or now <= self._at:
            return
        self._settling = True
        while self._at < now:
            blue = self.dns.answers()[Slot.BLUE]
            self._stretch(self._at, self._end_of_stretch(now, blue), blue)
        self._settling = False

    def _end_of_stretch(self, now: int, named: float) -> int:
        """Nothing is known to change before: short while something moves, never beyond the minute. Whether users will
        be moving is asked by the answers of now, of which so many name blue: they have changed since the last stretch,
        perhaps."""
        at = self._at
        self.clients.expect(named)
        moving = self._blue.moving or self._green.moving or self.clients.moving
        if moving and at - self._sampled > self._every:
            self._sample()  # a calm sample ends where the calm does, so that nobody takes what follows for older
        step = self._step if moving else MINUTE
        return min(now, at - at % step + step, self.demand.next_break(at))

    def _stretch(self, start: int, end: int, named: float) -> None:
        length = end - start
        seconds = length / 1000
        self.stretches += 1
        # Sums over cohorts are a hair off: nobody is nobody.
        blue = round(self.clients.advance(length, named), 12)
        requests = self.demand.draw(start, length)
        if self.clients.unresolved:
            requests -= self._lose(requests, self.clients.unresolved)
        page = self.clients.page
        if page:
            requests -= self._show_page(requests, page)
        to_blue = self._share(requests, blue if page in (0, 1) else blue / (1 - page))
        green = 1 - blue if not page else max(0.0, round(1 - page - blue, 12))
        if self.shared is not None:
            self.shared.begin(requests / seconds, seconds)
        for place, share, count in ((self._blue, blue, to_blue), (self._green, green, requests - to_blue)):
            place.pass_time(seconds)
            called = sum(caller.between(start, end) for caller in place.callers) if place.callers else 0
            served = place.serve(count + called, seconds, self._slow)
            self.metrics.count(self._counted_under.get(place.slot, place.slot), served)
            self._sums[place.slot].add(share, served, length)
            if self.data is not None:
                self._served[place.slot] = served
        if self.data is not None:
            self.data.pass_time(start, end, self._served)
        self._at = end
        if end % self._every == 0 and (end % MINUTE == 0 or length < MINUTE):
            self._sample()

    def _lose(self, requests: int, unresolved: float) -> int:
        """How many of the requests nobody hears of."""
        lost = self._share(requests, unresolved)
        self._unheard += lost
        return lost

    def _show_page(self, requests: int, page: float) -> int:
        """How many of the requests get the page: neither slot ever hears of them."""
        shown = self._share(requests, page)
        self._shown += shown
        return shown

    def _share(self, requests: int, blue: float) -> int:
        """How many of the requests go to blue."""
        if blue <= 0 or blue >= 1:
            return requests if blue >= 1 else 0
        return int(self._split.binomial(requests, blue))

    def _sample(self) -> None:
        for slot, sums in self._sums.items():
            sums.stand(self.places[slot])
        length, self._sampled = self._at - self._sampled, self._at
        page = None if self.plan.fallback is None else self._shown
        shown = self.dns.weights, self.dns.answers(), self.clients.staleness()
        sample = Record(self._at, length, *shown, self._sums, page, self._unheard)
        self._sums, self._shown, self._unheard = {slot: Sums() for slot in BOTH}, 0, 0
        self.samples.append(sample)
        for tell in self.on_sample:
            tell(sample)

    def _minutes(self) -> Generator[simpy.Event, Any, None]:
        """What is known once a minute: points of metrics, alarms, target tracking."""
        while True:
            yield self.env.timeout(MINUTE)
            self.settle()
            for slot, place in self.places.items():
                self.metrics.close(slot, self._gauges(place))
            self.metrics.judge()
            if self.data is not None:
                self.data.minute()

    def _gauges(self, place: Place) -> dict[str, float]:
        """A place's values that do not depend on requests."""
        fleet = place.fleet
        if not fleet.exists:
            return {}
        gauges = {}
        utilisation = fleet.minute(place.release.crash_every)
        if utilisation is not None:
            gauges["utilisation"] = utilisation
        hosts = self._targets(place)
        if place.balancer.reports and hosts[0]:
            gauges["healthy_hosts"] = float(hosts[1])
            gauges["unhealthy_hosts"] = float(hosts[0] - hosts[1])
        return gauges

    def _targets(self, place: Place) -> tuple[int, int]:
        """Registered and healthy targets under the slot's name in CloudWatch. Two groups behind one target group are
        counted together, under the live slot's."""
        if not isinstance(self.dns, Registered):
            return place.fleet.registered, place.fleet.healthy
        fleets = [self.places[slot].fleet for slot in self.dns.attached] if place.slot is self.plan.live.slot else []
        return sum(fleet.registered for fleet in fleets), sum(fleet.healthy for fleet in fleets)

    # -- how it is put together -----------------------------------------------------------------------------------

    def _data_tier(self) -> DataTier:
        return DataTier(
            self.spec.data,
            self.plan,
            self.hazards,
            env=self.env,
            places=self.places,
            rng=self.rng("data"),
            sample=self.rng("data/tracked"),
            settle=self.settle,
            record=self.record,
            usual=self.demand.mean_rate,
        )

    def _place(self, slot: Slot) -> Place:
        spec = self.spec.live if slot is self.plan.live.slot else self.spec.candidate
        rng = self.rng(f"fleet/{slot}")
        fleet = Fleet(
            slot,
            spec,
            env=self.env,
            rng=rng,
            zones_down=self.zones_down,
            record=self.record,
            settle=self.settle,
            evaluation=self.spec.metrics,
        )
        balancer = self.shared or Balancer(self.spec.balancer, self.env, self.rng(f"balancer/{slot}"), self.settle)
        return Place(slot, fleet, balancer, self.rng(f"place/{slot}"), impatience=self.spec.demand.impatience)

    def _shared_balancer(self) -> SharedBalancer | None:
        if not self.plan.traffic.shared:
            return None
        return SharedBalancer(self.spec.balancer, self.env, self.rng(f"balancer/{self.plan.live.slot}"), self.settle)

    def _routing(self) -> Routing:
        live, mover, spec = self.plan.live.slot, self.plan.traffic, self.spec.listener
        if mover.by_dns:
            return self._dns()
        parts: Any = {"env": self.env, "record": self.record, "settle": self.settle}
        if isinstance(mover, TargetGroups):
            return Listener(spec, {live: 100}, **parts)
        self._counted_under = dict.fromkeys(Slot, live)
        return Registered(spec, live, lambda slot: self.places[slot].fleet.healthy, **parts)

    def _dns(self) -> Dns:
        alias = self.plan.service.records == "alias" and self.plan.traffic.divides  # a Beanstalk name is a CNAME
        evaluates = alias and self.spec.dns.evaluate_target_health
        healthy = (lambda slot: self.places[slot].healthy) if evaluates else None
        return Dns(
            self.spec.dns,
            {self.plan.live.slot: 100},
            env=self.env,
            rng=self.rng("dns"),
            healthy=healthy,
            serving=lambda slot: self.places[slot].healthy,
            record=self.record,
            settle=self.settle,
        )

    def _serve_already(self, place: Place, rate: float) -> None:
        """It has long been there, for so many requests/s."""
        place.fleet.serve_already()
        place.balancer.serve_already(rate)
