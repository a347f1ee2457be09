"""Route 53's data plane: which slot do its servers name now?

Records are set in the control plane (`change`) and take effect when the change is INSYNC: at that moment the world
settles what went before, and the servers answer anew. Who gets which share is `bluegreen.answers`' business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import simpy
from numpy.random import Generator
from pydantic import Field

from bluegreen.answers import Answers, Endpoint
from bluegreen.fallback.tree import pair
from bluegreen.model import Slot
from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, Share, parse_duration
from sim.clock import ms, now_ms
from sim.draws import lognormal
from sim.effects import Effect, WeightsChanged
from sim.healthchecks import Check, EndpointCheck, HealthCheckSpec

NAME = "service."
"""The service's name in its zone, which only has this one."""
SLOTS = {str(slot): slot for slot in Slot}
NOBODY = dict.fromkeys(Slot, 0.0)
PUBLIC, PAGE = "public.", "page"
"""The name that users ask for where there is a fallback, and the page behind it."""


class DnsSpec(Spec):
    """How the service's records behave."""

    propagation: PositiveDuration = parse_duration("30s")
    """Mean time from PENDING to INSYNC: "generally within 60 seconds"; no distribution is published, a log-normal one
    is assumed."""
    spread: float = Field(0.35, ge=0)
    """Sigma of its logarithm. Assumed: 97 % are done within a minute."""
    late_chance: Share = 0.0
    """The chance that a change takes `late` more. Occasional longer delays are admitted, no figures published."""
    late: PositiveDuration = parse_duration("10m")
    """How much more, on average (log-normal with the same `spread`). Assumed."""
    evaluate_target_health: bool = True
    """Alias records only: a slot whose balancer has no healthy target is passed over."""
    health_check: HealthCheckSpec | None = None
    """The records that exist at the beginning have a Route 53 health check each, on their slot. Default: none."""


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
        serving: Callable[[Slot], bool] | None = None,
        record: Callable[[Effect], None] = lambda effect: None,
        settle: Callable[[], None] = lambda: None,
    ) -> None:
        """`healthy` says what the balancers' health is; None when records do not evaluate it. `serving` says whether a
        slot really answers well, as health checks see it; default: as `healthy`. `settle` is called before answers
        change."""
        self.spec = spec
        self.weights: Mapping[Slot, int] = dict(weights)
        """As they stand in the control plane. A missing slot has no record. Replaced, never altered."""
        self.checked: Mapping[Slot, str] = {}
        """Ids of the health checks that the slots' records have. Replaced, never altered."""
        self.checks: dict[str, Check] = {}
        """All health checks that exist, by id."""
        self.page = 0.0
        """The share of answers that name the page: as `answers` was last asked."""
        self.delay_factor = 1.0
        self.insync_at = 0
        """When the newest change is (or was) with all servers, ms."""
        self._env, self._rng, self._record, self._settle = env, rng, record, settle
        self._healthy, self._serving = healthy, serving or healthy
        self._pending: dict[str, bool] = {}  # by change id
        self._watched: list[tuple[Slot, EndpointCheck]] = []
        self._looking = False
        self._answered: Mapping[Endpoint, float] | None = None  # what `_answers` was made of
        self._answers: dict[Slot, float] = {}
        if spec.health_check is not None:
            self.checked = {slot: f"check-{slot}" for slot in sorted(weights)}
            for slot, check_id in self.checked.items():
                self.add_check(check_id, slot, spec.health_check)
        self._paged = False  # a page stands behind the slots
        self._served = self._compiled()

    @property
    def evaluates(self) -> bool:
        """The records evaluate the health of the balancers that they are aliases to."""
        return self._healthy is not None

    # -- the control plane ----------------------------------------------------------------------------------------

    def change(self, weights: Mapping[Slot, int], by: str = "engine", checked: Mapping[Slot, str] | None = None) -> str:
        """One atomic change of all records; returns its id. Slots not named have no record any more.

        `checked`: the health checks that the records have now; None: those whose records stay keep theirs. An id that
        does not exist (any more) stands for a healthy check, as for a record without one.
        """
        assert weights, "the world does not model a service without any record"
        before, self.weights = self.weights, dict(sorted(weights.items()))
        stay = self.checked if checked is None else checked
        self.checked = {slot: check_id for slot, check_id in stay.items() if slot in weights}
        change = self._submit()
        self._record(WeightsChanged(before, self.weights, by))
        return change

    def lead_to_page(self, page: bool, *, at_once: bool = False) -> str:
        """One change of the public name's records: to the slots, and with `page` to that when no slot is healthy.
        Returns its id. `at_once`: it was so before the world began."""
        self._paged = page
        if not at_once:
            return self._submit()
        self._served = self._compiled()
        return ""

    def _submit(self) -> str:
        change = f"C{len(self._pending) + 1:020d}"
        self._pending[change] = True
        coming = self._compiled()
        self.insync_at = max(now_ms(self._env) + self._delay(), self.insync_at)  # changes arrive in order
        arrival = self._env.timeout(self.insync_at - now_ms(self._env))
        arrival.callbacks.append(lambda _: self._arrived(change, coming))
        return change

    def status(self, change: str) -> Literal["PENDING", "INSYNC"]:
        """Raises KeyError for an id that `change` never gave."""
        return "PENDING" if self._pending[change] else "INSYNC"

    def add_check(self, check_id: str, slot: Slot, spec: HealthCheckSpec) -> EndpointCheck:
        """A health check on what the slot's users meet. It works from now on; records name it by its id."""
        assert self._serving is not None, "nobody said how to see whether a slot serves"
        check = EndpointCheck(spec, env=self._env, rng=self._rng, turning=self._settle)
        self.checks[check_id] = check
        self._watched.append((slot, check))
        self._look_soon()
        return check

    def remove_check(self, check_id: str) -> None:
        """It is gone; whatever names it counts as healthy. Assumed: AWS says that this cannot be foretold."""
        self._settle()
        gone = self.checks.pop(check_id)
        self._watched = [(slot, check) for slot, check in self._watched if check is not gone]

    # -- the data plane -------------------------------------------------------------------------------------------

    def answers(self) -> Mapping[Slot, float]:
        """The share of answers that name each slot, now; 0.0 for a slot without a record. What is left names the
        `page`. Not to be altered."""
        if self._watched:
            self._look_soon()
        shares = self._served.shares(self._passes, self._target)
        if shares is not self._answered:
            self._answered, self._answers, self.page = shares, NOBODY.copy(), 0.0
            for endpoint, share in shares.items():
                if endpoint.values[0] == PAGE:
                    self.page = share
                else:
                    self._answers[SLOTS[endpoint.values[0]]] += share
        return self._answers

    def _passes(self, check_id: str) -> bool:
        check = self.checks.get(check_id)
        return check is None or check.healthy

    def _target(self, name: str) -> bool:
        if name == PAGE:  # for S3, evaluating brings nothing (API reference, AliasTarget)
            return True
        assert self._healthy is not None
        return self._healthy(SLOTS[name])

    def _look_soon(self) -> None:
        """Health checks must hear when a slot's real state changes. Whoever changes it settles first, which asks for
        the answers; so a look a moment after each such question misses nothing."""
        if not self._looking:
            self._looking = True
            self._env.timeout(1).callbacks.append(self._look)

    def _look(self, _: simpy.Event) -> None:
        assert self._serving is not None
        self._looking = False
        for slot, check in self._watched:
            check.told(self._serving(slot))

    def _arrived(self, change: str, coming: Answers) -> None:
        self._settle()
        self._served = coming
        self._pending[change] = False

    def _delay(self) -> int:
        spec = self.spec
        delay = lognormal(self._rng, spec.propagation, spec.spread)
        if spec.late_chance and self._rng.random() < spec.late_chance:
            delay += lognormal(self._rng, spec.late, spec.spread)
        return ms(delay * self.delay_factor)

    def _compiled(self) -> Answers:
        records = [self._record_set(slot, weight) for slot, weight in self.weights.items()]
        if not self._paged:
            return Answers(records, NAME, "A")
        return Answers([*records, *pair(PUBLIC, NAME, "", (PAGE, ""))], PUBLIC, "A")

    def _record_set(self, slot: Slot, weight: int) -> dict[str, object]:
        record = {"Name": NAME, "Type": "A", "SetIdentifier": str(slot), "Weight": weight}
        record |= {"HealthCheckId": self.checked[slot]} if slot in self.checked else {}
        return record | {"AliasTarget": {"DNSName": str(slot), "EvaluateTargetHealth": self.evaluates}}
