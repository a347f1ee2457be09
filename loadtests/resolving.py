"""Asking a DNS server for a name's addresses, and how long they may be kept. The wire format is dnslib's."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol

from dnslib import QTYPE, RCODE, DNSError, DNSRecord

from bluegreen.errors import UserError

WAIT = 2.0
ATTEMPTS = 3
"""Seconds for an answer, and how often a server is asked (resolv.conf(5) has 5 s and 2)."""
LINKS = 8
"""So many CNAMEs are followed."""
UNTOLD = 60.0
"""Seconds that an answer of the operating system is kept: it tells no TTL (Chromium: kCacheEntryTTLSeconds = 60)."""
HOSTS, NAMESERVERS = Path("/etc/hosts"), Path("/etc/resolv.conf")


@dataclass(frozen=True, slots=True)
class Answer:
    """Addresses in the server's order, and for how many seconds they may be kept."""

    addresses: tuple[str, ...]
    ttl: float


class Resolver(Protocol):
    """Somebody who can be asked."""

    def ask(self, name: str) -> Answer:
        """Raises socket.gaierror when there is no answer, or no address in it."""
        ...


class NameServer:
    """One DNS server, asked over UDP, and over TCP when an answer was cut off."""

    def __init__(self, address: str, port: int = 53) -> None:
        self._address, self._port, self._v6 = address, port, ip_address(address).version == 6

    def ask(self, name: str) -> Answer:
        """IPv4 when there is any. Raises socket.gaierror."""
        return self._followed(name, "A") or self._followed(name, "AAAA") or _nothing(name, "has no address")

    def _followed(self, name: str, kind: str) -> Answer | None:
        """Along CNAMEs, also those whose target the server left for us to ask. The smallest TTL on the way counts."""
        at, ttl = _plain(name), float("inf")
        for _ in range(LINKS):
            asked, reply = at, self._reply(at, kind)
            links = {_plain(each.rname): each for each in reply.rr if QTYPE[each.rtype] == "CNAME"}
            while at in links and len(links) <= LINKS:
                link = links.pop(at)
                at, ttl = _plain(link.rdata.label), min(ttl, link.ttl)
            found = [each for each in reply.rr if QTYPE[each.rtype] == kind and _plain(each.rname) == at]
            if found:
                return Answer(tuple(str(each.rdata) for each in found), min(ttl, *(each.ttl for each in found)))
            if at == asked:
                return None
        return _nothing(name, f"leads over more than {LINKS} CNAMEs")

    def _reply(self, name: str, kind: str) -> DNSRecord:
        question = DNSRecord.question(name, kind)
        for _ in range(ATTEMPTS):
            try:
                reply = self._sent(question)
                if reply.header.tc:
                    reply = self._sent(question, tcp=True)
            except (OSError, DNSError):
                continue  # late, unreachable or no DNS: once more
            if reply.header.id == question.header.id:
                code = RCODE[reply.header.rcode]
                return reply if code == "NOERROR" else _nothing(name, f"has no address: {code}")
        return _nothing(name, f"got no answer from {self._address}:{self._port}", socket.EAI_AGAIN)

    def _sent(self, question: DNSRecord, *, tcp: bool = False) -> DNSRecord:
        return DNSRecord.parse(question.send(self._address, self._port, tcp=tcp, timeout=WAIT, ipv6=self._v6))


class System:
    """The machine's own name servers, with their TTLs. What its hosts file names, and what they do not know, is asked
    of the operating system, and kept for `UNTOLD`."""

    def __init__(self) -> None:
        self._servers = [NameServer(address) for address in _words(NAMESERVERS, "nameserver")]

    def ask(self, name: str) -> Answer:
        """Raises socket.gaierror."""
        for server in () if _plain(name) in _hosts() else self._servers:
            try:
                return server.ask(name)
            except socket.gaierror:
                continue
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
        return Answer(tuple(dict.fromkeys(str(each[4][0]) for each in found)), UNTOLD)


def resolver_of(text: str) -> Resolver:
    """`127.0.0.1:5353`, `10.0.0.2`, `[::1]:5353`; nothing: the system's. Raises UserError."""
    if not text:
        return System()
    with_port = text.count(":") == 1 or "]:" in text
    address, port = text.rsplit(":", 1) if with_port else (text, "53")
    try:
        ip_address(address.strip("[]"))
        if not 0 < int(port) < 65536:
            raise ValueError
    except ValueError:
        raise UserError(f"--resolver {text}: write an address, like 10.0.0.2, or with a port 127.0.0.1:5353") from None
    return NameServer(address.strip("[]"), int(port))


def _plain(label: object) -> str:
    return str(label).rstrip(".").lower()


def _nothing(name: str, why: str, code: int = socket.EAI_NONAME) -> Answer:
    raise socket.gaierror(code, f"{name} {why}")


def _hosts() -> set[str]:
    lines = _lines(HOSTS)
    return {_plain(name) for line in lines for name in line.split()[1:]} | {"localhost"}


def _words(path: Path, keyword: str) -> Iterator[str]:
    for line in _lines(path):
        if line.split()[:1] == [keyword] and "%" not in line:
            yield from line.split()[1:2]


def _lines(path: Path) -> list[str]:
    try:
        return [line.partition("#")[0] for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    except OSError:
        return []
