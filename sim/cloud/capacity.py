"""ModifyCapacityReservation and DescribeCapacityReservation on the world's balancers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bluegreen.model import Slot
from sim import place
from sim.clock import EPOCH
from sim.cloud.service import Answer, Params, Site
from sim.errors import AwsError

if TYPE_CHECKING:
    from sim.world import World


def reserve(world: World, slot: Slot, params: Params) -> None:
    """Raises AwsError for what AWS refuses."""
    units = params.get("MinimumLoadBalancerCapacity", {}).get("CapacityUnits")
    if params.get("ResetCapacityReservation"):
        units = 0
    if units is None:
        words = "Either MinimumLoadBalancerCapacity or ResetCapacityReservation must be given"
        raise AwsError("InvalidConfigurationRequest", words)
    place.reserve(world.places, slot, units, world.settle)


def described(site: Site, slot: Slot) -> Answer:
    """How the slot's reservation stands. Capacity is spread evenly over the zones that are up."""
    world, its = site.world, site.world.places[slot].balancer.reservation
    zones = [zone for zone in world.zones if zone not in world.zones_down]
    answer: Answer = {
        "DecreaseRequestsRemaining": its.decreases_left,
        "MinimumLoadBalancerCapacity": {"CapacityUnits": its.units},
        "CapacityReservationState": [
            {
                "State": {"Code": its.state},
                "AvailabilityZone": f"{site.region}{zone}",
                "EffectiveCapacityUnits": its.effective / len(zones),
            }
            for zone in zones
        ],
    }
    if its.modified is not None:
        answer["LastModifiedTime"] = EPOCH + timedelta(milliseconds=its.modified)
    return answer
