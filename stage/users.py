"""The drill's users: locust in a process of its own, from `loadtests/`, asking the stage's DNS."""

from __future__ import annotations

import importlib.util
import sys
from math import ceil
from typing import TYPE_CHECKING

from bluegreen.errors import UserError
from stage.pace import Pace

if TYPE_CHECKING:
    from bluegreen.plan import Plan
    from sim.scenario import Scenario
    from stage.addresses import Addresses

EACH = 2.0
"""Requests per second of the machine that one locust user makes."""
LEAST = 10
"""Users, so that shares of them can be told."""


def locustfile() -> str:
    """Where it is. Raises UserError when locust or the load tests are missing."""
    if importlib.util.find_spec("locust") is None:
        raise UserError(
            "the users of a drill are locust's, which is not installed: pip install 'bluegreen-rehearsal[stage]';"
            " without it, `bluegreen rehearse` shows the same rollout with simulated users"
        )
    found = importlib.util.find_spec("loadtests.steady")
    if found is None or found.origin is None:
        raise UserError("loadtests/ is missing: run the drill in a checkout, or install the extra `stage`")
    return found.origin


def command(scenario: Scenario, plan: Plan, pace: Pace, addresses: Addresses, *, seed: int, out: str) -> list[str]:
    """Begins upon a word on its standard input, and runs until it is ended."""
    rate, clients = scenario.world.demand.rate * pace.factor, scenario.world.clients
    count = max(LEAST, ceil(rate / EACH))
    said = {
        "--host": f"http://{plan.service.record}:{addresses.port}",
        "--resolver": f"{addresses.dns}:{addresses.dns_port}",
        "--users": count,
        "--run-time": "24h",
        "--pace": rate / count,
        "--seed": seed,
        "--stretching": f"{clients.stretching * 100:g}%",
        "--stretch": f"{max(1, round(pace.real(clients.stretch)))}s",
        "--never": f"{clients.never * 100:g}%",
        "--csv": out,
    }
    options = [str(word) for pair in said.items() for word in pair]
    return [sys.executable, "-m", "locust", "-f", locustfile(), "--headless", "--only-summary", "--upon-word", *options]
