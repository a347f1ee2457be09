"""One balancer in front of both slots: it is warm for both together, and its lost nodes are lost to both."""

from __future__ import annotations

from collections.abc import Callable

import simpy
from numpy.random import Generator

from sim.balancer import Balancer, BalancerSpec
from sim.nodes import LostNodes


class _Nodes(LostNodes):
    """Asked twice for the same stretch, they age once."""

    _share = 0.0

    def begin(self, length: float) -> None:
        self._share = super().stranded(length) if self.stranding else 0.0

    def stranded(self, length: float) -> float:
        return self._share


class SharedBalancer(Balancer):
    """Both slots' balancer. Before its places serve a stretch, `begin` tells it what comes to both."""

    def __init__(self, spec: BalancerSpec, env: simpy.Environment, rng: Generator, settle: Callable[[], None]) -> None:
        super().__init__(spec, env, rng, settle)
        self.nodes: _Nodes = _Nodes(spec.nodes)
        self._share = 1.0

    def begin(self, rate: float, length_s: float) -> None:
        """So many requests/s come in the next stretch."""
        self.nodes.begin(length_s)
        self._share = super().admit(rate, length_s)

    def admit(self, rate: float, length_s: float) -> float:
        """The share of a slot's requests that is let through: that of all."""
        return self._share
