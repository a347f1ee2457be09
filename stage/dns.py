"""The stage's DNS server, over UDP and TCP: Route 53's rules over the records that its servers know by now.

Each answer is drawn by the shares that `bluegreen.answers` works out (weights, health, failover, aliases). Names of
balancers are answered with their loopback addresses. A TTL is the record's, as long as the stage's time is fast, and at
least 1 s of the machine, the shortest that DNS can say. All other names are refused: nothing is asked elsewhere.
"""

from __future__ import annotations

import threading
from bisect import bisect
from collections.abc import Callable
from ipaddress import ip_address
from itertools import accumulate
from typing import Any

from dnslib import CNAME, QTYPE, RCODE, RR, A, DNSRecord
from dnslib.server import BaseResolver, DNSLogger, DNSServer, UDPServer

from bluegreen.answers import Answers, Endpoint, NotAnswerable, normal
from bluegreen.answers.tree import ELB_TTL
from bluegreen.errors import UserError
from stage.addresses import LOOPBACK

Balancers = Callable[[str], tuple[str, bool] | None]
"""A balancer's address, and whether Route 53 takes it for healthy; None: there is no such balancer."""
Zone = Any
"""As `stage.cloud.records` has it: a name and records."""


class Resolver(BaseResolver):  # type: ignore[misc]
    """Answers one question at a time. `known`: the zone of a name as DNS servers know it. `draw`: a number from 0 to 1.
    `real`: how many seconds of the machine a TTL lasts."""

    def __init__(
        self,
        known: Callable[[str], Zone],
        balancers: Balancers,
        draw: Callable[[], float],
        real: Callable[[float], float],
    ) -> None:
        self._known, self._balancers, self._draw, self._real = known, balancers, draw, real
        self._compiled: tuple[Zone | None, dict[tuple[str, str], Answers]] = (None, {})
        self._lock = threading.Lock()

    def resolve(self, request: DNSRecord, handler: Any) -> DNSRecord:
        reply, name = request.reply(), normal(str(request.q.qname))
        kind = QTYPE.get(request.q.qtype)
        with self._lock:
            if not self._by_balancer(reply, name, kind) and not self._by_records(reply, name, kind):
                reply.header.rcode = RCODE.REFUSED
        return reply

    def shares(self, name: str) -> dict[Endpoint, float]:
        """Who gets which share of the answers now. Raises NotAnswerable."""
        with self._lock:
            return dict(self._answers(name, "A").shares(targets=self._healthy))

    def _by_balancer(self, reply: DNSRecord, name: str, kind: str) -> bool:
        """Whether it is a balancer's name."""
        found = self._balancers(name)
        if found is not None and kind == "A":
            reply.add_answer(RR(name, QTYPE.A, rdata=A(found[0]), ttl=self._ttl(ELB_TTL)))
        return found is not None

    def _by_records(self, reply: DNSRecord, name: str, kind: str) -> bool:
        """Whether the name lies in a zone of ours."""
        zone = self._known(name)
        if zone is None:
            return False
        try:
            shares = self._answers(name, kind).shares(targets=self._healthy)
        except NotAnswerable:
            reply.header.rcode = RCODE.NXDOMAIN if not zone.group(name) else RCODE.NOERROR
            return True
        chosen = list(shares)[bisect(list(accumulate(shares.values())), self._draw() * sum(shares.values()))]
        self._answer(reply, name, kind, chosen)
        return True

    def _answer(self, reply: DNSRecord, name: str, kind: str, chosen: Endpoint) -> None:
        ttl = self._ttl(chosen.ttl or ELB_TTL)
        if chosen.alias:
            found = self._balancers(chosen.values[0])
            if found is not None:
                reply.add_answer(RR(name, QTYPE.A, rdata=A(found[0]), ttl=ttl))
        elif chosen.kind == "CNAME":
            target = normal(chosen.values[0])
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(target), ttl=ttl))
            self._by_balancer(reply, target, kind)
        elif chosen.kind == "A" == kind:
            for value in filter(_is_here, chosen.values):
                reply.add_answer(RR(name, QTYPE.A, rdata=A(value), ttl=ttl))

    def _answers(self, name: str, kind: str) -> Answers:
        zone: Zone = self._known(name)
        if zone is None:
            raise NotAnswerable(f"no zone holds {name}")
        if zone is not self._compiled[0]:
            self._compiled = (zone, {})
        kept = self._compiled[1]
        if (name, kind) not in kept:
            kept[name, kind] = Answers(zone.records.values(), name, kind)
        return kept[name, kind]

    def _healthy(self, name: str) -> bool:
        found = self._balancers(normal(name))
        return found is not None and found[1]

    def _ttl(self, seconds: int) -> int:
        return max(1, round(self._real(seconds)))


def _is_here(address: str) -> bool:
    """A record that somebody pointed at the world outside has no answer here."""
    return ip_address(address) in LOOPBACK


class _Udp(UDPServer):  # type: ignore[misc]
    """One thread answers all: a thread for each question costs more than its answer."""

    def process_request(self, request: Any, client_address: Any) -> None:
        self.finish_request(request, client_address)
        self.shutdown_request(request)


def serve(resolver: Resolver, host: str, port: int) -> tuple[DNSServer, DNSServer]:
    """Served on threads; the caller stops both. Raises UserError when the port is taken."""
    quiet = DNSLogger(log="-recv,-send,-request,-reply,-truncated,-error,-data", logf=lambda _: None)
    try:
        udp = DNSServer(resolver, host, port, logger=quiet, server=_Udp)
        tcp = DNSServer(resolver, host, port, tcp=True, logger=quiet)
    except OSError as error:
        raise UserError(f"--dns-port {port}: {host}:{port} cannot be used: {error.strerror}") from error
    udp.start_thread()
    tcp.start_thread()
    return udp, tcp
