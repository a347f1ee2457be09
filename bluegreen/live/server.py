"""The live page on an address, in a thread beside the engine: what happens there never reaches the rollout."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Self

import uvicorn

from bluegreen.clock import stopwatch, ticks
from bluegreen.errors import UserError
from bluegreen.live.board import Board
from bluegreen.live.site import Site

PATIENCE = timedelta(seconds=5)
"""How long starting may take, and how long viewers have to take in the end."""
LOOK = timedelta(seconds=0.05)
IDLE = 4.0
"""Making the page takes at most one part in so many, and one, of the time."""
LEFT = "This page is not served any more."


class Server:
    """While it is entered, the page is there. `address`: where, as (host, port); port 0 is any that is free."""

    def __init__(self, board: Board, address: tuple[str, int], *, service: str, who: str) -> None:
        """Raises UserError when the address cannot be had."""
        self.board, self.site = board, Site(board, service, who)
        self._socket = _bound(*address)
        config = uvicorn.Config(
            self.site.app(),
            log_level="critical",
            access_log=False,  # it would show the token
            ws="none",
            server_header=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._closing = threading.Event()
        self._threads = [
            threading.Thread(target=self._server.run, args=([self._socket],), daemon=True),
            threading.Thread(target=self._keep_fresh, daemon=True),
        ]

    @property
    def url(self) -> str:
        """The link, with the token."""
        host, port = self._socket.getsockname()[:2]
        name = socket.gethostname() if ipaddress.ip_address(host).is_unspecified else host
        return f"http://{f'[{name}]' if ':' in name else name}:{port}/?token={self.site.token}"

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        _until(lambda: self._server.started)
        return self

    def __exit__(self, *_: object) -> None:
        if not self.board.over:
            self.end(LEFT)
        self._closing.set()
        self._server.should_exit = True
        for thread in self._threads:
            thread.join(PATIENCE.total_seconds())
        self._socket.close()

    def end(self, words: str, lines: Iterable[str] | None = None) -> None:
        """Show the last state, and wait until those who watch have it. `lines`: the finished trace."""
        self.board.end(words, lines)
        _until(lambda: not self.site.viewers)

    def _keep_fresh(self) -> None:
        """As long as somebody watches."""
        pause = timedelta(0)
        while not self._closing.wait(max(pause, LOOK).total_seconds()):
            if self.site.viewers:
                watch = stopwatch()
                self.board.refresh()
                pause = max(self.board.followed.source.every, IDLE * watch())
            else:
                pause = LOOK


def parse_address(text: str) -> tuple[str, int]:
    """`127.0.0.1`, `0.0.0.0:8080`, `[::1]:8080`, `:8080`. Raises UserError."""
    host, port = text, "0"
    if text.startswith("[") or text.count(":") == 1:
        host, _, port = text.rpartition(":") if not text.endswith("]") else (text, "", "0")
    host = host.strip("[]") or "127.0.0.1"
    if not port.isdecimal() or int(port) > 65535:
        raise UserError(f"--bind {text}: the port is a number up to 65535; write it like 127.0.0.1:8080")
    return host, int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UserError(
            f"the live page cannot be served on {host} port {port}: {error.strerror or error}; choose another place"
            " with --bind ADDRESS:PORT, or leave the port out to get one that is free"
        ) from error


def _until(happened: Callable[[], bool]) -> None:
    """Wait, but not for long."""
    watch = stopwatch()
    for _ in ticks(LOOK):
        if happened() or watch() > PATIENCE:
            return
