"""What the stage tells of itself as it goes on: samples in the schema of the world's trace, measured instead of worked
out. What cannot be measured (how many users hold a stale answer) is left out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bluegreen.answers import NotAnswerable
from bluegreen.model import Slot
from sim.samples import short
from stage.cloud.balancers import Tally
from stage.cloud.director import Director
from stage.cloud.metrics import quantile
from stage.cloud.records import Zones
from stage.dns import Resolver


class Sampler:
    """Takes a sample of all that happened since the one before."""

    def __init__(self, director: Director, zones: Zones, resolver: Resolver, *, record: str, slow: float) -> None:
        self._director, self._zones, self._resolver = director, zones, resolver
        self._record, self._slow, self._pace = record, slow, director.machines.pace
        self._last = self._pace.seconds()

    def take(self) -> dict[str, Any]:
        """JSON-ready."""
        now = self._pace.seconds()
        seconds, self._last = max(now - self._last, 1e-3), now
        tallies = {slot: _together([gate.take() for gate in self._director.of(slot)]) for slot in Slot}
        requests = {slot: len(tally.answered) + len(tally.refused) for slot, tally in tallies.items()}
        total = sum(requests.values())

        def each(value: Callable[[Slot], float]) -> dict[str, float]:
            return {str(slot): short(value(slot)) for slot in Slot}

        def latency(share: float) -> dict[str, float]:
            times = {slot: sorted(seconds for _, seconds in tally.answered) for slot, tally in tallies.items()}
            return {str(slot): short(quantile(own, share)) for slot, own in times.items() if own}

        return {
            "kind": "sample",
            "at": self._pace.now().isoformat(),
            "seconds": short(seconds),
            "weights": self._weights(),
            "answers": self._answers(),
            "share": each(lambda slot: requests[slot] / total) if total else {},
            "demand": short(total / seconds),
            "requests": each(lambda slot: requests[slot] / seconds),
            "errors": each(lambda slot: _errors(tallies[slot]) / seconds),
            "slow": each(lambda slot: sum(t > self._slow for _, t in tallies[slot].answered) / seconds),
            "latency_p50": latency(0.5),
            "latency_p99": latency(0.99),
            "capacity": each(self._capacity),
            "instances": {str(slot): self._instances(slot) for slot in Slot},
        }

    def _weights(self) -> dict[str, int]:
        zone = self._zones.latest(self._record)
        group = zone.group(self._record) if zone else []
        live = str(self._director.live)
        return {record.get("SetIdentifier", live): record.get("Weight", 1) for record in group}

    def _answers(self) -> dict[str, float]:
        try:
            shares = self._resolver.shares(self._record)
        except NotAnswerable:
            return {}
        found: dict[str, float] = {}
        for endpoint, share in shares.items():
            gate = self._director.by_name(endpoint.values[0].lower().rstrip("."))
            if gate is not None:
                found[str(gate.slot)] = short(found.get(str(gate.slot), 0.0) + share)
        return found

    def _healthy(self, slot: Slot) -> int:
        return sum(gate.counts()[0] for gate in self._director.of(slot))

    def _capacity(self, slot: Slot) -> float:
        machines = self._director.machines
        place, spec = machines.world.places[slot], machines.specs[slot]
        return self._healthy(slot) * spec.capacity * (1 - place.leaked) / place.release.latency_factor

    def _instances(self, slot: Slot) -> dict[str, int]:
        now, machines = self._pace.seconds(), self._director.machines.of(slot)
        in_service = sum(machine.in_service(now) for machine in machines)
        return {
            "desired": self._director.desired.get(slot, 0),
            "in_service": in_service,
            "healthy": self._healthy(slot),
        }


def _together(tallies: list[Tally]) -> Tally:
    return Tally([each for t in tallies for each in t.answered], [each for t in tallies for each in t.refused])


def _errors(tally: Tally) -> int:
    return sum(code >= 500 for code, _ in tally.answered) + len(tally.refused)
