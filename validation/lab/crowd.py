"""Many users who ask resolvers for names, each cache at a Poisson rate."""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import dns.message
import dns.rdatatype
import numpy as np

from validation.lab.authority import GREEN, LOOPBACK

Cache = tuple[int, str]
"""A name in one resolver: that is one cache of the model."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question of a user, in seconds since the beginning; `green`: what the answer named, None: none came."""

    at: float
    cache: Cache
    green: bool | None


@dataclass(slots=True)
class Crowd:
    """Asks the resolvers on `ports`; `rates[name]` are questions per second to each of them for that name."""

    ports: Sequence[int]
    rates: Mapping[str, float]
    seed: int
    spread: float = 0.0
    """Seconds over which the caches begin to be asked."""
    asked: list[Ask] = field(default_factory=list)

    def ask(self, seconds: float, every_moment: Callable[[float], None]) -> float:
        """Ask for so long. `every_moment(elapsed)` is called often. Gives the beginning (time.monotonic)."""
        times, caches = self._schedule(seconds)
        waiting: dict[tuple[int, int], tuple[float, Cache]] = {}
        sockets = [_connected(port) for port in self.ports]
        begin = time.monotonic()
        at = 0
        with selectors.DefaultSelector() as selector:
            for number, one in enumerate(sockets):
                selector.register(one, selectors.EVENT_READ, number)
            while at < len(times) or (waiting and time.monotonic() - begin < seconds + 1):
                elapsed = time.monotonic() - begin
                every_moment(elapsed)
                while at < len(times) and times[at] <= elapsed:
                    self._send(sockets, caches[at], at & 0xFFFF, waiting, begin)
                    at += 1
                pause = times[at] - elapsed if at < len(times) else 0.05
                for key, _ in selector.select(timeout=min(max(pause, 0.0), 0.01)):
                    self._receive(sockets[key.data], key.data, waiting)
        for one in sockets:
            one.close()
        self.asked += [Ask(sent, cache, None) for sent, cache in waiting.values()]
        return begin

    def _schedule(self, seconds: float) -> tuple[list[float], list[Cache]]:
        rng = np.random.default_rng(self.seed)
        all_times: list[tuple[float, Cache]] = []
        for number in range(len(self.ports)):
            for name, rate in self.rates.items():
                first = rng.uniform(0, self.spread)  # together they would expire in step
                count = rng.poisson(rate * (seconds - first))
                all_times += [(float(at), (number, name)) for at in rng.uniform(first, seconds, count)]
        all_times.sort()
        return [at for at, _ in all_times], [cache for _, cache in all_times]

    def _send(
        self,
        sockets: Sequence[socket.socket],
        cache: Cache,
        number: int,
        waiting: dict[tuple[int, int], tuple[float, Cache]],
        begin: float,
    ) -> None:
        query = dns.message.make_query(cache[1], dns.rdatatype.A, id=number)
        waiting[cache[0], number] = (time.monotonic() - begin, cache)
        sockets[cache[0]].send(query.to_wire())

    def _receive(self, one: socket.socket, resolver: int, waiting: dict[tuple[int, int], tuple[float, Cache]]) -> None:
        reply = dns.message.from_wire(one.recv(4096))
        sent, cache = waiting.pop((resolver, reply.id))
        named = [item.to_text() for rrset in reply.answer for item in rrset]
        self.asked.append(Ask(sent, cache, named == [GREEN] if named else None))


def _connected(port: int) -> socket.socket:
    one = socket.socket(type=socket.SOCK_DGRAM)
    one.connect((LOOPBACK, port))
    one.setblocking(False)
    return one
