"""Virtual time for everything that asks the process for the time: moto's timestamps and the signing of requests.

A time_machine traveller whose clock reads the SimPy environment, so time costs nothing per tick. `monotonic`,
`perf_counter` and `sleep` stay real. Never travel while talking to AWS: it refuses a skew of five minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import time_machine
from simpy import Environment

from sim.clock import EPOCH, now_ms

EPOCH_NS = int(EPOCH.timestamp()) * 1_000_000_000


class EnvTraveller(time_machine.Traveller):
    """Reads the time from a SimPy environment that counts milliseconds from EPOCH."""

    def __init__(self, env: Environment) -> None:
        super().__init__(EPOCH_NS, None, False)
        self.env = env

    def time_ns(self) -> int:
        return EPOCH_NS + now_ms(self.env) * 1_000_000


@contextmanager
def travelling(env: Environment) -> Iterator[None]:
    """Inside, the process lives in the environment's time."""
    travel = time_machine.travel(EPOCH, tick=False)
    travel.start()
    # The stack is not documented: time_machine is pinned, and a test watches over it.
    time_machine.traveller_stack[-1] = EnvTraveller(env)
    try:
        yield
    finally:
        travel.stop()
