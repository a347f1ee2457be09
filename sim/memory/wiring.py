"""Which of this tier's parts stand for what `bluegreen/aws/wiring.py` would put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from bluegreen.model import Slot
from bluegreen.outside.making import Making
from bluegreen.outside.nothing import NoPrewarm
from bluegreen.plan import Plan
from bluegreen.ports import Prewarm
from bluegreen.ports import Traffic as TrafficPort
from bluegreen.traffic.beanstalk_swap import BeanstalkSwap as BeanstalkSwapSpec
from bluegreen.traffic.group_swap import GroupSwap as GroupSwapSpec
from bluegreen.traffic.target_groups import TargetGroups as TargetGroupsSpec
from sim.memory.beanstalk import BeanstalkSwap, LiveEnvironment, NewEnvironment
from sim.memory.calls import Calls
from sim.memory.command import Commanded
from sim.memory.environments import Clone, Environments, Given, Kept, Way
from sim.memory.listener import TargetGroups
from sim.memory.metrics import Metrics
from sim.memory.prewarm import Reservations
from sim.memory.shared import Beside, SharedGiven
from sim.memory.store import Store
from sim.memory.swap import GroupSwap, Swap, SwapGiven, Together
from sim.memory.traffic import Traffic


class Preflighted(TrafficPort, Protocol):
    """A Traffic port that knows what a preflight asks."""

    def preflight(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """One engine's ports."""

    traffic: Preflighted
    environments: Environments
    metrics: Metrics
    prewarm: Prewarm = field(default_factory=NoPrewarm)


def wire(calls: Calls, store: Store, plan: Plan) -> Parts:
    """All for one engine process, which knows nothing yet."""
    live = plan.live.slot
    match plan.traffic:
        case TargetGroupsSpec() as spec:
            beside = Environments({live: SharedGiven(calls, store, live), live.other: Beside(calls, store, live.other)})
            traffic = TargetGroups(calls, store, spec, beside.facts)
            return Parts(traffic, beside, Metrics(calls, store, beside.facts))
        case GroupSwapSpec() as spec:
            ways: dict[Slot, SwapGiven | Swap] = {
                live: SwapGiven(calls, store, live),
                live.other: Swap(calls, store, live.other),
            }
            return Parts(GroupSwap(calls, store, spec), Environments(ways), Together(calls, store, ways))
        case BeanstalkSwapSpec() as spec:
            both = _own(calls, store, plan)
            swap = BeanstalkSwap(calls, store, store.stages, spec)
            reservations = Reservations(calls, store, both.facts)
            return Parts(swap, both, Metrics(calls, store, both.facts), reservations)
        case _:
            both = _own(calls, store, plan)
            reservations = Reservations(calls, store, both.facts)
            return Parts(Traffic(calls, store, both.facts), both, Metrics(calls, store, both.facts), reservations)


def _own(calls: Calls, store: Store, plan: Plan) -> Environments:
    """Places with a balancer each."""
    live, new = plan.live.slot, plan.live.slot.other
    first: Way = (
        LiveEnvironment(calls, store, store.stages, live) if plan.live.environment else Given(calls, store, live)
    )
    beanstalk = plan.candidate.beanstalk is not None
    second: Way = NewEnvironment(calls, store, store.stages, new) if beanstalk else Clone(calls, store, new)
    if plan.candidate.kept is not None:
        second = Kept(calls, store, new)
    if plan.candidate.command is not None:
        second = Commanded(calls, store, new, Making(plan.candidate.command, store.programs))
    return Environments({live: first, new: second})
