"""CloudWatch tells what is not so: a wrong dimension, a counter that stands at zero, an agent with a bug."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Literal, Self

from pydantic import Field

from bluegreen.model import Slot
from sim.faults.base import OnSlots, some_slot
from sim.faults.chance import Chance
from sim.faults.knobs import Turn, listed
from sim.scene import Scene
from sim.served import Served

Measure = Literal["errors", "latency"]


class MetricLie(OnSlots):
    """The balancers of `slot`, or of both, report `factor` times the errors or response times that there are; 0: none.
    Alarms look at the same points."""

    kind: Literal["metric_lie"] = "metric_lie"
    measure: Measure
    factor: Annotated[float, Field(ge=0, le=1000)] = 0.0

    @property
    def about(self) -> str:
        what = {"errors": "errors", "latency": "the response time"}[self.measure]
        how = f"{self.factor:g} times {what}" if self.factor else f"no {what.removeprefix('the ')}"
        return f"metrics of {self.whom} show {how}, whatever happens"

    @classmethod
    def draw(cls, chance: Chance) -> Self:
        measures: tuple[Measure, ...] = ("errors", "latency")
        return cls(measure=chance.pick(measures), factor=chance.pick((0.5, 0.0, 3.0)), slot=some_slot(chance))

    def turns(self, scene: Scene) -> Iterable[Turn]:
        yield Turn(scene.world.metrics, "told", self.told, listed)

    def told(self, slot: Slot, done: Served) -> Served:
        """What the balancer reports instead."""
        if slot not in self.slots:
            return done
        return _errors(done, self.factor) if self.measure == "errors" else _latency(done, self.factor)


def _errors(done: Served, factor: float) -> Served:
    """There cannot be more errors than requests."""
    factor = min(factor, done.requests / done.errors if done.errors else factor)

    def part(count: int) -> int:
        return int(count * factor)

    return replace(
        done,
        rejected=part(done.rejected),
        dead=part(done.dead),
        shed=part(done.shed),
        failed=part(done.failed),
        spilled=part(done.spilled),
        timed_out=part(done.timed_out),
        given_up=part(done.given_up),
    )


def _latency(done: Served, factor: float) -> Served:
    p50, p90, p95, p99, mean = done.latency
    return replace(done, latency=(p50 * factor, p90 * factor, p95 * factor, p99 * factor, mean * factor))
