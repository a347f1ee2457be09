"""Route 53's data plane: which slot do its servers name now?

Weights are set in the control plane (`change`) and take effect when the change is INSYNC. Answers follow the
weights of the records that Route 53 takes for healthy (Route 53 Developer Guide, how Amazon Route 53 chooses
records when health checking is configured; weighted routing).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

import simpy
from numpy.random import Generator
from pydantic import Field

from bluegreen.model import Slot
from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration
from sim.clock import ms, now_ms
from sim.draws import lognormal
from sim.effects import Effect, WeightsChanged

K = TypeVar("K")


class DnsSpec(Spec):
    """How the service's records behave."""

    propagation: PositiveDuration = parse_duration("30s")
    """Mean time from PENDING to INSYNC: "generally within 60 seconds"; no distribution is published."""
    spread: float = Field(0.35, ge=0)
    """Sigma of its log-normal distribution: 97 % are done within a minute."""
    evaluate_target_health: bool = True
    """Alias records only: a slot whose balancer has no healthy target is passed over."""


def answer_shares(weights: Mapping[K, int], healthy: Mapping[K, bool | None]) -> dict[K, float]:
    """Long-run share of answers per record. `healthy` None, or missing: the record has no health check.

    Non-zero records first, healthy ones only; then the healthy zero-weight ones; when nothing is healthy, all
    non-zero ones count as healthy. All weights zero means equal shares.
    """
    well = {key for key in weights if healthy.get(key) is not False}
    weighted = {key: weight for key, weight in weights.items() if weight > 0}
    zeros = [key for key in weights if key not in weighted]
    chosen: Mapping[K, int] = {key: weight for key, weight in weighted.items() if key in well}
    if not chosen:
        chosen = {key: 1 for key in zeros if key in well} or weighted or dict.fromkeys(zeros, 1)
    total = sum(chosen.values())
    return {key: chosen.get(key, 0) / total for key in weights}


class Dns:
    """The weighted records of the service."""

    def __init__(
        self,
        spec: DnsSpec,
        weights: Mapping[Slot, int],
        *,
        env: simpy.Environment,
        rng: Generator,
        healthy: Callable[[Slot], bool] | None = None,
        record: Callable[[Effect], None] = lambda effect: None,
    ) -> None:
        """`healthy` says what the balancers' health is; None when records do not evaluate it."""
        self.spec = spec
        self.weights: dict[Slot, int] = dict(weights)
        """As they stand in the control plane. A missing slot has no record."""
        self.delay_factor = 1.0
        self._served: Mapping[Slot, int] = self.weights
        self._env, self._rng, self._healthy, self._record = env, rng, healthy, record
        self._insync: dict[str, int] = {}
        self._coming: list[tuple[int, Mapping[Slot, int]]] = []

    def change(self, weights: Mapping[Slot, int], by: str = "engine") -> str:
        """One atomic change of all records; returns its id. Slots not named have no record any more."""
        assert weights, "the world does not model a service without any record"
        before, self.weights = self.weights, dict(sorted(weights.items()))
        delay = ms(lognormal(self._rng, self.spec.propagation * self.delay_factor, self.spec.spread))
        at = max(now_ms(self._env) + delay, self._coming[-1][0] if self._coming else 0)  # changes arrive in order
        self._coming.append((at, self.weights))
        change = f"C{len(self._insync) + 1:020d}"
        self._insync[change] = at
        self._record(WeightsChanged(before, self.weights, by))
        return change

    def status(self, change: str) -> Literal["PENDING", "INSYNC"]:
        """Raises KeyError for an id that `change` never gave."""
        return "INSYNC" if self._insync[change] <= now_ms(self._env) else "PENDING"

    def answers(self) -> dict[Slot, float]:
        """The share of answers that name each slot, now; 0.0 for a slot without a record."""
        while self._coming and self._coming[0][0] <= now_ms(self._env):
            self._served = self._coming.pop(0)[1]
        health = {slot: self._healthy(slot) for slot in self._served} if self._healthy else {}
        shares = answer_shares(self._served, health)
        return {slot: shares.get(slot, 0.0) for slot in Slot}
