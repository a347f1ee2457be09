"""The world: everything that a rollout meets and does not control, in virtual time.

It owns the environment, the seed and the parts. The cloud tells it what the engine asked for; faults turn its
knobs; samples and effects tell what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any, Self

import simpy
from numpy.random import Generator as Rng
from pydantic import model_validator

from bluegreen.model import Slot
from bluegreen.plan import Plan
from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration
from sim.api import Api
from sim.balancer import Balancer, BalancerSpec
from sim.clients import Clients, ClientsSpec
from sim.clock import SimClock, ms
from sim.cohorts import draw
from sim.demand import Demand, DemandSpec
from sim.dns import Dns, DnsSpec
from sim.draws import generator
from sim.effects import Effect
from sim.fleet import Fleet, FleetSpec
from sim.machines import ZONES
from sim.metrics import Metrics, MetricsSpec
from sim.place import Place, Served
from sim.samples import Sample, Sampler, short

MINUTE = timedelta(minutes=1)


class WorldSpec(Spec):
    """All that a scenario may say about the world. Every field has the value of an ordinary day."""

    clients: ClientsSpec = ClientsSpec()
    demand: DemandSpec = DemandSpec()
    live: FleetSpec = FleetSpec()
    candidate: FleetSpec = FleetSpec()
    """Its machines; how many there are is up to the rollout."""
    balancer: BalancerSpec = BalancerSpec()
    dns: DnsSpec = DnsSpec()
    metrics: MetricsSpec = MetricsSpec()
    slow: PositiveDuration = parse_duration("1s")
    """A request that takes longer counts as slow."""
    tick: PositiveDuration = parse_duration("5s")
    sample: PositiveDuration = parse_duration("30s")

    @model_validator(mode="after")
    def _ticks_fit(self) -> Self:
        if ms(MINUTE) % ms(self.tick) or ms(self.sample) % ms(self.tick):
            raise ValueError("a minute and a sample must be whole numbers of ticks")
        return self


class World:
    """One world. `live` serves from the beginning; the candidate's place is empty."""

    zones = ZONES

    def __init__(self, spec: WorldSpec, plan: Plan, seed: int) -> None:
        self.spec, self.plan, self.seed = spec, plan, seed
        self.env = simpy.Environment()
        self.clock = SimClock(self.env)
        self.effects: list[Effect] = []
        self.watchers: list[Callable[[Effect], None]] = []
        self.samples: list[Sample] = []
        self.on_sample: list[Callable[[Sample], None]] = []
        self.notes: list[str] = []
        """What the rehearsal passed over or stood in for."""
        self.zones_down: set[str] = set()
        """Letters of the Availability Zones that are lost, out of `zones`."""
        self._rngs: dict[str, Rng] = {}
        self._started = False
        self._down: frozenset[str] = frozenset()
        self._sampler = Sampler()
        self.api = Api(self.rng("api"))
        self.places = {slot: self._place(slot) for slot in Slot}
        self.demand = Demand(spec.demand, self.rng("demand"))
        self.metrics = Metrics(spec.metrics, self.env)
        self.dns = self._dns()
        self._serve_already(self.places[plan.live.slot])
        self.clients = Clients(
            spec.clients, plan.service.answers_live_for, spec.tick, self.dns.answers(), self.rng("clients")
        )

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
        self.env.process(self._run())

    def sample(self) -> Sample:
        """The averages since the last sample, which then begin anew (a JSON-ready line of the trace)."""
        return {
            "kind": "sample",
            "at": self.clock.now().isoformat(),
            "weights": {str(slot): weight for slot, weight in self.dns.weights.items()},
            "answers": {str(slot): short(share) for slot, share in self.dns.answers().items()},
            "stale": short(self.clients.stale()),
            **self._sampler.finish(self.spec.tick, self.places),
        }

    def _run(self) -> Generator[simpy.Event, Any, None]:
        tick, minute, sample = ms(self.spec.tick), ms(MINUTE), ms(self.spec.sample)
        while True:
            yield self.env.timeout(tick)
            self._tick()
            if self.env.now % minute == 0:
                self._minute()
            if self.env.now % sample == 0:
                self._sample()

    def _tick(self) -> None:
        length = self.spec.tick
        self._see_zones()
        self.clients.step(self.dns.answers())
        share = self.clients.share()
        requests = self.demand.draw(timedelta(milliseconds=self.env.now), length)
        blue = draw(self.rng("split"), requests, share[Slot.BLUE])
        slow = self.spec.slow.total_seconds()
        served: dict[Slot, Served] = {}
        for slot, place in self.places.items():
            place.tick(length)
            served[slot] = place.serve(blue if slot is Slot.BLUE else requests - blue, length, slow)
            self.metrics.count(slot, served[slot])
        self._sampler.add(share, served)

    def _minute(self) -> None:
        for slot, place in self.places.items():
            gauges = {}
            utilisation = place.fleet.minute()
            if utilisation is not None:
                gauges["utilisation"] = utilisation
            if place.balancer.active and place.fleet.registered:
                gauges["healthy_hosts"] = float(place.fleet.healthy)
                gauges["unhealthy_hosts"] = float(place.fleet.registered - place.fleet.healthy)
            self.metrics.close(slot, gauges)
        self.metrics.judge()

    def _sample(self) -> None:
        sample = self.sample()
        self.samples.append(sample)
        for tell in self.on_sample:
            tell(sample)

    def _see_zones(self) -> None:
        if self.zones_down != self._down:
            assert self.zones_down <= set(self.zones), f"zones are {self.zones}, not {sorted(self.zones_down)}"
            self._down = frozenset(self.zones_down)
            for place in self.places.values():
                place.fleet.zones_changed()

    def _place(self, slot: Slot) -> Place:
        spec = self.spec.live if slot is self.plan.live.slot else self.spec.candidate
        rng = self.rng(f"fleet/{slot}")
        fleet = Fleet(slot, spec, env=self.env, rng=rng, zones_down=self.zones_down, record=self.record)
        return Place(slot, fleet, Balancer(self.spec.balancer, self.env), self.rng(f"place/{slot}"))

    def _dns(self) -> Dns:
        evaluates = self.plan.service.records == "alias" and self.spec.dns.evaluate_target_health
        healthy = (lambda slot: self.places[slot].healthy) if evaluates else None
        weights = {self.plan.live.slot: 100}
        return Dns(self.spec.dns, weights, env=self.env, rng=self.rng("dns"), healthy=healthy, record=self.record)

    def _serve_already(self, place: Place) -> None:
        place.fleet.serve_already()
        place.balancer.serve_already(self.demand.rate(timedelta(0)))
