"""A machine of a fleet: an HTTP server with a capacity and a version.

    python -m stage.instance CONFIG

CONFIG is JSON: host, port, boot (seconds until it answers), workers, service (mean seconds of a request), queue (the
longest wait, seconds), `exponential` and `uniform` (draws that are gone through in a circle: chance comes from the
drill's seed), and what it says of itself. Lines of JSON on standard input change how its version behaves: error_rate,
latency_factor, lost (share of its workers that a leak has taken). The end of standard input is its end. A line on
standard output says that it answers.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from itertools import cycle
from typing import Any

from stage.wire import LONGEST, Malformed, answer, receive

HEALTH = "/health"


class Machine:
    """What is asked of it, and how it behaves."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.error_rate, self.latency_factor, self.lost = 0.0, 1.0, 0.0
        self._services, self._chances = cycle(config["exponential"]), cycle(config["uniform"])
        self._busy = 0
        self._free = asyncio.Condition()
        self._said = json.dumps(config["says"]).encode() + b"\n"

    @property
    def workers(self) -> float:
        """A leak takes parts of workers: what is left of the last one works more slowly."""
        return max(float(self.config["workers"]) * (1 - self.lost), 0.05)

    def change(self, behaviour: dict[str, float]) -> None:
        self.error_rate = behaviour.get("error_rate", self.error_rate)
        self.latency_factor = behaviour.get("latency_factor", self.latency_factor)
        self.lost = behaviour.get("lost", self.lost)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with suppress(ConnectionError, asyncio.CancelledError):
            try:
                while (request := await receive(reader)) is not None:
                    writer.write(await self._answer(request.path))
                    await writer.drain()
                    if request.close:
                        break
            except Malformed as wrong:
                writer.write(answer(400, str(wrong).encode(), close=True))
            finally:
                writer.close()

    async def _answer(self, path: str) -> bytes:
        if path == HEALTH:
            return answer(200, b"well\n")
        try:
            await asyncio.wait_for(self._take(), self.config["queue"])
        except TimeoutError:
            return answer(503, b"too many\n")
        try:
            slowed = max(1.0, 1 / self.workers) * self.latency_factor
            await asyncio.sleep(self.config["service"] * next(self._services) * slowed)
        finally:
            await self._give()
        failed = next(self._chances) < self.error_rate
        return answer(500, b"broken\n") if failed else answer(200, self._said, "application/json")

    async def _take(self) -> None:
        async with self._free:
            await self._free.wait_for(lambda: self._busy < max(1, int(self.workers)))
            self._busy += 1

    async def _give(self) -> None:
        async with self._free:
            self._busy -= 1
            self._free.notify()


async def lines() -> asyncio.StreamReader:
    """Standard input."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    return reader


async def run(config: dict[str, Any]) -> None:
    machine, told = Machine(config), await lines()
    boot = asyncio.create_task(_boot(machine))
    async for line in told:
        machine.change(json.loads(line))
    boot.cancel()


async def _boot(machine: Machine) -> None:
    config = machine.config
    await asyncio.sleep(config["boot"])
    server = await asyncio.start_server(machine.serve, config["host"], config["port"], limit=LONGEST)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(run(json.loads(sys.argv[1])))
