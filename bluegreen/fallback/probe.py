"""How Route 53 asks a slot whether it serves, where records have no health of their own: CNAME records.

Route 53 Developer Guide, values for health checks that monitor an endpoint; API reference, HealthCheckConfig.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from bluegreen.registry import Spec
from bluegreen.units import PositiveDuration, parse_duration

PORTS = {"http": 80, "https": 443}
FAST = timedelta(seconds=10)


class Probe(Spec):
    """A health check on each slot's balancer, asked by about sixteen checkers around the world."""

    protocol: Literal["http", "https"] = "http"
    """Certificates are not looked at. The Host header is the balancer's own name."""
    port: Annotated[int | None, Field(ge=1, le=65535)] = None
    """Default: 80 or 443."""
    path: Annotated[str, Field(pattern=r"^/", max_length=255)] = "/"
    """Healthy is an answer with a status from 200 to 399 within two seconds."""
    every: PositiveDuration = parse_duration("30s")
    """Between two questions of one checker: 30s, or 10s at a higher price."""
    failures: Annotated[int, Field(ge=1, le=10)] = 3
    """Answers in a row that change a checker's mind, in both directions."""

    @field_validator("every")
    @classmethod
    def _one_of_two(cls, every: timedelta) -> timedelta:
        if every not in (FAST, 3 * FAST):
            raise ValueError("Route 53 asks every 10s or every 30s")
        return every

    def config(self, dns_name: str) -> dict[str, Any]:
        """HealthCheckConfig, as CreateHealthCheck wants it."""
        return {
            "Type": self.protocol.upper(),
            "FullyQualifiedDomainName": dns_name,
            "Port": self.port or PORTS[self.protocol],
            "ResourcePath": self.path,
            "RequestInterval": round(self.every.total_seconds()),
            "FailureThreshold": self.failures,
        }

    @property
    def options(self) -> int:
        """How many of the features that AWS charges for apart are used, of each check."""
        return (self.protocol == "https") + (self.every == FAST)
