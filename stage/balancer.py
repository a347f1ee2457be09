"""A slot's balancer: a proxy on an address of its own, with health checks, as an application balancer does it.

    python -m stage.balancer CONFIG

CONFIG is JSON: host, port, idle (seconds until a request that a target leaves waiting is answered 504) and `check`
(path, every, timeout, passes, fails; times in seconds). Lines of JSON on standard input say `targets`: id -> [host,
port]. Lines of JSON on standard output say what came of requests and of health checks.

502 when a target breaks off, 503 without a target, 504 when it takes too long; without any healthy target all of them
get requests (fail open). A target that is taken out gets no new request and finishes those it has. (Elastic Load
Balancing User Guides: troubleshoot your Application Load Balancers; target group health; deregistration delay.)
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import suppress
from typing import Any

from stage.instance import lines
from stage.wire import LONGEST, Malformed, Message, answer, receive

TELL = 0.2
"""Seconds between two lines about requests."""

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Target:
    """One machine behind the balancer, and the connections to it that are free."""

    def __init__(self, name: str, place: tuple[str, int]) -> None:
        self.name, self.place = name, place
        self.state, self.good, self.bad = "initial", 0, 0  # good and bad checks in a row
        self.busy, self.leaving = 0, False
        self.idle: list[Connection] = []

    async def ask(self, raw: bytes) -> Message:
        """Raises ConnectionError, OSError, Malformed. A connection that had been left idle may be dead: then anew."""
        while True:
            kept = self.idle.pop() if self.idle else None
            reader, writer = kept or await asyncio.open_connection(*self.place, limit=LONGEST)
            said = None
            try:
                writer.write(raw)
                await writer.drain()
                said = await receive(reader)
                if said is None:
                    raise ConnectionResetError("no answer")
            except (ConnectionError, Malformed):
                if kept is None:
                    raise
            finally:  # also when who waits for the answer gives up
                if said is None:
                    writer.close()
            if said is not None:
                self._keep(said, reader, writer)
                return said

    def _keep(self, said: Message, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if said.close or self.leaving:
            writer.close()
        else:
            self.idle.append((reader, writer))

    def close(self) -> None:
        self.leaving = True
        while self.idle:
            self.idle.pop()[1].close()


class Balancer:
    """All targets, and who is next."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config, self.check = config, config["check"]
        self.targets: dict[str, Target] = {}
        self._checks: dict[str, asyncio.Task[None]] = {}
        self._next = 0
        self._answered: list[tuple[int, float]] = []  # what targets answered, and in how many seconds
        self._refused: list[int] = []  # what the balancer answered itself

    # -- requests ---------------------------------------------------------------------------------------------------

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of a user."""
        with suppress(ConnectionError, asyncio.CancelledError):
            try:
                while (request := await receive(reader)) is not None:
                    writer.write(await self._forward(request))
                    await writer.drain()
                    if request.close:
                        break
            except Malformed as wrong:
                writer.write(answer(400, str(wrong).encode(), close=True))
            finally:
                writer.close()

    async def _forward(self, request: Message) -> bytes:
        target = self._choose()
        if target is None:
            return self._refuse(503)
        began = asyncio.get_running_loop().time()
        target.busy += 1
        try:
            said = await asyncio.wait_for(target.ask(request.raw), self.config["idle"])
            self._answered.append((said.code, round(asyncio.get_running_loop().time() - began, 5)))
            return said.raw
        except TimeoutError:
            return self._refuse(504)
        except (OSError, Malformed):
            return self._refuse(502)
        finally:
            target.busy -= 1

    def _refuse(self, code: int) -> bytes:
        self._refused.append(code)
        return answer(code)

    def _choose(self) -> Target | None:
        """Round robin over the healthy ones, or over all."""
        every = [target for target in self.targets.values() if not target.leaving]
        able = [target for target in every if target.state == "healthy"] or every
        if not able:
            return None
        self._next += 1
        return able[self._next % len(able)]

    # -- targets ----------------------------------------------------------------------------------------------------

    def change(self, wanted: dict[str, list[Any]]) -> None:
        """From now on these are the targets."""
        for name, place in wanted.items():
            if name not in self.targets:
                target = self.targets[name] = Target(name, (place[0], place[1]))
                self._checks[name] = asyncio.create_task(self._watch(target))
        for name in [name for name in self.targets if name not in wanted and not self.targets[name].leaving]:
            self.targets[name].close()
            self._checks.pop(name).cancel()
            asyncio.get_running_loop().create_task(self._let_go(self.targets[name]))

    async def _let_go(self, target: Target) -> None:
        while target.busy:
            await asyncio.sleep(0.02)
        self.targets.pop(target.name, None)
        say(drained=target.name)

    async def _watch(self, target: Target) -> None:
        """Health checks: a new target needs one good one, a healthy one `fails` bad ones in a row, a bad one
        `passes` good ones."""
        while True:
            well = await self._is_well(target)
            target.good, target.bad = (target.good + 1, 0) if well else (0, target.bad + 1)
            enough = 1 if target.state == "initial" else self.check["passes"]
            state = "healthy" if target.good >= enough else "unhealthy" if target.bad >= self.check["fails"] else ""
            if state and state != target.state:
                target.state = state
                say(health=target.name, state=state)
            await asyncio.sleep(self.check["every"])

    async def _is_well(self, target: Target) -> bool:
        request = f"GET {self.check['path']} HTTP/1.1\r\nHost: health\r\nConnection: close\r\n\r\n".encode()
        try:
            probe = Target(target.name, target.place)
            return (await asyncio.wait_for(probe.ask(request), self.check["timeout"])).code == 200
        except (OSError, TimeoutError, Malformed):
            return False

    async def tell(self) -> None:
        """What came of requests, again and again."""
        while True:
            await asyncio.sleep(TELL)
            if self._answered or self._refused:
                say(answered=self._answered, refused=self._refused)
                self._answered, self._refused = [], []


def say(**content: Any) -> None:
    """One line on standard output."""
    sys.stdout.write(json.dumps(content, separators=(",", ":")) + "\n")
    sys.stdout.flush()


async def run(config: dict[str, Any]) -> None:
    balancer, told = Balancer(config), await lines()
    server = await asyncio.start_server(balancer.serve, config["host"], config["port"], limit=LONGEST, backlog=1024)
    telling = asyncio.create_task(balancer.tell())
    say(listening=True)
    async with server:
        async for line in told:
            balancer.change(json.loads(line)["targets"])
    telling.cancel()


if __name__ == "__main__":
    asyncio.run(run(json.loads(sys.argv[1])))
