"""Real caching resolvers, as Debian packages them, run as an ordinary user on high ports of the loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import dns.exception
import dns.message
import dns.query

from validation.lab.authority import LOOPBACK


@dataclass(frozen=True, slots=True)
class Program:
    """A resolver program. `command(folder, port, upstream)`: how it is started in the foreground."""

    name: str
    package: str
    """Of Debian."""
    command: Callable[[Path, int, int], Sequence[str]]
    extra: int
    """It counts whole seconds: an answer lives for TTL + extra seconds, less the part of a second in which it came."""

    @property
    def path(self) -> str | None:
        """Where it is installed; None: it is not."""
        return shutil.which(self.name, path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")


def _unbound(folder: Path, port: int, upstream: int) -> Sequence[str]:
    file = folder / f"{port}.conf"
    file.write_text(
        f"""
        server:
            interface: {LOOPBACK}@{port}
            access-control: 127.0.0.0/8 allow
            do-not-query-localhost: no
            module-config: "iterator"
            chroot: ""
            username: ""
            pidfile: ""
            directory: "{folder}"
            use-syslog: no
            verbosity: 0
            do-daemonize: no
            num-threads: 1
            outgoing-range: 256
            prefetch: no
            serve-expired: no
        remote-control:
            control-enable: no
        forward-zone:
            name: "."
            forward-addr: {LOOPBACK}@{upstream}
        """
    )
    return ("-d", "-c", str(file))


def _dnsmasq(folder: Path, port: int, upstream: int) -> Sequence[str]:
    return (
        "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces",
        f"--listen-address={LOOPBACK}", f"--port={port}", f"--server={LOOPBACK}#{upstream}", "--cache-size=10000",
        f"--pid-file={folder / str(port)}.pid", "--user=", "--log-facility=-",
    )  # fmt: skip


UNBOUND = Program("unbound", "unbound", _unbound, extra=1)
DNSMASQ = Program("dnsmasq", "dnsmasq-base", _dnsmasq, extra=0)
PROGRAMS = (UNBOUND, DNSMASQ)


@contextmanager
def running(program: Program, upstreams: Sequence[int]) -> Iterator[list[int]]:
    """One process for each upstream port, until the end of the block; gives the ports on which they answer."""
    assert program.path, f"{program.name} is not installed"
    with TemporaryDirectory() as folder, ExitStack() as stack:
        ports = [_free_port() for _ in upstreams]
        for port, upstream in zip(ports, upstreams, strict=True):
            command = [program.path, *program.command(Path(folder), port, upstream)]
            process = stack.enter_context(
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
            )
            stack.callback(process.terminate)
        for port in ports:
            _wait_for(port)
        yield ports


def _free_port() -> int:
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, seconds: float = 10) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            dns.query.udp(dns.message.make_query("ready-0.example.", "A"), LOOPBACK, timeout=0.3, port=port)
            return
        except (dns.exception.Timeout, OSError):
            time.sleep(0.05)
    raise TimeoutError(f"no resolver answers on port {port} after {seconds:g} s")
