"""Where a drill's servers listen: a block 127.A.B.0/24 that no other drill of this machine has.

On Linux all of 127.0.0.0/8 is loopback (RFC 1122, 3.2.1.3: nothing of it leaves the machine), so balancers and machines
have addresses of their own and all of them one port, as in AWS.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from dataclasses import dataclass

from bluegreen.errors import UserError

LOOPBACK = ipaddress.ip_network("127.0.0.0/8")
MARK = 47_001
"""A port of the block's last address that is held as long as the drill lives: the claim on the block."""
FIRST, BLOCKS = 64, 64 * 256
"""Blocks 127.64.0 to 127.127.255: the lower ones are in use by resolvers and containers here and there."""
MOST = 100
"""So many blocks are tried."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """A drill's block and ports. `claim` holds it."""

    block: str
    port: int
    dns_port: int
    claim: socket.socket

    @property
    def api(self) -> str:
        return f"{self.block}.1"

    @property
    def dns(self) -> str:
        return f"{self.block}.2"


def loopback(host: str, what: str) -> str:
    """The same host. Raises UserError when it is none of this machine's own: nothing on the stage goes elsewhere."""
    try:
        inside = ipaddress.ip_address(host) in LOOPBACK
    except ValueError:
        inside = False
    if not inside:
        raise UserError(
            f"{what}: {host} is not a loopback address. A stage never leaves this machine (127.0.0.0/8); to roll out"
            " on AWS itself use `bluegreen deploy`"
        )
    return host


def claim(port: int = 0, dns_port: int = 0) -> Addresses:
    """A free block; ports that are 0 are chosen. Raises UserError when this machine has none, or a port is taken."""
    if sys.platform != "linux":
        raise UserError("the stage needs Linux, where every address 127.x.y.z is loopback; run it in a container")
    for offset in range(MOST):
        number = (os.getpid() * 7919 + offset * 104_729) % BLOCKS
        block = f"127.{FIRST + number // 256}.{number % 256}"
        mark = socket.socket()
        try:
            mark.bind((f"{block}.254", MARK))
        except OSError:
            mark.close()
            continue
        try:
            balancers = _free(f"{block}.10", port, "--port")
            return Addresses(block, balancers, _free_for_dns(f"{block}.2", dns_port), mark)
        except UserError:
            mark.close()
            raise
    raise UserError(f"no free block of addresses in 127.{FIRST}.0.0/10: {MOST} were tried; are other drills running?")


def _free_for_dns(host: str, port: int) -> int:
    """Over UDP and over TCP."""
    for _ in range(MOST):
        found = _free(host, port, "--dns-port", socket.SOCK_DGRAM)
        try:
            return _free(host, found, "--dns-port")
        except UserError:
            if port:
                raise
    raise UserError(f"no port of {host} is free over UDP and TCP: {MOST} were tried; give one by --dns-port")


def _free(host: str, port: int, option: str, kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(type=kind) as probe:
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UserError(
                f"{option} {port}: {host}:{port} cannot be used ({error.strerror}): something listens there, on all"
                f" addresses perhaps. Take another port, or leave {option} out and a free one is chosen"
            ) from error
        return int(probe.getsockname()[1])
