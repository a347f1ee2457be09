"""Balancers: a process each, for every application balancer that moto has, and what they tell."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bluegreen.model import Slot
from sim.balancer import BalancerSpec
from sim.fleets.spec import FleetSpec
from stage.cloud.metrics import Metric, Store
from stage.knobs import StageWorld
from stage.pace import Pace
from stage.processes import Child

NAMESPACE = "AWS/ApplicationELB"


@dataclass(slots=True)
class Tally:
    """What came of requests since somebody asked."""

    answered: list[tuple[int, float]] = field(default_factory=list)
    """Code, and seconds of the stage."""
    refused: list[int] = field(default_factory=list)


class Gate:
    """One balancer: its process, its targets' health, and its metrics. Lines of its process come on a thread."""

    def __init__(self, name: str, slot: Slot, arn: str, *, host: str, active: float, parts: Parts) -> None:
        self.name, self.slot, self.arn, self.host = name, slot, arn, host
        self._active, self._parts = active, parts
        self.groups: tuple[str, ...] = ()
        self.states: dict[str, str] = {}
        self.drained: set[str] = set()
        self._targets: dict[str, list[Any]] = {}
        self._listening = threading.Event()
        self._tally = Tally()
        command = [sys.executable, "-m", "stage.balancer", json.dumps(parts.config(slot, host))]
        self.child = Child(f"balancer {name}", command, parts.home / "balancers.log", listen=self._hear)

    @property
    def active(self) -> bool:
        return self._listening.is_set() and self._parts.pace.seconds() >= self._active

    def serve(self, targets: Mapping[str, list[Any]]) -> None:
        """From now on these machines are behind it: id -> [host, port]."""
        if targets != self._targets:
            self._targets = dict(targets)
            self.states = {name: state for name, state in self.states.items() if name in targets}
            self.drained -= set(targets)
            self.child.tell(targets=self._targets)

    def counts(self) -> tuple[int, int]:
        """Healthy and registered targets."""
        return sum(self.states.get(name) == "healthy" for name in self._targets), len(self._targets)

    def take(self) -> Tally:
        """What came of requests since the last time."""
        taken, self._tally = self._tally, Tally()
        return taken

    def publish_hosts(self) -> None:
        """HealthyHostCount and UnHealthyHostCount, of each target group."""
        healthy, registered = self.counts()
        for dimensions in self.dimensions[1:]:
            self._put("HealthyHostCount", dimensions, healthy)
            self._put("UnHealthyHostCount", dimensions, registered - healthy)

    def _hear(self, line: str) -> None:
        said = json.loads(line)
        if "listening" in said:
            self._listening.set()
        elif "health" in said:
            self.states[said["health"]] = said["state"]
        elif "drained" in said:
            self.drained.add(said["drained"])
        else:
            self._count(said["answered"], said["refused"])

    def _count(self, answered: list[tuple[int, float]], refused: list[int]) -> None:
        factor = self._parts.pace.factor
        times = [(code, seconds * factor) for code, seconds in answered]
        self._tally.answered += times
        self._tally.refused += refused
        chosen = len(answered) + sum(code != 503 for code in refused)
        codes = Counter(f"HTTPCode_Target_{code // 100}XX_Count" for code, _ in answered)
        own = Counter([f"HTTPCode_ELB_{code}_Count" for code in refused] + ["HTTPCode_ELB_5XX_Count"] * len(refused))
        for dimensions in self.dimensions:
            for name, count in {"RequestCount": chosen, **codes, **own}.items():
                self._put(name, dimensions, 1.0, count)
            for _, seconds in times:
                self._put("TargetResponseTime", dimensions, seconds)

    def _put(self, name: str, dimensions: frozenset[tuple[str, str]], value: float, count: int = 1) -> None:
        if count and self.slot not in self._parts.world.metrics.gap:
            self._parts.store.put(Metric(NAMESPACE, name, dimensions), value, count=count)

    @property
    def dimensions(self) -> list[frozenset[tuple[str, str]]]:
        own = ("LoadBalancer", self.arn.partition(":loadbalancer/")[2])
        groups = [frozenset({own, ("TargetGroup", arn.rpartition(":")[2])}) for arn in self.groups]
        return [frozenset({own}), *groups]


@dataclass(frozen=True, slots=True)
class Parts:
    """What every balancer is made with."""

    pace: Pace
    world: StageWorld
    store: Store
    spec: BalancerSpec
    fleets: Mapping[Slot, FleetSpec]
    port: int
    home: Path

    def config(self, slot: Slot, host: str) -> dict[str, Any]:
        fleet, real = self.fleets[slot], self.pace.real
        check = {
            "path": "/health",
            "every": real(fleet.check_every),
            "timeout": max(1.0, real(fleet.check_timeout)),
            "passes": fleet.passes,
            "fails": fleet.fails,
        }
        return {"host": host, "port": self.port, "idle": max(1.0, real(self.spec.idle_timeout)), "check": check}
