"""A Metrics without a world: minutes are fed by hand."""

import simpy

from bluegreen.model import Slot
from sim.metrics import Metrics, MetricsSpec
from sim.served import Served

MINUTE = 60_000
FLAT = (0.1, 0.2, 0.3, 0.4, 0.12)


def served(requests=0, failed=0, latency=FLAT, **more):
    return Served(requests, failed=failed, latency=latency, **more)


class Fed:
    """`minute(...)` lets one minute pass in which blue's balancer saw these stretches and gauges."""

    def __init__(self, **spec):
        self.env = simpy.Environment()
        self.metrics = Metrics(MetricsSpec.model_validate({"delay": "0s", **spec}), self.env)

    def minute(self, *stretches, slot=Slot.BLUE, **gauges):
        for done in stretches:
            self.metrics.count(slot, done)
        self.pass_minute()
        self.metrics.close(slot, gauges)
        self.metrics.judge()

    def pass_minute(self):
        self.env.run(until=self.env.now + MINUTE)

    def state(self, name="a"):
        return self.metrics.alarm_state(name)
