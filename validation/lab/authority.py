"""A small authoritative server with weighted answers: one draw for each question, as Route 53 does it."""

from __future__ import annotations

import selectors
import socket
import threading
import time
from dataclasses import dataclass
from typing import Self

import dns.flags
import dns.message
import dns.rrset
import numpy as np

BLUE, GREEN = "192.0.2.1", "192.0.2.2"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Question:
    """One question that reached the authority: when (time.monotonic), through which of its doors, for which name."""

    at: float
    door: int
    name: str


class Authority:
    """Answers every A question on `doors` ports of the loopback: one for each resolver, so that it can tell them apart.

    Names are kind-number.example.; `green[kind]` is the chance that an answer is GREEN, and may be changed at any time.
    """

    def __init__(self, doors: int, ttl: int, green: dict[str, float], seed: int) -> None:
        self.ttl, self.green = ttl, dict(green)
        self.log: list[Question] = []
        self._rng = np.random.default_rng(seed)
        self._sockets = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(doors)]
        for door in self._sockets:
            door.bind((LOOPBACK, 0))
            door.setblocking(False)
        self.ports = [int(door.getsockname()[1]) for door in self._sockets]
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._closing.set()
        self._thread.join()
        for door in self._sockets:
            door.close()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            for number, door in enumerate(self._sockets):
                selector.register(door, selectors.EVENT_READ, number)
            while not self._closing.is_set():
                for key, _ in selector.select(timeout=0.1):
                    self._answer(self._sockets[key.data], key.data)

    def _answer(self, door: socket.socket, number: int) -> None:
        wire, sender = door.recvfrom(4096)
        query = dns.message.from_wire(wire)
        name = query.question[0].name.to_text().lower()
        self.log.append(Question(time.monotonic(), number, name))
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.AA
        colour = GREEN if self._rng.random() < self.green[name.partition("-")[0]] else BLUE
        reply.answer.append(dns.rrset.from_text(query.question[0].name, self.ttl, "IN", "A", colour))
        door.sendto(reply.to_wire(), sender)
