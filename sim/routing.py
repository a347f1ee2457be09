"""Who decides where a request goes: DNS servers (`sim/dns.py`), or the one balancer that both slots stand behind.

Behind one balancer no resolver and no cache stands in between: what its listener says counts for the next request,
after a delay that AWS does not publish. Nobody is sent around a slot without healthy targets: a listener with several
target groups does not fail over from one to the other (Application Load Balancers guide, listener rules).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, Protocol

import simpy

from bluegreen.model import Slot
from bluegreen.registry import Spec
from bluegreen.units import Duration, PositiveDuration, parse_duration
from sim.clock import ms, now_ms
from sim.effects import Effect, WeightsChanged
from sim.healthchecks import Check, EndpointCheck, HealthCheckSpec

State = Literal["PENDING", "INSYNC"]


class Routing(Protocol):
    """What the world asks of it, and what faults and the cloud do to it. `sim.dns.Dns` says what each means."""

    weights: Mapping[Slot, int]
    checked: Mapping[Slot, str]
    checks: dict[str, Check]
    delay_factor: float
    insync_at: int
    page: float

    @property
    def evaluates(self) -> bool: ...

    def change(
        self, weights: Mapping[Slot, int], by: str = "engine", checked: Mapping[Slot, str] | None = None
    ) -> str: ...

    def lead_to_page(self, page: bool, *, at_once: bool = False) -> str: ...

    def status(self, change: str) -> State: ...

    def answers(self) -> Mapping[Slot, float]: ...

    def add_check(self, check_id: str, slot: Slot, spec: HealthCheckSpec) -> EndpointCheck: ...

    def remove_check(self, check_id: str) -> None: ...


class ListenerSpec(Spec):
    """How the balancer that both slots stand behind behaves."""

    delay: Duration = parse_duration("5s")
    """From a change of a listener, or of a group's target groups, until all nodes go by it. Unpublished; assumed."""
    visit: PositiveDuration | None = None
    """How long users go on without a break as long as the listener's stickiness, on average, if each answer renews the
    cookie that holds them. Unpublished: by default a cookie runs out so long after its target group was chosen."""
    first_check: Duration = parse_duration("30s")
    """From a machine's registration with a target group until it has passed its one first check there: one interval
    at the most (Application Load Balancers guide, health checks)."""


class Listener:
    """Weights of target groups. They add up to nothing only when nobody gets an answer, which is not modelled."""

    evaluates = False
    page = 0.0

    def __init__(
        self,
        spec: ListenerSpec,
        weights: Mapping[Slot, int],
        *,
        env: simpy.Environment,
        record: Callable[[Effect], None] = lambda effect: None,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        self.spec = spec
        self.weights: Mapping[Slot, int] = dict(weights)
        self.checked: Mapping[Slot, str] = {}
        self.checks: dict[str, Check] = {}
        self.delay_factor = 1.0
        self.insync_at = 0
        self.sticky = self._sticky = False
        """Whether it minds cookies that name a target group, now; and as it was last told to."""
        self._env, self._record, self._settle = env, record, settle
        self._pending: dict[str, bool] = {}
        self._served = _shares(self.weights)

    def change(
        self,
        weights: Mapping[Slot, int],
        by: str = "engine",
        checked: Mapping[Slot, str] | None = None,
        *,
        sticky: bool | None = None,
    ) -> str:
        """One change of the listener; returns a number for it. Nothing happens when all stands so already. `sticky`:
        whether it minds cookies from then on; None: as before."""
        assert weights, "the world does not model a listener that forwards to nobody"
        self._sticky = self._sticky if sticky is None else sticky
        before, self.weights = self.weights, dict(sorted(weights.items()))
        change = f"L{len(self._pending) + 1}"
        self._pending[change] = True
        self._take_effect(change, before)
        if dict(before) != self.weights:
            self._record(WeightsChanged(before, self.weights, by))
        return change

    def status(self, change: str) -> State:
        """Raises KeyError for what `change` never gave."""
        return "PENDING" if self._pending[change] else "INSYNC"

    def answers(self) -> Mapping[Slot, float]:
        """The share of requests that goes to each slot, now. Not to be altered."""
        return self._served

    def lead_to_page(self, page: bool, *, at_once: bool = False) -> str:
        raise AssertionError("a fallback is a matter of records, and this service's traffic is not moved by them")

    def add_check(self, check_id: str, slot: Slot, spec: HealthCheckSpec) -> EndpointCheck:
        raise AssertionError("the service's requests do not depend on Route 53 health checks")

    def remove_check(self, check_id: str) -> None:
        raise AssertionError("the service's requests do not depend on Route 53 health checks")

    def _take_effect(self, change: str, before: Mapping[Slot, int]) -> None:
        coming, sticky = _shares(self.weights), self._sticky and len(self.weights) > 1

        def arrived() -> None:
            self._settle()
            self._served, self.sticky = coming, sticky
            self._pending[change] = False

        self._after(ms(self.spec.delay * self.delay_factor), arrived)

    def _after(self, length: int, happens: Callable[[], None]) -> None:
        """In the order in which they were asked for."""
        self.insync_at = max(now_ms(self._env) + length, self.insync_at)
        self._env.timeout(self.insync_at - now_ms(self._env)).callbacks.append(lambda _: happens())


class Registered(Listener):
    """Groups attached to one target group: the share follows the number of healthy machines. A group's weight is how
    many those are; whoever sets a weight above zero attaches the group, who sets zero detaches it."""

    def __init__(self, spec: ListenerSpec, attached: Slot, counts: Callable[[Slot], int], **parts: object) -> None:
        """`counts`: the healthy machines of a slot's group."""
        self._counts = counts
        self.attached: tuple[Slot, ...] = (attached,)
        """By the control plane's word."""
        self.serving: tuple[Slot, ...] = (attached,)
        """Those whose machines have passed their first check, and are not draining."""
        super().__init__(spec, {attached: 1}, **parts)  # type: ignore[arg-type]

    @property
    def weights(self) -> Mapping[Slot, int]:
        return {slot: max(1, self._counts(slot)) for slot in self.attached}

    @weights.setter
    def weights(self, wanted: Mapping[Slot, int]) -> None:
        self.attached = tuple(sorted(slot for slot, weight in wanted.items() if weight))

    def answers(self) -> Mapping[Slot, float]:
        healthy = {slot: self._counts(slot) for slot in self.serving}
        if not any(healthy.values()):  # it fails open: every target gets its share
            healthy = dict.fromkeys(self.serving, 1)
        return _shares(healthy)

    def _take_effect(self, change: str, before: Mapping[Slot, int]) -> None:
        """Targets that leave get no new requests from then on (Application Load Balancers guide, deregistration delay):
        whatever makes changes slow, it is those who come that are late."""
        new = [slot for slot in self.attached if slot not in before]
        delay = (self.spec.delay + self.spec.first_check) * self.delay_factor if new else self.spec.delay
        coming = self.attached

        def arrived() -> None:
            self._settle()
            self.serving = coming
            self._pending[change] = False

        self._after(ms(delay), arrived)


def _shares(weights: Mapping[Slot, int]) -> dict[Slot, float]:
    total = sum(weights.values())
    assert total, "the world does not model a listener whose weights are all zero"
    return {slot: weights.get(slot, 0) / total for slot in Slot}
