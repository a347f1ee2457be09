"""What a scenario may say about the world: the settings of all its parts."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from pydantic import model_validator

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration
from sim.balancer import BalancerSpec
from sim.clients import ClientsSpec
from sim.clock import ms
from sim.data.spec import DataSpec
from sim.demand import DemandSpec
from sim.dns import DnsSpec
from sim.fleets.spec import FleetSpec
from sim.metrics import MetricsSpec
from sim.routing import ListenerSpec

MINUTE = ms(timedelta(minutes=1))


class WorldSpec(Spec):
    """All that a scenario may say about the world. Every field has the value of an ordinary day."""

    clients: ClientsSpec = ClientsSpec()
    demand: DemandSpec = DemandSpec()
    live: FleetSpec = FleetSpec()
    candidate: FleetSpec = FleetSpec()
    """Its machines; how many there are is up to the rollout."""
    balancer: BalancerSpec = BalancerSpec()
    dns: DnsSpec = DnsSpec()
    listener: ListenerSpec = ListenerSpec()
    """Where both slots stand behind one balancer."""
    metrics: MetricsSpec = MetricsSpec()
    data: DataSpec = DataSpec()
    """The databases, where the plan has `data`."""
    slow: PositiveDuration = parse_duration("1s")
    """A request that takes longer counts as slow."""
    step: PositiveDuration = parse_duration("5s")
    """While something moves, the flow of requests is worked out in steps no longer than this."""
    sample: PositiveDuration = parse_duration("30s")
    """While something moves, the trace gets a sample so often; else one a minute."""

    @model_validator(mode="after")
    def _steps_fit(self) -> Self:
        if MINUTE % ms(self.sample) or ms(self.sample) % ms(self.step):
            raise ValueError("a minute must be a whole number of samples, and a sample of steps")
        return self
