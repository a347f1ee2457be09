"""The Traffic port on weighted target groups of one application balancer: no DNS between a change and its effect.

The candidate's target group is known by its name, which follows from the rollout; the live one is the other group in
the same forward action. All rules that name either of them carry the same weights. When a crash came between two rules,
`read` tells the weights of one of them and no sync, so that the engine sets them again.

A listener does not fail over: a target group with weight and without healthy targets answers 503 or fails open, while
another one has healthy targets (Application Load Balancers guide, listener rules). So it is the engine that must look.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bluegreen.aws import balancers
from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.session import Api
from bluegreen.aws.traffic.forwards import Forward, beside, forwards_of, naming, put
from bluegreen.clock import Now
from bluegreen.errors import Missing, Refused
from bluegreen.model import Slot, TrafficView
from bluegreen.plan import Live
from bluegreen.traffic.target_groups import TargetGroups as Spec


@dataclass(frozen=True, slots=True)
class Candidate:
    """How the candidate is found: the name of its target group, and where both slots are."""

    name: str
    facts: Callable[[Slot], PlaceFacts | None]


class TargetGroups:
    """`bluegreen.ports.Traffic`.

    AWS does not tell when a change of a listener has reached all nodes of its balancer. `in_sync` is True when the
    rules stand as this object last set them, the assumed delay ago. A fresh process has to set them first.
    """

    def __init__(self, api: Api, spec: Spec, live: Live, candidate: Candidate, now: Now) -> None:
        self._api, self._spec, self._live, self._now = api, spec, live, now
        self._name, self._facts = candidate.name, candidate.facts
        self._balancer = ""  # its ARN never changes
        self._live_groups: tuple[str, ...] = ()
        self._asked: Mapping[Slot, int] | None = None
        self._since: datetime | None = None

    # -- the port -------------------------------------------------------------------------------------------------

    def read(self) -> TrafficView:
        found = [self._by_slot(forward) for forward in self._ours()]
        strange = [weights for weights in found if weights != self._asked]
        weights = (strange or found or [{}])[0]
        settled = self._since is not None and self._now() - self._since >= self._spec.delay
        return TrafficView(weights, in_sync=bool(found) and not strange and settled)

    def set(self, weights: Mapping[Slot, int]) -> None:
        assert any(weights.values()), "all weights zero: nobody would get an answer"
        assert all(0 <= weight <= self._spec.finest for weight in weights.values()), f"weights out of range: {weights}"
        since = self._since if self._asked == weights else None
        self._asked, self._since = None, None  # if a reply is lost, nothing is known
        ours = self._ours()
        if not ours:
            raise Missing(f"no listener of {self._live.balancer} forwards to the live group {self._live.group}")
        known = [arn for forward in ours for arn in forward.weights if self._is_candidates(arn)]
        if strangers := beside(ours, [*self._known_live(), *known]):
            names = ", ".join(strangers)
            raise Refused(f"a rule of {self._live.balancer} also forwards to {names}, which would lose its requests")
        changed = [self._put(forward, weights) for forward in ours]
        self._asked = dict(weights)
        self._since = self._now() if since is None or any(changed) else since

    def remove(self, slot: Slot) -> None:
        for forward in self._ours():
            by_slot = self._by_slot(forward)
            if slot not in by_slot:
                continue
            left = {other: weight for other, weight in by_slot.items() if other is not slot}
            if not any(left.values()):
                raise Refused(f"{self._live.balancer}: the target group of {slot} is the last one with any weight")
            self._write(forward, left)
            self._asked = None

    # -- how it works ---------------------------------------------------------------------------------------------

    def _ours(self) -> list[Forward]:
        """The rules that users of the service meet."""
        forwards = forwards_of(self._api, self._arn())
        own = [arn for forward in forwards for arn in forward.weights if self._is_candidates(arn)]
        return naming(forwards, [*self._known_live(), *own])

    def _arn(self) -> str:
        if not self._balancer:
            found = balancers.find_application(self._api, self._live.balancer)
            if found is None:
                raise Missing(f"there is no application balancer {self._live.balancer}")
            self._balancer = found.arn
        return self._balancer

    def _known_live(self) -> tuple[str, ...]:
        """The live group's target groups behind the balancer; nothing once the group is gone."""
        if not self._live_groups:
            facts = self._facts(self._live.slot)
            self._live_groups = facts.balancer.target_groups if facts else ()
        return self._live_groups

    def _is_candidates(self, arn: str) -> bool:
        return arn.split("/")[-2] == self._name

    def _by_slot(self, forward: Forward) -> dict[Slot, int]:
        live = self._live.slot
        return {
            live.other if self._is_candidates(arn) else live: weight for arn, weight in sorted(forward.weights.items())
        }

    def _put(self, forward: Forward, weights: Mapping[Slot, int]) -> bool:
        """Whether anything had to be changed."""
        wanted = self._sticky(weights)
        sticky = round(wanted.total_seconds()) if wanted else 0
        if self._by_slot(forward) == weights and forward.sticky == sticky:
            return False
        self._write(forward, weights)
        return True

    def _write(self, forward: Forward, weights: Mapping[Slot, int]) -> None:
        arns = {slot: self._arn_of(slot, forward) for slot in sorted(weights)}
        put(self._api, forward, {arns[slot]: weights[slot] for slot in sorted(weights)}, self._sticky(weights))

    def _sticky(self, weights: Mapping[Slot, int]) -> timedelta | None:
        return self._spec.sticky(weights.get(self._live.slot.other, 0))

    def _arn_of(self, slot: Slot, forward: Forward) -> str:
        """The slot's target group: in the rule already, or where the slot is."""
        there = [arn for arn in forward.weights if self._is_candidates(arn) is (slot is not self._live.slot)]
        if there:
            return there[0]
        facts = self._facts(slot)
        known: Sequence[str] = facts.balancer.target_groups if facts else ()
        if not known:
            raise Missing(f"{slot} has no target group that a listener could forward to")
        return known[0]
