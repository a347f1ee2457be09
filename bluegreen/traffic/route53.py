"""Weighted Route 53 records, one for each slot: the default."""

from __future__ import annotations

from typing import Literal

from bluegreen.registry import examples
from bluegreen.traffic.base import Mover


class Route53(Mover):
    """Each slot has a balancer of its own; weights are integers from 0 to 255 (Route 53 API Reference, Weight)."""

    model_config = examples({})

    kind: Literal["route53"] = "route53"
