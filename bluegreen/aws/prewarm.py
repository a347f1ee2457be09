"""Capacity reserved for application balancers: ModifyCapacityReservation and DescribeCapacityReservation.

Rules: Application Load Balancers User Guide, request and update a capacity unit reservation; errors as in the API's
model (elbv2). A request is taken only when the one before it is provisioned or failed; so the state is asked first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from bluegreen.aws.environments.base import PlaceFacts
from bluegreen.aws.session import Api
from bluegreen.errors import Missing, OperatingError, Refused
from bluegreen.model import ReservationView, Slot
from bluegreen.plan import Plan
from bluegreen.prewarm import advised, not_for

Facts = Callable[[Slot], PlaceFacts | None]
State = Literal["pending", "rebalancing", "failed"]

ABSENT = ReservationView(0, 0.0, "absent")
WORST: tuple[State, ...] = ("pending", "rebalancing", "failed")
"""One zone that is not done decides: no other request is taken then."""


class Reservations:
    """`bluegreen.ports.Prewarm`."""

    def __init__(self, api: Api, facts: Facts) -> None:
        self._api, self._facts = api, facts

    def look(self, slot: Slot) -> ReservationView:
        return self._seen(self._balancer(slot))

    def reserve(self, slot: Slot, units: int) -> None:
        arn = self._balancer(slot)
        seen = self._seen(arn)
        if seen.state == "absent":
            raise Missing(f"{slot} has no balancer to reserve capacity for")
        if seen.units == units and seen.state != "failed":
            return
        wish: dict[str, Any] = {"MinimumLoadBalancerCapacity": {"CapacityUnits": units}}
        if not units:
            wish = {"ResetCapacityReservation": True}
        try:
            self._api.call("elbv2", "modify_capacity_reservation", LoadBalancerArn=arn, **wish)
        except OperatingError as error:
            raise type(error)(advised(str(error))) from error

    def _seen(self, arn: str) -> ReservationView:
        if not arn:
            return ABSENT
        try:
            return view(self._api.call("elbv2", "describe_capacity_reservation", LoadBalancerArn=arn))
        except Missing:
            return ABSENT

    def _balancer(self, slot: Slot) -> str:
        """Its ARN, or nothing when there is none. Raises Refused for one that capacity cannot be reserved for."""
        facts = self._facts(slot)
        if facts is None:
            return ""
        if facts.balancer.kind != "application":
            raise Refused(not_for(facts.balancer.name, facts.balancer.kind))
        return facts.balancer.arn


def view(described: Mapping[str, Any]) -> ReservationView:
    """From an answer of DescribeCapacityReservation. A balancer without a reservation may have no zones in it."""
    zones = described.get("CapacityReservationState", ())
    states = {str(zone["State"]["Code"]): str(zone["State"].get("Reason", "")) for zone in zones}
    state = next((each for each in WORST if each in states), None)
    return ReservationView(
        units=int(described.get("MinimumLoadBalancerCapacity", {}).get("CapacityUnits", 0)),
        effective=round(sum(float(zone.get("EffectiveCapacityUnits", 0.0)) for zone in zones), 6),
        state=state or "provisioned",
        detail=states[state] if state else "",
        decreases_left=described.get("DecreaseRequestsRemaining"),
    )


def reservation_problems(facts: Facts, plan: Plan) -> list[str]:
    """What a person has to mend first. A clone's balancer is of the live one's kind; a template's is not known yet."""
    live = facts(plan.live.slot) if plan.prewarm is not None else None
    concerned = plan.prewarm is not None and (plan.prewarm.also_live or plan.candidate.clone is not None)
    if live is None or not concerned or live.balancer.kind == "application":
        return []
    return [f"prewarm: {not_for(live.balancer.name, live.balancer.kind)}"]
