"""Availability Zones that a template names."""

from __future__ import annotations

from sim.cloud.formation.nodes import Open
from sim.cloud.formation.reading import invalid
from sim.cloud.formation.workshop import Workshop


def check_zones(shop: Workshop, zones: list[str]) -> list[str]:
    """Zones of the region. Raises AwsError for zones of another one."""
    region = shop.site.region
    if wrong := [zone for zone in zones if not zone.startswith(region) and not isinstance(zone, Open)]:
        raise invalid(f"Value ({wrong[0]}) for parameter availabilityZone is invalid. It is no zone of {region}.")
    known = [zone["ZoneName"] for zone in shop.moto("ec2", "describe_availability_zones")["AvailabilityZones"]]
    return [zone for zone in zones if zone in known] or known[:1]
